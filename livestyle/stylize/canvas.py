"""Canvas: sums over full-size pictures in memory that is made once.

At these sizes new memory costs more than the sums in it, as the system hands it out page by page.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.frame import Pixels
from livestyle.stylize.motion import Map, make_grid

Levels = NDArray[np.floating[Any]]
"""A picture that is remembered: float32 RGB in [0, 255], (H, W, 3)."""


class Canvas:
    """Room to work on pictures of one size, *height* × *width*. Maps are small pictures' and are enlarged."""

    def __init__(self, height: int, width: int) -> None:
        self.size = (height, width)
        self._levels = np.empty((height, width, 3), np.float32)
        self._places = np.empty((height, width, 2), np.float32)
        self._share = np.empty((height, width), np.float32)
        self._rest = np.empty((height, width), np.float32)

    def pull(self, levels: Levels, pixels: Pixels, share: Map) -> None:
        """Replace *share*, in [0, 1], (h, w), of *levels* by *pixels*."""
        self._enlarge(share, self._share)
        cv2.subtract(1.0, self._share, dst=self._rest)  # type: ignore[call-overload]
        np.copyto(self._levels, pixels)
        cv2.blendLinear(self._levels, levels, self._share, self._rest, dst=levels)

    def follow(self, levels: Levels, flow: Map, moving: Map) -> None:
        """Move *levels* along: each pixel becomes what was where *flow*, (h, w, 2), leads from it.

        What lies outside the box around *moving*, (h, w), stays as it is.
        """
        height, width = self.size
        self._enlarge(moving, self._share)
        rows, columns = np.flatnonzero(self._share.any(1)), np.flatnonzero(self._share.any(0))
        if not rows.size:
            return
        box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        scale = (width / flow.shape[1], height / flow.shape[0], 0, 0)
        self._enlarge(cv2.multiply(flow, scale), self._places)  # type: ignore[call-overload]
        places = cv2.add(self._places[box], make_grid(height, width)[box], dst=self._places[box])
        moved = self._levels[box]
        cv2.remap(levels, places, None, cv2.INTER_LINEAR, dst=moved, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
        levels[box] = moved

    def sharpen(self, pixels: Pixels, where: Map, strength: float) -> None:
        """Raise the finest detail of *pixels* by *strength* where the map *where*, (h, w), exceeds a half."""
        if where.max() <= 0.5:
            return
        self._enlarge(where, self._share)
        sharp = cv2.addWeighted(pixels, 1 + strength, cv2.blur(pixels, (3, 3)), -strength, 0)
        cv2.copyTo(sharp, cv2.inRange(self._share, 0.5, 2.0), pixels)

    def _enlarge(self, small: Map, large: Map) -> None:
        cv2.resize(small, self.size[::-1], dst=large, interpolation=cv2.INTER_LINEAR)


def to_pixels(levels: Levels) -> Pixels:
    """Round values in [0, 255] to a picture."""
    return cv2.convertScaleAbs(levels).astype(np.uint8, copy=False)
