"""How far a picture is from showing what a photo shows in the style of a painting, in the eyes of VGG19.

Gatys et al. 2015 (arXiv:1508.06576): content at relu4_2, style by Gram matrices at relu1_1 … relu5_1. Each
term is relative to its own target, as in ``livestyle.train.losses``.
"""

from __future__ import annotations

import cv2
import torch
from torch import Tensor

from livestyle.frame import Pixels
from livestyle.train.losses import content_loss, gram, style_loss
from livestyle.train.vgg import Perceptual

CONTENT = ("relu4_2",)
STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")

STYLE_WEIGHT = 10.0
"""Of the style against the content, at style strength 1."""


class Likeness:
    """The loss that a painting is made by: of one photo and one painting, at one size.

    Args:
        judge: VGG19, on its device and in its precision.
        photo, painting: uint8 RGB, (H, W, 3), of the sizes at which they are to be compared.
        style_strength: how much style against content.
    """

    def __init__(
        self, judge: Perceptual, photo: Pixels, painting: Pixels, style_strength: float = 1.0
    ) -> None:
        self.judge = judge
        self.style_weight = STYLE_WEIGHT * style_strength
        with torch.no_grad():
            self.photo = as_tensor(photo, judge)  # (1, 3, H, W) in [0, 1], float32
            seen = self._look(self.photo, last=CONTENT[0])
            self._content = {tap: seen[tap] for tap in CONTENT}
            seen = self._look(as_tensor(painting, judge))
            self._grams = {tap: gram(seen[tap])[0] for tap in STYLE}

    def __call__(self, picture: Tensor) -> dict[str, Tensor]:
        """Return the weighted losses of *picture*, RGB in [0, 1], (1, 3, H, W); their sum is to go down."""
        seen = self._look(picture)
        return {
            "style": self.style_weight * style_loss(seen, self._grams),
            "content": content_loss(seen, self._content),
        }

    def _look(self, picture: Tensor, last: str | None = None) -> dict[str, Tensor]:
        found: dict[str, Tensor] = self.judge(picture.to(next(self.judge.parameters()).dtype), last=last)
        return found


def as_tensor(pixels: Pixels, judge: Perceptual) -> Tensor:
    """Return *pixels*, uint8 RGB, as float32 in [0, 1], (1, 3, H, W), on the device of *judge*."""
    device = next(judge.parameters()).device
    return (torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255).contiguous().to(device)


def as_pixels(picture: Tensor) -> Pixels:
    """Return *picture*, (1, 3, H, W) in [0, 1], as uint8 RGB, (H, W, 3)."""
    levels = (picture.detach()[0].clamp(0, 1) * 255).round().to(torch.uint8)
    return levels.permute(1, 2, 0).contiguous().cpu().numpy()


def fit_longer(pixels: Pixels, size: int) -> Pixels:
    """Return *pixels* with *size* pixels on the longer side; never larger than it is."""
    return scale(pixels, min(1.0, size / max(pixels.shape[:2])))


def fit_area(pixels: Pixels, area: int) -> Pixels:
    """Return *pixels* with about *area* pixels in all; never larger than it is: sharp strokes stay sharp."""
    return scale(pixels, min(1.0, (area / (pixels.shape[0] * pixels.shape[1])) ** 0.5))


def fit_shorter(pixels: Pixels, size: float) -> Pixels:
    """Return *pixels* with *size* pixels on the shorter side, made smaller or larger."""
    factor = size / min(pixels.shape[:2])
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=how)
    return resized.astype(pixels.dtype, copy=False)


def scale(pixels: Pixels, factor: float) -> Pixels:
    """Return *pixels* with sides *factor* ≤ 1 times as long."""
    if factor == 1:
        return pixels
    height, width = (max(round(side * factor), 1) for side in pixels.shape[:2])
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA).astype(pixels.dtype, copy=False)
