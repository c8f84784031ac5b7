"""Governor: lowers and raises the working size so that a live picture keeps its frame rate."""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np

from livestyle.frame import Pixels

SCALES = (1.0, 0.75, 0.5, 0.375)
"""Working sizes as parts of the frame's, the finest first."""

WINDOW_SECONDS = 1.0
"""What the governor looks back on; on the last ``LEAST_FRAMES`` even if they took longer."""

LEAST_FRAMES = 3
"""Of which one may be slow for a reason that passes: a network compiled, a disk that woke."""

FULL, EASY = 0.95, 0.75
"""Of a frame's time: above the first it steps down, up only to where it expects less than the second."""

DETAIL = 0.4
"""How much of the original's detail is put back: with none edges are soft, with all of it grain shows."""

NO_DETAIL = 128
"""Stands for none, where more and less are kept in 8 bits."""

PATIENCE_SECONDS, MOST_PATIENCE_SECONDS = 3.0, 60.0
"""How long it must look easy before a step up; doubled by each step up that had to be taken back."""


class Governor:
    """Chooses the working size from what frames have cost. Pure logic: told the time, never asks for it.

    Args:
        fps: to hold.

    Raises:
        ValueError: *fps* is not positive.
    """

    def __init__(self, fps: float) -> None:
        if fps <= 0:
            raise ValueError(f"fps must be positive, not {fps}")
        self._budget_seconds = 1 / fps
        self._costs: deque[tuple[float, float]] = deque()
        self._level = 0
        self._easy_since: float | None = None
        self._patience_seconds = PATIENCE_SECONDS
        self._rose_at = float("-inf")

    @property
    def scale(self) -> float:
        """The working size, as a part of the frame's."""
        return SCALES[self._level]

    def note(self, cost_seconds: float, now_seconds: float) -> bool:
        """Note what painting a frame cost; return whether ``scale`` changed.

        Args:
            cost_seconds: from having the frame to having it painted.
            now_seconds: on any clock that runs evenly.
        """
        self._costs.append((now_seconds, cost_seconds))
        while len(self._costs) > LEAST_FRAMES and self._costs[0][0] < now_seconds - WINDOW_SECONDS:
            self._costs.popleft()
        noted_at, cost_of_first = self._costs[0]
        if len(self._costs) < LEAST_FRAMES or now_seconds - noted_at + cost_of_first < WINDOW_SECONDS / 2:
            return False  # too little seen at this size
        slow = float(np.percentile([cost for _, cost in self._costs], 90, method="lower"))
        if slow > FULL * self._budget_seconds:
            return self._step_down(now_seconds)
        return self._step_up(slow, now_seconds)

    def _step_down(self, now_seconds: float) -> bool:
        self._easy_since = None
        if self._level == len(SCALES) - 1:
            return False
        if now_seconds - self._rose_at < 2 * self._patience_seconds:  # the last step up was too much
            self._patience_seconds = min(2 * self._patience_seconds, MOST_PATIENCE_SECONDS)
        self._move(1)
        return True

    def _step_up(self, slow_seconds: float, now_seconds: float) -> bool:
        if self._level == 0 or slow_seconds * self._growth() > EASY * self._budget_seconds:
            self._easy_since = None
            return False
        if self._easy_since is None:
            self._easy_since = now_seconds
        if now_seconds - self._easy_since < self._patience_seconds:
            return False
        self._rose_at = now_seconds
        self._move(-1)
        return True

    def _growth(self) -> float:
        """Return how many times as many pixels the next finer size has."""
        return (SCALES[self._level - 1] / SCALES[self._level]) ** 2

    def _move(self, levels: int) -> None:
        self._level += levels
        self._easy_since = None
        self._costs.clear()


def resize(pixels: Pixels, scale: float) -> Pixels:
    """Return *pixels*, uint8 RGB, (H, W, 3), at *scale* of its size, at least one pixel."""
    if scale == 1:
        return pixels
    height, width = (max(round(side * scale), 1) for side in pixels.shape[:2])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(pixels, (width, height), interpolation=how).astype(np.uint8, copy=False)


def restore(painted: Pixels, small: Pixels, original: Pixels, strength: float) -> Pixels:
    """Return *painted* at the size of *original*, with some of the fine detail that only the original has.

    Args:
        painted: the painting of *small*, mixed with it by *strength*; same shape.
        small: the original, at another size; when that is larger it has all the detail already.
        original: uint8 RGB, (H, W, 3).
        strength: the painting's share, in [0, 1]; what is left is the original with all of its detail.
    """
    height, width = original.shape[:2]
    if small.shape[0] > height:
        return cv2.resize(painted, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    how = cv2.INTER_LINEAR if height <= 3 * small.shape[0] else cv2.INTER_CUBIC  # slower, and seen only then
    enlarged, coarse = (
        cv2.resize(picture, (width, height), interpolation=how) for picture in (painted, small)
    )
    share = 1 - (1 - DETAIL) * strength
    detail = cv2.addWeighted(original, share, coarse, -share, NO_DETAIL)
    return cv2.addWeighted(enlarged, 1, detail, 1, -NO_DETAIL).astype(np.uint8, copy=False)
