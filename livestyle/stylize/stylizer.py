"""Stylizer: what happens to each frame, from the camera's picture to the painted one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.errors import UnknownName
from livestyle.frame import Frame, Pixels, check_pixels
from livestyle.settings import BACKGROUNDS, CUTOUTS, Checked, check_background, setting
from livestyle.styles.blend import is_blend
from livestyle.styles.store import find_style
from livestyle.styles.tiers import AUTO, TIERS
from livestyle.stylize.backends import Backend, Memory, SteadyBackend, open_backend
from livestyle.stylize.brush import BROADEST, NARROWEST, calls_for_fine, working_scale
from livestyle.stylize.colours import keep_colors
from livestyle.stylize.cutout.backdrop import Backdrop
from livestyle.stylize.cutout.cutout import Cut, Cutout
from livestyle.stylize.cutout.matte import Seen
from livestyle.stylize.governor import SCALES, Governor, resize, restore
from livestyle.stylize.smoother import Past, Prepared, Smoother

CHANGING = threading.Lock()
"""Held while controls are replaced by some that keep what is not changed."""

LOOKS_KEPT = 3
"""Ready networks besides those that paint now, for who goes back: each style takes 60 to 110 MB."""


@dataclass(frozen=True)
class Controls(Checked):
    """What may change while frames flow. Replaced whole, read once per frame: no locks.

    Texts say what pages take; on this machine, style may be a file too, and background a picture.

    Raises:
        UsageError: one is out of range.
        UnknownName: there is no such cutout.
    """

    style: str = setting("candy", "name of a style, or a blend")
    tier: str = setting(AUTO, "size of its network: auto, lite, base or hq", choices=(AUTO, *TIERS))
    strength: float = setting(1.0, "0 shows the original, 1 the painting", low=0.0, high=1.0)
    stability: float = setting(0.6, "0 paints each frame by itself, 1 flickers least", low=0.0, high=1.0)
    keep_colors: bool = setting(False, "keep the colours of the original")
    brush: float = setting(
        0.0,
        "breadth of strokes, 0.5 to 2, in pictures of any size; 0 follows the size",
        low=0.0,
        high=BROADEST,
        least=NARROWEST,
    )
    cutout: str = setting("none", f"what to paint alone: {', '.join(CUTOUTS)}", choices=CUTOUTS)
    background: str = setting(
        "keep", f"what becomes of the rest: {', '.join(BACKGROUNDS)}", choices=BACKGROUNDS
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.cutout not in CUTOUTS:
            raise UnknownName("cutout", self.cutout, CUTOUTS)

    @property
    def look(self) -> tuple[str, str, float]:
        """What a network must be made ready for: it takes a moment when this changes."""
        return self.style, self.tier, self.brush

    @property
    def cuts_out(self) -> bool:
        """Whether a part of the frames becomes transparent."""
        return self.cutout != "none" and self.background == "transparent"


class Networks(NamedTuple):
    """What paints a look: at sizes near the wanted one; at half of it, or the same where nothing does."""

    own: Backend
    fine: Backend

    def for_scale(self, scale: float, side: int, brush: float) -> Backend:
        """Return what paints a picture with that shorter *side* at *scale*; see ``working_scale``."""
        return self.fine if calls_for_fine(scale, side, brush) else self.own


@dataclass(frozen=True)
class Draft:
    """A picture on its way: what ``Stylizer.prepare`` hands to ``Stylizer.finish``.

    Attributes:
        pixels: as they came.
        elapsed_seconds: since the picture before; 0 when unknown.
        controls: that hold for it.
        small: *pixels*, at the size that is painted.
        backend: what paints it.
        prepared: made ready by a smoother outside the backend; None when there is nothing to paint outside.
        begun: waits for what a backend paints and smooths by itself; None when none does.
    """

    pixels: Pixels
    elapsed_seconds: float
    controls: Controls
    small: Pixels
    backend: Backend
    prepared: Prepared | None = None
    begun: Callable[[], Pixels] | None = None

    def paint(self) -> Pixels | None:
        """Run the network, or wait until a device has; once, from as many threads as ``widen`` says."""
        if self.prepared:
            return self.backend.paint(self.prepared.content)
        return self.begun() if self.begun else None


class Stylizer:
    """Paints frames of one clip or camera, in order, on one thread.

    What ``prepare`` returned may be painted and finished on others, in order, while the next is prepared; as
    long as ``controls`` stay as they are.

    Args:
        controls: to begin with; ``change`` changes them.
        device, backend, precision: what runs the network; see ``open_backend``.
        governor: chooses the working size; None works at the size of the frames.

    Attributes:
        smoother: holds what is remembered of the painting of the clip so far.
        cutout: holds what is remembered of the people in it.

    Raises:
        UnknownName, BadStyleFile: there is no such style, tier or backend.
        MissingExtra: *backend* is not installed.
        DeviceUnavailable: *device* is not on this machine, or cannot calculate in *precision*.
        WeightsUnavailable: people are to be cut out, and what finds them can be had nowhere.
        BadPicture, UsageError: the background is no picture, or no such thing.
    """

    __slots__ = (
        "__weakref__",
        "_governor",
        "_last_pts_seconds",
        "_looks",
        "_runs_on",
        "controls",
        "cutout",
        "smoother",
    )

    def __init__(
        self,
        controls: Controls,
        device: str = "auto",
        backend: str = "auto",
        precision: str = "auto",
        governor: Governor | None = None,
    ) -> None:
        self.controls = controls
        self._runs_on = (str(device), str(backend), str(precision))
        self._governor = governor
        self._looks: dict[tuple[str, str, float], Networks] = {}
        self._last_pts_seconds: float | None = None
        opened = self._networks(controls).own
        self.smoother: Memory = opened.open_smoother() if isinstance(opened, SteadyBackend) else Smoother()
        self.cutout = Cutout(controls.background)
        if controls.cutout != "none":
            self.cutout.matte.load()

    def change(self, **controls: Any) -> None:
        """Change what is given of ``controls``, from the next frame on; from any thread.

        That frame waits until the network of a new style, tier or brush is open, unless ``warm`` opened it.

        Raises:
            UnknownName, BadStyleFile, WeightsUnavailable, UsageError: as for ``load``; nothing changes.
        """
        trial = replace(self.controls, **controls)
        check_background(trial.cutout, trial.background)
        find_style(trial.style, trial.tier)
        Backdrop(trial.background)
        if trial.cutout != "none":
            self.cutout.matte.load()
        with CHANGING:
            self.controls = replace(self.controls, **controls)

    @property
    def description(self) -> str:
        """Which library, device and precision paint, and why these."""
        return self._networks(self.controls).own.description

    @property
    def scale(self) -> float:
        """The size at which frames may be painted to keep up, as a part of their own."""
        return self._governor.scale if self._governor else 1.0

    def __call__(self, frame: Frame) -> Frame:
        """Return *frame* painted; the time since the last one is taken from their timestamps."""
        started = time.perf_counter()
        painted = frame.with_pixels(*self.paint(frame.pixels, self.tick(frame)))
        if self._governor:
            now = time.perf_counter()
            self._governor.note(now - started, now)
        return painted

    def tick(self, frame: Frame) -> float:
        """Return the seconds between the frame that was given last and *frame*, by their timestamps."""
        last, self._last_pts_seconds = self._last_pts_seconds, frame.pts_seconds
        return max(frame.pts_seconds - last, 0.0) if last is not None else 0.0

    def widen(self, count: int) -> int:
        """Return from how many threads drafts may be painted at the same time: at most *count*."""
        return min(backend.widen(count) for backend in self._networks(self.controls))

    def stylize(self, pixels: Pixels, elapsed_seconds: float = 0.0) -> Pixels:
        """Paint the next picture of the clip.

        Args:
            pixels: uint8 RGB, (H, W, 3), of any size.
            elapsed_seconds: since the picture before; 0 when unknown.

        Returns:
            The painted picture, same shape, black where a part of it was to be transparent. *pixels* is left
            as it is; where the strength is 0 and nothing is cut out, what is returned has its values,
            and may be that array.

        Raises:
            ValueError: *pixels* is something else.
        """
        return self.paint(pixels, elapsed_seconds).pixels

    def paint(self, pixels: Pixels, elapsed_seconds: float = 0.0) -> Cut:
        """Paint the next picture of the clip, with its transparency; as ``stylize``."""
        draft = self.prepare(pixels, elapsed_seconds)
        return self.finish(draft, draft.paint())

    def prepare(self, pixels: Pixels, elapsed_seconds: float = 0.0) -> Draft:
        """Begin with the next picture of the clip; others may begin before it is finished. As ``stylize``."""
        check_pixels(pixels)
        pixels = np.ascontiguousarray(pixels)  # OpenCV writes into no other, as a permuted tensor is
        controls = self.controls
        side = min(pixels.shape[:2])
        scale = working_scale(side, controls.brush, self.scale)
        backend = self._networks(controls).for_scale(scale, side, controls.brush)
        small = resize(pixels, scale)
        prepared = begun = None
        if not isinstance(backend, SteadyBackend):
            if not isinstance(self.smoother, Smoother):
                self.smoother = Smoother()  # a blend that is painted part by part cannot smooth on its device
        elif isinstance(self.smoother, Smoother) and self.smoother.past is None:
            self.smoother = backend.open_smoother()  # after such a blend
        if controls.strength == 0:
            self.smoother.reset()
        elif isinstance(self.smoother, Smoother):
            prepared = self.smoother.prepare(small, elapsed_seconds, controls.stability)
        else:
            assert isinstance(backend, SteadyBackend)
            begun = backend.begin_steadily(
                small, self.smoother, elapsed_seconds, controls.stability, controls.strength
            )
        return Draft(pixels, elapsed_seconds, controls, small, backend, prepared, begun)

    def finish(self, draft: Draft, styled: Pixels | None) -> Cut:
        """Return the picture of *draft* painted, with its transparency.

        Args:
            draft: each that ``prepare`` returned, in turn.
            styled: what ``draft.paint`` returned.
        """
        painted, controls = self._steady(draft, styled), draft.controls
        if controls.cutout == "none":
            self.cutout.reset()
            return Cut(painted, None)
        self.cutout.choose_background(controls.background)
        return self.cutout.cut(painted, draft.pixels, controls.cutout, draft.elapsed_seconds)

    def _steady(self, draft: Draft, styled: Pixels | None) -> Pixels:
        """Return all of *draft* painted, steadied, and of the strength and colours that are wanted."""
        controls, pixels, small = draft.controls, draft.pixels, draft.small
        if controls.strength == 0:
            return pixels
        assert styled is not None
        painted = styled
        if draft.prepared is not None:
            assert isinstance(self.smoother, Smoother)
            small = draft.prepared.content
            painted = self.smoother.smooth(styled, draft.prepared)
            if controls.strength < 1:
                blended = cv2.addWeighted(painted, controls.strength, small, 1 - controls.strength, 0)
                painted = blended.astype(np.uint8, copy=False)
        if painted.shape != pixels.shape:
            painted = restore(painted, small, pixels, controls.strength)
            small = pixels
        return keep_colors(painted, small) if controls.keep_colors else painted

    def warm(self, controls: Controls, pixels: Pixels) -> None:
        """Make ready the look of *controls*, and paint *pixels* so at each size that may be worked at.

        No frame waits for that look then, unless it is a blend or a brush and another is made ready next.
        From any thread.

        Raises:
            UnknownName, BadStyleFile: there is no such style.
        """
        networks, side = self._open(controls), min(pixels.shape[:2])
        limits = SCALES if self._governor else (1.0,)
        for scale in sorted({working_scale(side, controls.brush, limit) for limit in limits}):
            backend, small = networks.for_scale(scale, side, controls.brush), resize(pixels, scale)
            if isinstance(backend, SteadyBackend):
                backend.warm(small, self.smoother)
            else:
                backend.paint(small)
        self._keep(controls, networks)

    def is_warm(self, controls: Controls) -> bool:
        """Return whether the look of *controls* is ready."""
        return controls.look in self._looks

    def warm_cutout(self, pixels: Pixels) -> None:
        """Make ready to find people in pictures of the size of *pixels*, so that no frame waits; any thread.

        Raises:
            WeightsUnavailable: what finds them can be had nowhere.
        """
        self.cutout.matte.open(*pixels.shape[:2])

    def is_warm_cutout(self, pixels: Pixels) -> bool:
        """Return whether people can be found in pictures of the size of *pixels*."""
        return self.cutout.matte.is_open(*pixels.shape[:2])

    def reset(self) -> None:
        """Forget the past: what follows is a new clip."""
        self._last_pts_seconds = None
        self.smoother.reset()
        self.cutout.reset()

    def snapshot(self) -> dict[str, NDArray[Any]]:
        """Return what is remembered of the clip so far, for ``restore``: copies."""
        state: dict[str, NDArray[Any]] = {}
        if self._last_pts_seconds is not None:
            state["last_pts_seconds"] = np.array(self._last_pts_seconds)
        remembered = self.smoother.past
        if remembered is not None:
            past = {item.name: getattr(remembered, item.name) for item in fields(Past)}
            state |= {name: np.array(value) for name, value in past.items() if value is not None}
        if self.cutout.matte.past is not None:
            state |= {f"people_{name}": value.copy() for name, value in vars(self.cutout.matte.past).items()}
        return state

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from where ``snapshot`` was taken."""
        past: dict[str, Any] = {}
        people: dict[str, Any] = {}
        for name, value in state.items():
            if name.startswith("people_"):
                people[name.removeprefix("people_")] = value
            else:
                past[name] = value if value.ndim else float(value)
        self._last_pts_seconds = past.pop("last_pts_seconds", None)
        self.smoother.past = Past(**past) if past else None
        self.cutout.matte.past = Seen(**people) if people else None

    def _networks(self, controls: Controls) -> Networks:
        """Return what paints the look of *controls*; opened once, kept for when the user comes back to it."""
        networks = self._looks.get(controls.look)
        if networks is None:
            networks = self._open(controls)
            self._keep(controls, networks)
        return networks

    def _open(self, controls: Controls) -> Networks:
        style = find_style(controls.style, controls.tier)
        own = open_backend(style, *self._runs_on)
        fine = style.fine() if self._governor else None
        return Networks(own, open_backend(fine, *self._runs_on) if fine else own)

    def _keep(self, controls: Controls, networks: Networks) -> None:
        """Keep *networks*, what paints now, and the newest else, but no blends and brushes."""
        before = [look for look in self._looks if look not in (controls.look, self.controls.look)]
        for look in before:
            style, _, brush = look
            if brush or is_blend(style) or look in before[:-LOOKS_KEPT]:
                self._looks.pop(look, None)
        self._looks[controls.look] = networks
