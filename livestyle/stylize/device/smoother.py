"""DeviceSmoother: the smoother in PyTorch.

It does what ``smoother.Smoother`` does, with the same constants, but never asks the device for an answer: a
cut is a factor of zero, not a branch. So the whole way of a frame can be recorded once and replayed.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from livestyle.stylize.canvas import MIDDLE, coarse_size
from livestyle.stylize.device.motion import (
    DeviceMotion,
    find_residual,
    find_rest,
    is_again,
    measure_change,
    measure_grain,
    measure_motion,
    shrink,
)
from livestyle.stylize.device.sampling import resize, sample_moved
from livestyle.stylize.motion import CREEPING, DRIFT_SECONDS, STILL
from livestyle.stylize.noise import DOUBT, RESTING
from livestyle.stylize.smoother import CONTENT_SECONDS, PAINTING_SECONDS, USUAL_SECONDS, Past, kept

NUMBERS = 5
"""That ``DeviceSmoother.plan`` tells ``prepare`` and ``smooth``."""

AREA_KEPT = 2
"""There is room for the past of so many times the largest picture: as much as the governor's four sizes."""


@dataclass(frozen=True)
class State:
    """What is remembered, as in ``smoother.Past``: float32, (1, 3, …, …), changed in place.

    Attributes:
        rest: (1, 1, h, w).
        residual: (1, 3, h / 5, w / 5).
        drift: (1, 2, h / 5, w / 5).
        noise, grain: (1,).
    """

    content: Tensor
    small: Tensor
    seen: Tensor
    rest: Tensor
    residual: Tensor
    drift: Tensor
    noise: Tensor
    grain: Tensor
    painting: Tensor
    painted: Tensor

    def tensors(self) -> list[Tensor]:
        """Return all of it."""
        return [getattr(self, item.name) for item in fields(self)]


