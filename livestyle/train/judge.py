"""How far a picture is from a painting in style, in the eyes of the network that judges."""

from __future__ import annotations

from collections.abc import Callable

import torch

from livestyle.frame import Pixels
from livestyle.styles.store import home
from livestyle.train.losses import Activations, gram, style_loss
from livestyle.train.perceptual import load_perceptual


def make_judge(painting: Pixels) -> Callable[[Pixels], float]:
    """Return a function that tells how far a picture is from *painting*: 0 is equal, about 1 is unrelated.

    Both are uint8 RGB, (H, W, 3), of any size.

    Raises:
        WeightsUnavailable: there are no weights for the network that judges.
    """
    network = load_perceptual(home() / "weights")

    @torch.inference_mode()
    def look(pixels: Pixels) -> Activations:
        activations: Activations = network(torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255)
        return activations

    target = {tap: gram(features)[0] for tap, features in look(painting).items()}
    return lambda pixels: float(style_loss(look(pixels), target))
