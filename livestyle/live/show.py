"""Show: what becomes of each frame between the stylizer and the outputs: fades, the wipe, the original."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from livestyle.frame import Frame, Pixels
from livestyle.stylize.cutout.cutout import Cut
from livestyle.stylize.stylizer import Controls, Stylizer

FADE_SECONDS = 0.5
"""How long one style takes to give way to the next."""


@dataclass(frozen=True, eq=False)
class Fade:
    """A picture that gives way to what is painted now.

    Attributes:
        old: the picture.
        since: ``time.perf_counter()`` when it began to.
        seconds: that it takes.
    """

    old: Cut
    since: float
    seconds: float


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
        next_fade_seconds: for the next change of controls, whichever it is; None lets style, tier and brush
            take ``FADE_SECONDS``, and all else be seen at once.
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
        self._painted_by = stylizer.controls
        self._seen: Pixels | None = None
        self._shown: Cut | None = None
        self._fading: Fade | None = None
        self.next_fade_seconds: float | None = None
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
        painted, alpha = self._fade(cut), cut.alpha
        self._shown = Cut(painted, alpha)
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
        before, self._painted_by = self._painted_by, self._stylizer.controls
        if self._painted_by == before:
            return
        seconds, self.next_fade_seconds = self.next_fade_seconds, None
        if self._painted_by.look != before.look:
            self._stylizer.reset()  # what the old look painted must not shine through
            seconds = FADE_SECONDS if seconds is None else seconds
        if seconds is not None and self._shown is not None:
            self._fading = Fade(self._shown, time.perf_counter(), seconds)

    def _fade(self, cut: Frame) -> Pixels:
        """Return the pixels of *cut* with what is left of the last picture before the change."""
        painted = cut.pixels
        if self._fading is None:
            return painted
        old = self._fading.old
        share = (time.perf_counter() - self._fading.since) / max(self._fading.seconds, 1e-6)
        if share >= 1 or old.pixels.shape != painted.shape:
            self._fading = None
            return painted
        share = share * share * (3 - 2 * share)  # starts and ends gently
        before = old.pixels if old.alpha is None else cv2.copyTo(old.pixels, old.alpha, painted.copy())
        both = cv2.addWeighted(painted, share, before, 1 - share, 0).astype(np.uint8, copy=False)
        if cut.alpha is None:
            return both
        return cv2.copyTo(both, cut.alpha).astype(np.uint8, copy=False)  # what is hidden stays hidden


def split(original: Pixels, painted: Pixels, wipe: Wipe) -> Pixels:
    """Return *original* on one side of *wipe* and *painted* on the other, with a white line between."""
    width = original.shape[1]
    column = round(min(max(wipe.position, 0.0), 1.0) * width)
    left, right = (original, painted) if wipe.original_left else (painted, original)
    both = np.concatenate([left[:, :column], right[:, column:]], axis=1)
    both[:, max(column - 1, 0) : column + 1] = 255
    return both
