"""A picture while it is being painted at one size: gradient descent on its pixels."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor

from livestyle.train.likeness import Likeness
from livestyle.train.waves import Waves

COARSEST = 128
"""Longer side of the picture that painting begins with, in pixels, or a little more."""

COARSE_STEPS = 60
"""Steps at each size but the last, at most: by then, shapes of that size are found."""

ADAM_RATE = 0.02
"""Peak of Adam's learning rate; colours count from 0 to 1."""

HISTORY = 30
"""Steps that L-BFGS remembers: each costs two pictures."""

GAIN = 1000.0
"""For L-BFGS, losses are multiplied by this: of a gradient that sums up to less than 1 it takes less."""

FIRST_STEP = 0.003
"""Mean change in the first step of L-BFGS: a smaller one would teach it how bfloat16 rounds."""


class Level(NamedTuple):
    """One of the sizes that a picture is painted at: its longer side in pixels, and the steps there."""

    size: int
    steps: int


def plan_levels(size: int, steps: int, least: int = 0) -> list[Level]:
    """Return the levels from coarse, *least* or more, to fine, each √2 times the one before, up to *size*.

    The last has all steps that the coarse ones do not need. Coarse ones are left out when there are more
    levels than *steps*.
    """
    count = 1 + max(int(math.log2(size / max(COARSEST, least)) * 2 + 1e-9), 0)
    count = min(count, steps)
    sizes = [round(size / math.sqrt(2) ** (count - 1 - i)) for i in range(count)]
    share = min(steps // count, COARSE_STEPS)
    return [*(Level(side, share) for side in sizes[:-1]), Level(size, steps - share * (count - 1))]


class Easel:
    """Paints one picture at one size, in steps.

    Args:
        likeness: what the picture should be like.
        picture: where to begin, (1, 3, H, W) in [0, 1].
        optimizer: ``adam`` or ``lbfgs``.
        steps: planned at this size.

    Attributes:
        best: the picture of the step with the lowest loss.
        losses: of that picture.
        done: steps taken.
    """

    def __init__(self, likeness: Likeness, picture: Tensor, optimizer: str, steps: int) -> None:
        self._likeness, self._steps, self._kind = likeness, steps, optimizer
        self._waves = Waves((picture.shape[2], picture.shape[3]), picture.device)
        self._written = torch.empty_like(picture, memory_format=torch.contiguous_format).requires_grad_(True)
        self._go_on_from(picture)
        self._optimizer = self._make_optimizer()
        self.best, self.losses, self.done = picture, {"style": math.inf, "content": math.inf}, 0

    def step(self) -> dict[str, float]:
        """Take one step; return the weighted losses before it."""
        self._optimizer.param_groups[0]["lr"] = self._rate()
        seen: list[dict[str, Tensor]] = []
        before = self._picture

        def look() -> Tensor:
            self._optimizer.zero_grad(set_to_none=True)
            seen.append(self._likeness(self._waves.paint(self._written)))
            total = torch.stack(list(seen[-1].values())).sum() * GAIN
            total.backward()
            return total

        self._optimizer.step(look)  # type: ignore[arg-type]
        with torch.no_grad():
            self._go_on_from(self._waves.paint(self._written))
        self.done += 1
        losses = {name: float(loss.detach()) for name, loss in seen[0].items()}
        if sum(losses.values()) <= sum(self.losses.values()):
            self.best, self.losses = before, losses
        elif not sum(losses.values()) < 2 * sum(self.losses.values()):  # NaN too: L-BFGS has lost its way
            self._go_on_from(self.best)
            self._optimizer = self._make_optimizer()
        return losses

    def state(self) -> dict[str, Any]:
        """Return all that ``resume`` needs."""
        return {
            "picture": self._picture,
            "best": self.best,
            "losses": self.losses,
            "done": self.done,
            "optimizer": self._optimizer.state_dict(),
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from what ``state`` returned.

        Raises:
            KeyError, RuntimeError, ValueError: it is of something else.
        """
        self._go_on_from(state["picture"])
        self.best, self.losses, self.done = state["best"], state["losses"], state["done"]
        self._optimizer.load_state_dict(state["optimizer"])

    def _go_on_from(self, picture: Tensor) -> None:
        """Make *picture*, its colours within [0, 1], the one that the next step changes."""
        self._picture = picture.to(self._written.device).clamp(0, 1)
        with torch.no_grad():
            self._written.copy_(self._waves.write(self._picture))

    def _rate(self) -> float:
        """Return the learning rate of the next step."""
        if self._kind == "adam":
            return ADAM_RATE * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * self.done / self._steps)))
        # Of L-BFGS, torch makes the first step so long in all; those before tell how long the next are.
        return 1.0 if self._optimizer.state else FIRST_STEP * self._written.numel()

    def _make_optimizer(self) -> torch.optim.Optimizer:
        if self._kind == "adam":
            return torch.optim.Adam([self._written], lr=ADAM_RATE)
        return torch.optim.LBFGS(
            [self._written], max_iter=1, history_size=HISTORY, tolerance_grad=0, tolerance_change=0
        )
