"""Pictures as the network wants them: with a border, in a size that fits, four pixels to a cell."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.frame import Pixels

STRIDE = 8
"""Height and width of what the network sees must be multiples of this."""

BORDER = 24
"""Pixels that are padded on each side and cut off again: near its edge the network sees zeros."""

WORDS = 3
"""Of two bytes, in two neighbouring RGB pixels, which are one row of a cell.

Each is moved for the whole picture at once: that takes NumPy a third of the time of moving pixels in pairs.
"""


def pad(pixels: Pixels) -> Pixels:
    """Reflect a border of ``BORDER`` pixels, and at the far sides what makes the size fit ``STRIDE``."""
    height, width = pixels.shape[:2]
    bottom, right = BORDER + -height % STRIDE, BORDER + -width % STRIDE
    padded = cv2.copyMakeBorder(pixels, BORDER, bottom, BORDER, right, cv2.BORDER_REFLECT_101)
    return padded.astype(np.uint8, copy=False)


def packed_shape(height: int, width: int) -> tuple[int, int, int, int]:
    """Return the shape that ``pack`` makes of a picture of that size."""
    return 1, (height + -height % STRIDE) // 2 + BORDER, (width + -width % STRIDE) // 2 + BORDER, 12


def pack(pixels: Pixels, into: NDArray[np.uint8]) -> None:
    """Pad *pixels* and write each 2×2 pixels as one cell of 12 values, in the order row, column, colour.

    Args:
        pixels: uint8 RGB, (H, W, 3).
        into: uint8, of ``packed_shape(H, W)``, contiguous; overwritten.
    """
    padded = np.ascontiguousarray(pad(pixels))
    _, rows, columns, _ = into.shape
    pairs = padded.reshape(-1).view(np.uint16).reshape(rows, 2, columns, WORDS)
    cells = into.reshape(-1).view(np.uint16).reshape(rows, columns, 2, WORDS)
    for row, word in np.ndindex(2, WORDS):
        cells[:, :, row, word] = pairs[:, row, :, word]


def unpack(packed: NDArray[np.uint8], height: int, width: int) -> Pixels:
    """Undo ``pack``: return a new picture, (height, width, 3), without the padding."""
    _, rows, columns, _ = packed.shape
    cells = packed.reshape(-1).view(np.uint16).reshape(rows, columns, 2, WORDS)
    inner = cells[BORDER // 2 : rows - BORDER // 2, BORDER // 2 : columns - BORDER // 2]
    pixels = np.empty((inner.shape[0], 2, inner.shape[1], WORDS), np.uint16)
    for row, word in np.ndindex(2, WORDS):
        pixels[:, row, :, word] = inner[:, :, row, word]
    whole = pixels.reshape(-1).view(np.uint8).reshape(inner.shape[0] * 2, inner.shape[1] * 2, 3)
    return whole if whole.shape[:2] == (height, width) else np.ascontiguousarray(whole[:height, :width])
