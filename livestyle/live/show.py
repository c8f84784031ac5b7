"""Show: what becomes of each frame between the stylizer and the outputs: fades, the wipe, the original."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from livestyle.frame import Frame, Pixels
from livestyle.stylize.stylizer import Controls, Stylizer

FADE_SECONDS = 0.5
"""How long one style takes to give way to the next."""


@dataclass(frozen=True)
class Wipe:
    """Where the original ends and the painting begins.

    Attributes:
        position: as a part of the width.
        original_left: whether the original is to the left of it.
    """

    position: float
    original_left: bool = True


class Show:
    """Paints frames with *stylizer*. Called by one thread; others set the attributes, each as a whole.

    Args:
        stylizer: given its controls before each frame, and reset when the look changes.
        choose: returns the controls for the next frame, given those of the last.
        is_slate: whether the frame at hand only says that there is no picture, and is not to be painted.

    Attributes:
        fade_seconds: for a change of style, tier or brush.
        wipe: None shows the painting alone.
        original_until: ``time.perf_counter()`` until which the original is shown.
        waiting: whether the last frame was such a slate.
    """

    def __init__(
        self,
        stylizer: Stylizer,
        choose: Callable[[Controls], Controls],
        is_slate: Callable[[], bool] = lambda: False,
    ) -> None:
        self._stylizer = stylizer
        self._choose = choose
        self._is_slate = is_slate
        self._look = stylizer.controls.look
        self._seen: Pixels | None = None
        self._shown: Pixels | None = None
        self._fading: tuple[Pixels, float] | None = None
        self.fade_seconds = FADE_SECONDS
        self.wipe: Wipe | None = None
        self.original_until = 0.0
        self.waiting = False

    def __call__(self, frame: Frame) -> Frame:
        """Return what to show of *frame*: same size and time."""
        self.waiting = self._is_slate()
        if self.waiting:
            return self._hide(frame)
        self._seen = frame.pixels
        if time.perf_counter() < self.original_until:
            return frame
        self._stylizer.controls = self._choose(self._stylizer.controls)
        self._notice_change()
        cut = self._stylizer(frame)
        painted, alpha = self._fade(cut.pixels), cut.alpha
        self._shown = painted
        if self.wipe is not None:
            painted = split(frame.pixels, cut.with_pixels(painted, alpha).on_black, self.wipe)
            alpha = None
        return frame.with_pixels(painted, alpha)

    def _hide(self, slate: Frame) -> Frame:
        """Return *slate*, which shows the last picture, without what was hidden of that."""
        controls = self._stylizer.controls
        if self._seen is None or controls.cutout == "none" or controls.background == "keep":
            return slate
        cut = self._stylizer.cutout.cut(slate.pixels, self._seen, controls.cutout, 0.0)
        return slate.with_pixels(*cut)

    def _notice_change(self) -> None:
        look = self._stylizer.controls.look
        if look != self._look:
            self._look = look
            self._stylizer.reset()  # what the old look painted must not shine through
            if self._shown is not None:
                self._fading = self._shown, time.perf_counter()

    def _fade(self, painted: Pixels) -> Pixels:
        """Return *painted* with what is left of the last picture in the old style."""
        if self._fading is None:
            return painted
        old, since = self._fading
        share = (time.perf_counter() - since) / max(self.fade_seconds, 1e-6)
        if share >= 1 or old.shape != painted.shape:
            self._fading = None
            return painted
        share = share * share * (3 - 2 * share)  # starts and ends gently
        return cv2.addWeighted(painted, share, old, 1 - share, 0).astype(np.uint8, copy=False)


def split(original: Pixels, painted: Pixels, wipe: Wipe) -> Pixels:
    """Return *original* on one side of *wipe* and *painted* on the other, with a white line between."""
    width = original.shape[1]
    column = round(min(max(wipe.position, 0.0), 1.0) * width)
    left, right = (original, painted) if wipe.original_left else (painted, original)
    both = np.concatenate([left[:, :column], right[:, column:]], axis=1)
    both[:, max(column - 1, 0) : column + 1] = 255
    return both