class DeviceSmoother:
    """Steadies one clip or camera, frame by frame, on *device*: ``plan``, ``prepare``, paint, ``smooth``."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._states: dict[tuple[int, int], State] = {}
        self._changing = threading.Lock()
        self._size: tuple[int, int] | None = None
        self._last: State | None = None

    def reset(self) -> None:
        """Forget the past: what follows is a new clip."""
        self._size = None

    def room(self, height: int, width: int) -> State:
        """Return where the past of pictures of that size is; the same again while few others are used.

        From any thread.
        """
        with self._changing:
            state = self._states.pop((height, width), None)
            while self._states and crowded([*self._states, (height, width)]):
                del self._states[next(iter(self._states))]
            self._states[height, width] = state or make_state(height, width, self.device)
            return self._states[height, width]

    def plan(
        self, height: int, width: int, elapsed_seconds: float, stability: float
    ) -> tuple[State, list[float]]:
        """Return where the past of pictures of that size is, and what ``prepare`` and ``smooth`` are to do.

        Args:
            height, width: another size than before starts a new clip.
            elapsed_seconds: since the last frame; 0 when unknown.
            stability: in [0, 1]; 0 forgets the past.

        Returns:
            The state, and ``NUMBERS``: how much of the picture is new at rest, how much of the painting is
            kept, pixels up to which nothing moves, how much of the drift is new, and whether there is a past.
        """
        state = self.room(height, width)
        known = self._size == (height, width) and state is self._last and stability > 0
        self._size, self._last = ((height, width) if stability > 0 else None), state
        elapsed = elapsed_seconds if elapsed_seconds > 0 else USUAL_SECONDS
        steady = max(stability, 1e-6)
        fresh = 1 - kept(elapsed, CONTENT_SECONDS * steady)
        keep = kept(elapsed, PAINTING_SECONDS * steady)
        drifting = 1 - kept(elapsed, DRIFT_SECONDS)
        return state, [fresh, keep, min(STILL, CREEPING * elapsed), drifting, float(known)]

    @property
    def past(self) -> Past | None:
        """What is remembered, on the host; None at the start of a clip. May be set to go on from there."""
        if self._size is None:
            return None
        state = self.room(*self._size)
        content, small, seen, rest, residual, drift, painting, painted = (
            tensor[0].permute(1, 2, 0).cpu().numpy().copy()
            for tensor in (
                state.content,
                state.small,
                state.seen,
                state.rest,
                state.residual,
                state.drift,
                state.painting,
                state.painted,
            )
        )
        return Past(
            content,
            small.astype("uint8"),
            seen.astype("uint8"),
            rest[:, :, 0],
            residual,
            drift,
            float(state.noise),
            float(state.grain),
            painting,
            painted.astype("uint8"),
        )

    @past.setter
    def past(self, past: Past | None) -> None:
        if past is None or past.painting is None:
            self._size = None
            return
        self._size = past.content.shape[0], past.content.shape[1]
        state = self._last = self.room(*self._size)
        for item in fields(State):
            value = torch.as_tensor(getattr(past, item.name), dtype=torch.float32)
            getattr(state, item.name).copy_(value.permute(2, 0, 1)[None] if value.ndim == 3 else value)


def crowded(sizes: list[tuple[int, int]]) -> bool:
    """Return whether there is no room for the past of pictures of all these sizes."""
    areas = [height * width for height, width in sizes]
    return sum(areas) > AREA_KEPT * max(areas)


def make_state(height: int, width: int, device: torch.device) -> State:
    """Return room for the past of pictures of that size."""
    whole = torch.zeros((1, 3, height, width), device=device)
    small, none = shrink(whole), torch.zeros(1, device=device)
    rest = torch.full_like(small[:, :1], RESTING)
    residual = find_residual(small, small)
    seen = small.clone()
    drift = residual[:, :2].clone()
    return State(whole, small, seen, rest, residual, drift, none, none.clone(), whole.clone(), whole.clone())


def prepare(state: State, levels: Tensor, plan: Tensor) -> tuple[Tensor, DeviceMotion]:
    """Take the noise out of *levels* where nothing moves, and find out what moves; see ``Smoother.prepare``.

    Args:
        state: changed in place.
        levels: the next picture, (1, 3, H, W), in [0, 255].
        plan: the numbers of ``DeviceSmoother.plan``, (``NUMBERS``,).

    Returns:
        The picture to paint, in whole levels; and the motion, trusted nowhere where there is no past.
    """
    fresh, _, still, drifting, known = plan
    small_levels = shrink(levels)
    change, unrest = measure_change(small_levels, state.small, state.rest)
    share = resize(fresh + (1 - fresh) * change, *levels.shape[2:])
    content = torch.lerp(state.content, levels, share.expand_as(levels))
    small = shrink(content.round())
    motion = measure_motion(small, state.small, still, state.noise, state.grain, state.drift, drifting)
    again = is_again(small_levels, state.seen)
    residual = find_residual(small_levels, motion.expected)
    grain = torch.lerp(state.grain, measure_grain(residual, state.residual), fresh)
    grain = torch.where(again, state.grain * (1 - fresh * DOUBT), grain) * known
    residual = torch.where(again, state.residual, residual)
    alive = (known > 0) & ~motion.cut
    state.content.copy_(torch.where(alive, content, levels))
    state.small.copy_(torch.where(alive, small, small_levels))
    state.rest.copy_(find_rest(grain, motion.moving * alive))
    state.seen.copy_(small_levels)
    state.residual.copy_(residual * alive)
    state.drift.copy_(motion.drift * alive)
    state.grain.copy_(grain)
    state.noise.copy_(torch.lerp(state.noise, unrest, fresh) * alive)
    return state.content.round(), motion._replace(trust=motion.trust * alive)


def smooth(state: State, motion: DeviceMotion, styled: Tensor, plan: Tensor) -> Tensor:
    """Pull *styled* towards the result before, wherever the scene is the same; see ``Smoother.smooth``.

    Args:
        state: changed in place.
        motion: that ``prepare`` returned.
        styled: what the network made of the prepared picture, (1, 3, H, W), in [0, 255].
        plan: as for ``prepare``.

    Returns:
        The steadied painting, in whole levels.
    """
    size = styled.shape[2:]
    coarse = coarse_size(*size)
    keep = motion.trust * plan[1]
    following = keep * motion.moving
    moved = sample_moved(state.painted, motion.flow, *coarse).round()
    pull = (moved - resize(styled, *coarse).round()) * resize(following, *coarse)
    pull = pull.round().clamp(-MIDDLE, MIDDLE - 1)
    levels = styled + resize(pull, *size)
    share = resize(keep - following, *size)
    state.painting.copy_(torch.lerp(levels, state.painting, share.expand_as(levels)))
    steady = state.painting.round().clamp(0, 255)
    state.painted.copy_(steady)
    return steady
