"""The sizes that one picture is painted at, and whether photo and painting are large enough for them."""

from __future__ import annotations

import math
from pathlib import Path

from livestyle.errors import UsageError
from livestyle.frame import Pixels
from livestyle.settings import PaintSettings
from livestyle.train.easel import Level, plan_levels
from livestyle.train.likeness import fit_area, fit_longer

SMALLEST, SMALLEST_PAINTING = 32, 64
"""Pixels that the photo and the painting must have each way."""

NARROWEST, NARROWEST_PAINTING = 24, 16
"""Pixels that they must have each way at the coarsest size: VGG19 halves a picture four times."""


def levels_of(photo: Pixels, settings: PaintSettings) -> list[Level]:
    """Return the levels that *photo* is painted at, without those at which it is too narrow."""
    return plan_levels(min(settings.size, max(photo.shape[:2])), settings.steps, least_size(photo))


def least_size(photo: Pixels) -> int:
    """Return the longer side at which *photo* is wide enough to be looked at."""
    height, width = photo.shape[:2]
    return math.ceil(NARROWEST * max(height, width) / min(height, width))


def check_sizes(path: Path, photo: Pixels, settings: PaintSettings) -> None:
    """Raise UsageError unless *photo*, of the file *path*, is large enough for *settings*."""
    check_side(path, photo, SMALLEST)
    needed = least_size(photo)
    if settings.size < needed:
        height, width = fit_longer(photo, settings.size).shape[:2]
        told = f"{path} is long and narrow, {width}×{height} with this --size"
        raise UsageError(f"{told}; give {needed} or more, or a part of it")


def check_painting(path: Path, painting: Pixels, photo: Pixels, settings: PaintSettings) -> None:
    """Raise UsageError unless *painting*, of the file *path*, is large enough beside the smallest *photo*."""
    check_side(path, painting, SMALLEST_PAINTING)
    height, width = fit_longer(photo, levels_of(photo, settings)[0].size).shape[:2]
    height, width = fit_area(painting, height * width).shape[:2]
    if min(height, width) < NARROWEST_PAINTING:
        raise UsageError(f"{path} is too long and narrow: {width}×{height} at first; give a part of it")


def check_side(path: Path, pixels: Pixels, least: int) -> None:
    """Raise UsageError unless *pixels*, of the file *path*, have *least* each way."""
    height, width = pixels.shape[:2]
    if min(height, width) < least:
        raise UsageError(f"{path} is {width}×{height}; it must be {least} pixels or more each way")
