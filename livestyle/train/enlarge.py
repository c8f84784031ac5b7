"""Brings a painted picture to the size of its photo without losing the photo's fine detail."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.frame import Pixels

DETAIL = 0.6
"""How much of the photo's fine luminance detail is laid over the painting."""


def enlarge(painted: Pixels, photo: Pixels) -> Pixels:
    """Return *painted*, uint8 RGB, at the size of *photo*, which shows the same.

    What the enlarged painting cannot have, detail finer than its pixels, is taken from the luminance of the
    photo: edges stay sharp, colours stay the painting's.
    """
    height, width = photo.shape[:2]
    if painted.shape[:2] == (height, width):
        return painted
    large = cv2.resize(painted, (width, height), interpolation=cv2.INTER_CUBIC)
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32)
    detail = DETAIL * (grey - blur_to(grey, (painted.shape[1], painted.shape[0])))
    return np.clip(np.rint(large + detail[..., None]), 0, 255).astype(np.uint8)


def blur_to(grey: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Return *grey*, (H, W), with no more detail than a picture of *size*, (width, height), can hold."""
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_CUBIC)
