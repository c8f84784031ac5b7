"""How far a picture is from a painting in style, in the eyes of the network that judges."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from livestyle.frame import Pixels
from livestyle.settings import TrainSettings
from livestyle.styles.store import home
from livestyle.train.likeness import fit_shorter
from livestyle.train.losses import CONTENT_TAPS, Activations, content_loss, gram, style_loss
from livestyle.train.perceptual import load_perceptual

JUDGED_SIZE = TrainSettings.style_size
"""Of a painting's shorter side, in pixels, for figures that are to be compared between styles."""


def make_judge(painting: Pixels) -> Callable[[Pixels], float]:
    """Return a function that tells how far a picture is from *painting*: 0 is equal, about 1 is unrelated.

    Both are uint8 RGB, (H, W, 3), of any size; of the painting the shorter side becomes ``JUDGED_SIZE``
    pixels long.

    Raises:
        WeightsUnavailable: there are no weights for the network that judges.
    """
    look = make_eye(None)
    target = look_at_painting(look, painting, JUDGED_SIZE)
    return lambda pixels: float(style_loss(look(pixels), target))


def make_comparer(
    painting: Pixels, size: int, perceptual: Path | None = None
) -> Callable[[Pixels, Pixels], dict[str, float]]:
    """Return a function that tells from a photo and what a style made of it how well that was done.

    Its figures are ``style_distance``, to *painting* with its shorter side *size* pixels long: 0 is equal,
    about 1 unrelated; and ``content_distance``, to the photo: 0 is equal, paintings have about 1 and more.
    Pictures are uint8 RGB, (H, W, 3).

    Args:
        painting: of any size.
        size: of the painting's shorter side, in pixels.
        perceptual: file of VGG16 weights; None finds them.

    Raises:
        WeightsUnavailable: there are no weights for the network that judges.
    """
    look = make_eye(perceptual)
    target = look_at_painting(look, painting, size)
    originals: dict[bytes, Activations] = {}  # many styles paint the same photos

    def compare(photo: Pixels, painted: Pixels) -> dict[str, float]:
        known_by = photo.tobytes()
        if known_by not in originals:
            activations = look(photo)
            originals[known_by] = {tap: activations[tap] for tap in CONTENT_TAPS}
        seen = look(painted)
        return {
            "style_distance": float(style_loss(seen, target)),
            "content_distance": float(content_loss(seen, originals[known_by])),
        }

    return compare


def look_at_painting(look: Callable[[Pixels], Activations], painting: Pixels, size: int) -> Activations:
    """Return the Gram matrices of *painting*, by tap, with its shorter side *size* pixels long."""
    return {tap: gram(features)[0] for tap, features in look(fit_shorter(painting, size)).items()}


def make_eye(perceptual: Path | None) -> Callable[[Pixels], Activations]:
    """Return a function that looks at a picture through VGG16."""
    network = load_perceptual(home() / "weights", perceptual)

    @torch.inference_mode()
    def look(pixels: Pixels) -> Activations:
        activations: Activations = network(torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255)
        return activations

    return look
