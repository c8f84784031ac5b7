"""Backdrop: what becomes of the part of a picture that is not painted."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from livestyle.errors import UsageError
from livestyle.frame import Alpha, Pixels
from livestyle.pictures import read_picture
from livestyle.settings import BACKGROUNDS
from livestyle.stylize.cutout.segmenter import Mask
from livestyle.stylize.motion import Map

GREEN = (0, 177, 64)
"""The green of studios, which OBS and editors key by default."""

BLUR = 0.03
"""Radius of the blur, as a part of the picture's height."""


class Backdrop:
    """Makes the part that is not painted.

    Args:
        given: one of ``BACKGROUNDS``, or the path of a picture, which is cropped to fill the frame.

    Raises:
        UsageError: it is neither.
        BadPicture: the picture cannot be read.
    """

    def __init__(self, given: str) -> None:
        self.given = given
        self._picture: Pixels | None = None
        self._filled: Pixels | None = None
        if given not in BACKGROUNDS:
            if not Path(given).exists():
                raise UsageError(
                    f"no background {given!r}; there are: {', '.join(BACKGROUNDS)}, or the path of a picture"
                )
            self._picture = read_picture(Path(given))

    def make(self, pixels: Pixels, mask: Mask) -> Pixels:
        """Return what stands where *mask*, in [0, 1], (H, W), is 0.

        Args:
            pixels: the original picture, uint8 RGB, (H, W, 3).
            mask: of the painted part.
        """
        if self.given == "keep":
            return pixels
        if self.given == "blur":
            return blur(pixels, 1 - mask)
        if self._filled is None or self._filled.shape != pixels.shape:
            if self._picture is not None:
                self._filled = fill(self._picture, *pixels.shape[:2])
            else:
                colour = GREEN if self.given == "green" else (0, 0, 0)
                self._filled = np.full(pixels.shape, colour, np.uint8)
        return self._filled


def compose(painted: Pixels, other: Pixels, mask: Mask) -> Pixels:
    """Return *painted* where *mask*, in [0, 1], (H, W), is 1, and *other* where it is 0; uint8 RGB."""
    return cv2.blendLinear(painted, other, mask, cv2.subtract(1.0, mask)).astype(np.uint8, copy=False)  # type: ignore[call-overload]


def to_alpha(mask: Mask) -> Alpha:
    """Return *mask*, in [0, 1], as transparency, 0–255."""
    return cv2.convertScaleAbs(mask, alpha=255).astype(np.uint8, copy=False)


def blur(pixels: Pixels, share: Mask) -> Pixels:
    """Return *pixels*, uint8 RGB, (H, W, 3), blurred; only as much of each as *share*, (H, W), takes part."""
    height, width = pixels.shape[:2]
    size = (max(width // 4, 1), max(height // 4, 1))
    taken = np.maximum(cv2.resize(share, size, interpolation=cv2.INTER_AREA), 1e-3)
    colours = cv2.split(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
    small: Map = cv2.merge([*(colour * taken for colour in colours), taken])
    side = 2 * max(round(height * BLUR / 4), 1) + 1
    for _ in range(3):  # three boxes are nearly a Gaussian
        small = cv2.blur(small, (side, side))
    levels = small[..., :3] / small[..., 3:]
    soft = cv2.convertScaleAbs(cv2.resize(levels, (width, height), interpolation=cv2.INTER_LINEAR))
    return soft.astype(np.uint8, copy=False)


def fill(picture: Pixels, height: int, width: int) -> Pixels:
    """Return the middle of *picture*, uint8 RGB, at a size of *height* × *width*."""
    high, wide = picture.shape[:2]
    scale = max(height / high, width / wide)
    cut_high, cut_wide = max(round(height / scale), 1), max(round(width / scale), 1)
    top, left = (high - cut_high) // 2, (wide - cut_wide) // 2
    middle = picture[top : top + cut_high, left : left + cut_wide]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(middle, (width, height), interpolation=how).astype(np.uint8, copy=False)
