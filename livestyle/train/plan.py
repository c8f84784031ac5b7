"""How long a run takes: steps of training, and what follows them."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable
from itertools import count

from livestyle.settings import TrainSettings
from livestyle.train import fine, settle

COMPARED = 4
"""Styles that ship, and are nearest to the painting, that the new one is compared with."""

COMPARED_PHOTOS = 11
"""Photos that training takes in the time of that comparison, about."""


def count_parts(settings: TrainSettings) -> int:
    """Return how many parts a run has: training, settling, half size in some tiers, and the comparison."""
    return 3 + fine.wants_fine(settings)


def number_parts(settings: TrainSettings, say: Callable[[str], None]) -> Callable[[str], None]:
    """Return what *say*s that a part begins, and which one of how many it is."""
    numbers, parts = count(1), count_parts(settings)
    return lambda text: say(f"part {next(numbers)} of {parts}: {text}")


def plan_steps(settings: TrainSettings, fitting: int) -> int:
    """Return how many steps fit, with what follows them, into the time of so many steps."""
    return (
        bisect(range(fitting + 1), float(fitting), key=lambda steps: steps + later_steps(settings, steps)) - 1
    )


def later_steps(settings: TrainSettings, steps: int) -> float:
    """Return how many steps of training take as long as what follows so many *steps*."""
    photos = settle.STEP_SHARE * min(steps, settle.MOST_STEPS) + photos_of_fine(settings, steps)
    photos += COMPARED_PHOTOS
    painted = 2 if settings.steadiness else 1  # times that a step of training paints each photo
    return 2 * photos / (settings.batch * painted)


def photos_of_fine(settings: TrainSettings, steps: int) -> float:
    """Return for how many photos training takes as long as half size does after so many *steps*."""
    return fine.STEP_SHARE * min(steps, fine.MOST_STEPS) if fine.wants_fine(settings) else 0.0
