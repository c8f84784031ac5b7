"""The fine network of a style: paints half of a picture's size with strokes half as broad.

Enlarged, that looks as if the picture had been painted at its own size, at a quarter of the cost: the
governor's smaller sizes are painted so. The style's own network is the teacher.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from livestyle.settings import TrainSettings
from livestyle.styles.tiers import SMALLEST
from livestyle.stylize.network import StyleNetwork
from livestyle.stylize.padding import BORDER
from livestyle.train.imitate import imitate, paint_within
from livestyle.train.photos import Photos
from livestyle.train.settle import NOISE, add_noise, pictures_of
from livestyle.train.trainer import Progress

MOST_STEPS = 600
RATE = 8e-3

DECAY = 0.3
"""Of the kernels. Where all is black or white nothing else ends their growth, beyond what 8 bits can hold."""

STEP_SHARE = 0.4
"""Of the time that training takes for a photo that one of these steps takes, about."""

SIDE = 288
"""Pixels a side of what the teacher paints, at most."""

AREA = 8
"""Pixels a side of the squares in which the painting has to be as rough as the teacher's."""


def wants_fine(settings: TrainSettings) -> bool:
    """Return whether styles of that tier have a fine network: those that are painted live on a CPU."""
    return settings.tier == SMALLEST


def teach_fine(
    network: StyleNetwork,
    photos: Photos,
    settings: TrainSettings,
    precision: torch.dtype,
    on_progress: Callable[[Progress], None],
    stop: threading.Event | None = None,
    most_steps: int = MOST_STEPS,
) -> StyleNetwork:
    """Return a network that paints halved pictures as *network* paints whole ones.

    Args:
        network: without norms, on the device where to train; laid out anew, but not changed.
        photos: to paint.
        settings: of the training before.
        precision: to calculate in; weights stay float32.
        on_progress: called after each step.
        stop: when set, the rest is left out.
        most_steps: no more than these, nor than the training before had.
    """
    noise = NOISE if settings.steadiness else 0.0

    def unlike(teacher: StyleNetwork, learner: StyleNetwork, step: int) -> Tensor:
        clean = pictures_of(step, photos, settings.seed, SIDE)
        noisy = add_noise(clean, noise, step, settings.seed)
        device = learner.out.conv.weight.device
        with torch.no_grad():
            wanted = avg_pool2d(paint_within(teacher, clean.to(device), 2 * BORDER), 2)
        painted = paint_within(learner, avg_pool2d(noisy.to(device), 2), BORDER)
        # What cannot be known from half of the picture comes out as a mean, so soft, unless softness costs.
        return (painted - wanted).abs().mean() + (roughness(painted) - roughness(wanted)).abs().mean()

    steps = min(settings.steps, most_steps)
    return imitate(network, unlike, "fine", steps, RATE, precision, on_progress, stop, DECAY)


def roughness(pictures: Tensor) -> Tensor:
    """Return how much pixels differ from those around them, by areas: (N, 3, H, W) to (N, 3, H/8, W/8)."""
    soft = avg_pool2d(pictures, 3, stride=1, padding=1, count_include_pad=False)
    return avg_pool2d((pictures - soft).abs(), AREA)
