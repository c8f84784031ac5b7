"""Settling: what is painted no longer depends on noise, nor on how near an edge is, and shows no lattice.

The network is its own teacher, which sees clean pictures with more of them mirrored around; the lattice that
its paintings show is left out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import cv2
import numpy as np
import torch
from torch import Tensor

from livestyle.settings import TrainSettings
from livestyle.stylize.network import StyleNetwork
from livestyle.stylize.padding import BORDER
from livestyle.train.imitate import imitate, paint_within
from livestyle.train.losses import lattice
from livestyle.train.photos import Photos
from livestyle.train.trainer import Progress

MOST_STEPS = 300
RATE = 1e-3

STEP_SHARE = 0.22
"""Of the time that training takes for a photo that one of these steps takes, about."""

SIDE = 176
"""Pixels a side of what is painted: at the edge of a smaller one all would be near another edge, too."""

PHOTOS, PATTERNS = 2, 2
"""In one step. Titles, slides and games have colours that no photo has."""

BEYOND = 64
"""Pixels mirrored for the teacher beyond the border that is padded when painting: no tier looks farther."""

RIM = 4
"""Pixels along each edge that count twice: that is where the learner, which sees zeros around, errs most."""

NOISE = 6.0
"""Largest σ of what is added to pictures, in levels: a sensor in the dark has as much."""


def settle(
    network: StyleNetwork,
    photos: Photos,
    settings: TrainSettings,
    noise: float,
    precision: torch.dtype,
    on_progress: Callable[[Progress], None],
    stop: threading.Event | None = None,
) -> StyleNetwork:
    """Return *network*, which has no norms, painting noisy, narrow pictures as it does clean, wide ones.

    Args:
        network: on the device where to train; laid out anew, but not changed.
        photos: to paint.
        settings: of the training before.
        noise: largest σ of what is added to pictures, in levels; 0 mends edges alone.
        precision: to calculate in; weights stay float32.
        on_progress: called after each step.
        stop: when set, the rest is left out.
    """

    def unsettled(teacher: StyleNetwork, learner: StyleNetwork, step: int) -> Tensor:
        clean = pictures_of(step, photos, settings.seed, SIDE)
        noisy = add_noise(clean, noise, step, settings.seed)
        device = learner.out.conv.weight.device
        with torch.no_grad():
            wanted = paint_within(teacher, clean.to(device), BORDER + BEYOND)
            wanted = (wanted - lattice(wanted)).clamp(0, 1)
        difference = (paint_within(learner, noisy.to(device), BORDER) - wanted).abs()
        return difference.mean() + at_edges(difference).mean()

    steps = min(settings.steps, MOST_STEPS)
    return imitate(network, unsettled, "settle", steps, RATE, precision, on_progress, stop)


def at_edges(difference: Tensor) -> Tensor:
    """Return the mean of *difference*, (N, 3, H, W), along each edge, ``RIM`` pixels wide: (4,)."""
    edges = (difference[:, :, :RIM], difference[:, :, -RIM:], difference[..., :RIM], difference[..., -RIM:])
    return torch.stack([edge.mean() for edge in edges])


def pictures_of(step: int, photos: Photos, seed: int, most: int) -> Tensor:
    """Return the pictures of one *step*, RGB in [0, 1], (N, 3, S, S); S: *most* or what *photos* have."""
    side = min(most, photos.size)
    first = (photos.size - side) // 2
    crops = photos.crops(step, PHOTOS)[:, :, first : first + side, first : first + side]
    rng = np.random.default_rng([seed, step])
    return torch.cat([crops, *(random_pattern(side, rng) for _ in range(PATTERNS))])


def random_pattern(side: int, rng: np.random.Generator) -> Tensor:
    """Return spots or squares of any colours, RGB in [0, 1], (1, 3, side, side)."""
    count = int(rng.integers(5, 42))
    how = (cv2.INTER_CUBIC, cv2.INTER_NEAREST)[rng.integers(2)]
    spots = cv2.resize(rng.integers(0, 256, (count, count, 3), np.uint8), (side, side), interpolation=how)
    blurred = cv2.GaussianBlur(spots, (0, 0), rng.uniform(0.3, 3))
    return torch.from_numpy(blurred).permute(2, 0, 1)[None].float() / 255


def add_noise(pictures: Tensor, most: float, step: int, seed: int) -> Tensor:
    """Return *pictures*, (N, 3, H, W) in [0, 1], with σ of up to *most* levels."""
    generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
    sigma = most / 255 * torch.rand((len(pictures), 1, 1, 1), generator=generator)
    return (pictures + sigma * torch.randn(pictures.shape, generator=generator)).clamp(0, 1)
