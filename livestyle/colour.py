"""What the numbers of a video mean as colours: tags, and the matrices between YUV and RGB.

Tags are code points of ITU-T H.273, which files, FFmpeg and PyAV share.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

UNKNOWN = 2
"""Primaries, transfer or matrix that a file does not tell."""

LIMITED, FULL = 1, 2
PQ, HLG = 16, 18
BT709, BT601 = 1, 6
RGB = 0

LUMA_WEIGHTS = {
    1: (0.2126, 0.0722),  # BT.709
    4: (0.30, 0.11),  # FCC
    5: (0.299, 0.114),  # BT.601, 625 lines
    6: (0.299, 0.114),  # BT.601, 525 lines
    7: (0.212, 0.087),  # SMPTE 240M
    9: (0.2627, 0.0593),  # BT.2020
    10: (0.2627, 0.0593),  # BT.2020, constant luminance; treated as not constant, both ways
}
"""Weights of red and blue in luma, by matrix tag."""

HD_LINES = 720
"""From this height on, players take an untagged video for BT.709, below for BT.601."""


@dataclass(frozen=True)
class Colour:
    """The colour tags of a video.

    Attributes:
        primaries, transfer, matrix: H.273 code points; ``UNKNOWN`` when the file does not tell.
        range: ``LIMITED``, ``FULL``, or 0 when the file does not tell (limited, by custom).
    """

    primaries: int = UNKNOWN
    transfer: int = UNKNOWN
    matrix: int = UNKNOWN
    range: int = 0

    @property
    def hdr(self) -> bool:
        """True when brightness is coded by PQ or HLG."""
        return self.transfer in (PQ, HLG)

    def settled(self, height: int) -> Colour:
        """Return the same with a matrix that is told: where none is known, that of a picture of *height*."""
        if self.matrix in LUMA_WEIGHTS:
            return self
        return replace(self, matrix=BT709 if height >= HD_LINES else BT601)

    def rgb_to_yuv(self, height: int, bits: int) -> NDArray[np.float64]:
        """Return the matrix from RGB in 0–255 to YUV codes.

        Args:
            height: of the picture; decides for untagged video.
            bits: of the YUV codes.

        Returns:
            (3, 4): the last column is added.
        """
        red, blue = LUMA_WEIGHTS[self.settled(height).matrix]
        green = 1 - red - blue
        to_yuv = np.array(
            [
                [red, green, blue],
                np.array([-red, -green, 1 - blue]) / (2 * (1 - blue)),
                np.array([1 - red, -green, -blue]) / (2 * (1 - red)),
            ]
        )
        if self.range == FULL:
            steps, zero = float(2**bits - 1) * np.ones(3), np.array([0, 2 ** (bits - 1), 2 ** (bits - 1)])
        else:
            steps, zero = (
                np.array([219.0, 224, 224]) * 2 ** (bits - 8),
                np.array([16, 128, 128]) * 2 ** (bits - 8),
            )
        return np.column_stack([to_yuv * steps[:, None] / 255, zero])

    def yuv_to_rgb(self, height: int, bits: int) -> NDArray[np.float64]:
        """Return the inverse of ``rgb_to_yuv``, (3, 4)."""
        forward = self.rgb_to_yuv(height, bits)
        inverse = np.linalg.inv(forward[:, :3])
        return np.column_stack([inverse, -inverse @ forward[:, 3]])
