"""What a painter may pay for steadiness with, and should not: sharpness, contrast, style."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.frame import Pixels


def detail(pixels: Pixels) -> float:
    """How much fine detail *pixels*, uint8 RGB, has: variance of the Laplacian of its luma in [0, 1]."""
    return float(cv2.Laplacian(luma(pixels), cv2.CV_32F).var())


def contrast(pixels: Pixels) -> float:
    """How far light and dark of *pixels*, uint8 RGB, are apart: deviation of its luma in [0, 1]."""
    return float(luma(pixels).std())


def luma(pixels: Pixels) -> NDArray[Any]:
    """Return the grey version of *pixels*, float32, (H, W), in [0, 1]."""
    return cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2GRAY)
