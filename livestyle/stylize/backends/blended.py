"""Mixes what several backends paint: for blends of networks that have nothing in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from livestyle.frame import Pixels
from livestyle.stylize.backends import Backend


class BlendedBackend:
    """Paints with each of *parts* and mixes by their shares, which sum to 1; see ``Backend``."""

    def __init__(self, parts: Sequence[tuple[Backend, float]]) -> None:
        self._parts = parts
        self.description = f"{len(parts)} × {parts[0][0].description}"

    def widen(self, count: int) -> int:
        """See ``Backend``."""
        return min(backend.widen(count) for backend, _ in self._parts)

    def paint(self, pixels: Pixels) -> Pixels:
        """Paint a picture, uint8 RGB, (H, W, 3), of any size; same shape out."""
        total = np.zeros(pixels.shape, np.float32)
        for backend, share in self._parts:
            total += backend.paint(pixels) * np.float32(share)
        return np.rint(total).astype(np.uint8)
