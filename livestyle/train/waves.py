"""A picture as its waves, the long ones written small: descent finds large shapes as soon as small ones."""

from __future__ import annotations

import torch
from torch import Tensor

GAIN, LONGEST = 0.4, 0.02
"""Waves of f cycles a pixel are painted (1 / (f + LONGEST)) ** GAIN times as large as they are written."""


class Waves:
    """Writes pictures so that VGG19 sees about the same change for the same change of any wave.

    Of pixels it sees the short waves most, and gradient descent finds the long ones last. Olah et al. 2017
    ("Feature Visualization", Distill) go down in such a space, too.

    Args:
        size: height and width of the pictures in pixels.
        device: that they are on.
    """

    def __init__(self, size: tuple[int, int], device: torch.device) -> None:
        self._size = size
        cycles = torch.hypot(torch.fft.fftfreq(size[0])[:, None], torch.fft.rfftfreq(size[1])[None])
        self._gain = (((0.5 + LONGEST) / (cycles + LONGEST)) ** GAIN).to(device)

    def write(self, picture: Tensor) -> Tensor:
        """Return *picture*, (N, 3, H, W), as it is written; same shape."""
        return self._scale(picture, 1 / self._gain)

    def paint(self, written: Tensor) -> Tensor:
        """Return the picture that ``write`` made *written* of."""
        return self._scale(written, self._gain)

    def _scale(self, picture: Tensor, gain: Tensor) -> Tensor:
        return torch.fft.irfft2(torch.fft.rfft2(picture) * gain, s=self._size)
