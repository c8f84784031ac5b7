"""Chroma planes, which have fewer pixels than luma: spread to its size, and averaged back exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
from numpy.typing import NDArray


def merge(planes: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return Y, U and V as one array, (H, W, 3), chroma repeated."""
    height, width = planes[0].shape
    return cv2.merge([planes[0], *(spread(plane, height, width) for plane in planes[1:3])])


def spread(plane: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    """Repeat the pixels of a chroma plane to fill (height, width)."""
    down, across = -(-height // plane.shape[0]), -(-width // plane.shape[1])
    if down == across == 1:
        return plane
    whole = cv2.resize(plane, None, fx=across, fy=down, interpolation=cv2.INTER_NEAREST)
    return whole[:height, :width]


def shrink(plane: NDArray[Any], sampling: str) -> NDArray[Any]:
    """Average a chroma plane down to *sampling*: 420, 422 or 444."""
    down, across = {"420": (2, 2), "422": (1, 2), "444": (1, 1)}[sampling]
    if down == across == 1:
        return plane
    height, width = plane.shape
    even = cv2.copyMakeBorder(plane, 0, -height % down, 0, -width % across, cv2.BORDER_REPLICATE)
    return cv2.resize(even, (even.shape[1] // across, even.shape[0] // down), interpolation=cv2.INTER_AREA)
