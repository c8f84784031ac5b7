"""Canvas: sums over full-size pictures in memory that is made once.

At these sizes new memory costs more than the sums in it, as the system hands it out page by page.
"""

from __future__ import annotations

from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.frame import Pixels
from livestyle.stylize.motion import Map

Levels = NDArray[np.floating[Any]]
"""A picture that is remembered: float32 RGB in [0, 255], (H, W, 3)."""


COARSE = 2 / 3
"""Size of the picture in which the painting is moved along, as a part of the full one."""

MIDDLE = 128
"""Stands for no difference, in bytes: larger ones than they hold are cut off."""


class Canvas:
    """Room to work on pictures of one size, *height* × *width*. Maps are small pictures' and are enlarged."""

    def __init__(self, height: int, width: int) -> None:
        self.size = (height, width)
        self._levels = np.empty((height, width, 3), np.float32)
        self._share = np.empty((height, width), np.float32)
        self._rest = np.empty((height, width), np.float32)

    def of_size(self, height: int, width: int) -> Self:
        """Return this one, or one of that size."""
        return self if self.size == (height, width) else type(self)(height, width)

    def pull(self, levels: Levels, pixels: Pixels, share: Map) -> None:
        """Replace *share*, in [0, 1], (h, w), of *levels* by *pixels*."""
        np.copyto(self._levels, pixels)
        self._mix(levels, share)

    def _mix(self, levels: Levels, share: Map) -> None:
        cv2.resize(share, self.size[::-1], dst=self._share, interpolation=cv2.INTER_LINEAR)
        np.subtract(1, self._share, out=self._rest)
        cv2.blendLinear(self._levels, levels, self._share, self._rest, dst=levels)


class MovingCanvas(Canvas):
    """A canvas on which what was there before moves along."""

    def __init__(self, height: int, width: int) -> None:
        super().__init__(height, width)
        coarse = coarse_size(height, width)
        self._pull = np.empty((height, width, 3), np.uint8)
        self._centres = find_centres(height, width)
        self._places = np.empty((*coarse, 2), np.float32)
        self._keep = np.empty(coarse, np.float32)
        self._apart = np.empty((*coarse, 3), np.uint8)

    def follow(
        self, levels: Levels, pixels: Pixels, before: Pixels, flow: Map, keep: Map, share: Map
    ) -> None:
        """Replace *share*, (h, w), of *levels* by *pixels*, first pulled towards where *before* has moved.

        Only what is as coarse as ``COARSE`` is pulled: all detail is that of *pixels*.

        Args:
            levels: changed in place.
            pixels: uint8 RGB, (H, W, 3).
            before: what *levels* showed before, same shape and type as *pixels*.
            flow: where each pixel of the small picture was before, (h, w, 2).
            keep: how much of what was there before is kept, in [0, 1], (h, w).
            share: in [0, 1], (h, w).
        """
        if keep.any():
            self._add_past(pixels, before, flow, keep)
        else:
            np.copyto(self._levels, pixels)
        self._mix(levels, share)

    def _add_past(self, pixels: Pixels, before: Pixels, flow: Map, keep: Map) -> None:
        """Put *pixels*, pulled, into the levels that are mixed in next."""
        height, width = self._keep.shape
        cv2.resize(keep, (width, height), dst=self._keep)
        box = find_box(self._keep)
        scale = (self.size[1] / flow.shape[1], self.size[0] / flow.shape[0], 0, 0)
        cv2.resize(cv2.multiply(flow, scale), (width, height), dst=self._places)  # type: ignore[call-overload]
        places = cv2.add(self._places[box], self._centres[box], dst=self._places[box])
        moved = cv2.remap(before, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
        now = coarsen(pixels)[box]
        pulled = cv2.blendLinear(moved, now, self._keep[box], 1 - self._keep[box])
        self._apart.fill(MIDDLE)
        cv2.addWeighted(pulled, 1, now, -1, MIDDLE, dst=self._apart[box])
        cv2.resize(self._apart, self.size[::-1], dst=self._pull)
        cv2.addWeighted(pixels, 1, self._pull, 1, -MIDDLE, dst=self._levels, dtype=cv2.CV_32F)


def coarsen(pixels: Pixels) -> Pixels:
    """Return *pixels* at ``COARSE`` of the size, sampled as what moves is: both lose the same detail."""
    size = coarse_size(*pixels.shape[:2])[::-1]
    return cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def coarse_size(height: int, width: int) -> tuple[int, int]:
    """Return the height and width of what ``coarsen`` makes of a picture."""
    return max(1, round(height * COARSE)), max(1, round(width * COARSE))


def find_centres(height: int, width: int) -> Map:
    """Return x and y in a picture of that size of each pixel of the coarse one, float32, (h, w, 2)."""
    rows, columns = (
        (np.arange(coarse, dtype=np.float32) + 0.5) * (side / coarse) - 0.5
        for coarse, side in zip(coarse_size(height, width), (height, width), strict=True)
    )
    return np.stack(np.meshgrid(columns, rows), 2)


def find_box(share: Map) -> tuple[slice, slice]:
    """Return the rows and columns outside which *share*, (h, w), is zero; at least one is not."""
    rows, columns = np.flatnonzero(share.any(1)), np.flatnonzero(share.any(0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def to_pixels(levels: Levels) -> Pixels:
    """Round values to a picture; what is beyond 0 or 255, as beside edges that moved, becomes those."""
    return cv2.add(levels, 0, dtype=cv2.CV_8U).astype(np.uint8, copy=False)  # type: ignore[call-overload]
