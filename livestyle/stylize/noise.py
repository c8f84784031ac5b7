"""Tells sensor noise from change between two small pictures.

Noise is fine, or has a grain: cameras that interpolate colours, take noise away or compress leave noise whose
neighbouring pixels are alike.
"""

from __future__ import annotations

import cv2
import numpy as np

from livestyle.frame import Pixels
from livestyle.stylize.motion import FINE, Map, mean_channels

RESTING, SURER = 1.0, 2.0
"""Mean change of a neighbourhood, in levels, up to which it is noise, at least; so much more is none."""

GRAINY = 2.5
"""Up to so many times the grain it is noise as well, where nothing moves."""

MOST_GRAIN = 2.4
"""Levels; a neighbourhood that differs by more is another one."""

QUIETEST = 0.1
"""Part of the picture that differs least from what was expected: by grain alone."""

SIDE = 5
"""Pixels of the small picture that are judged together: so many across, so many down."""

AROUND = 3 * SIDE
"""So many across and down: where most of them move, it is no noise, by which few do."""

MOST_NOISE = 8.0
"""Levels; what differs more between frames is motion."""

LEAST_RESTING = 0.05
"""Part of the picture that must be at rest to tell noise; the less there is, the less is known of it."""

FINEST = 32
"""Steps of a level in which 8 bits hold the mean change of a neighbourhood: as far as matters, to a 32nd."""


def measure_change(now: Pixels, before: Pixels, rest: Map | float = RESTING) -> tuple[Map, float]:
    """Tell change from noise.

    Noise differs in sign from pixel to pixel: it leaves the mean of a neighbourhood alone, change does not.

    Args:
        now: a small picture, uint8 RGB.
        before: the one before, same size.
        rest: mean change of a neighbourhood up to which it is noise, in levels, (h, w) or everywhere.

    Returns:
        From 0, at rest, to 1, changed, (h, w); and how much a pixel at rest differs, in levels.
    """
    sums = cv2.boxFilter(
        cv2.subtract(now, before, dtype=cv2.CV_16S), cv2.CV_16S, (SIDE, SIDE), normalize=False
    )
    coherent = mean_channels(cv2.convertScaleAbs(sums, alpha=FINEST / SIDE**2), 1)
    restless = cv2.blur(mean_channels(cv2.absdiff(now, before), FINE), (SIDE, SIDE))
    resting = (coherent <= np.float32(FINEST) * rest)[::4, ::4]
    noise = 0.0
    if resting.any():
        typical = min(float(np.median(restless[::4, ::4][resting])) / FINE, MOST_NOISE)
        noise = typical * min(float(resting.mean()) / LEAST_RESTING, 1.0)
    unrest = cv2.LUT(restless, np.maximum(np.arange(256, dtype=np.float32) / FINE - 2 * noise - 1, 0))
    level = cv2.scaleAdd(coherent.astype(np.float32), 1 / FINEST, unrest)
    change = np.clip((level - rest) / SURER, 0, 1)
    return cv2.dilate(change, np.ones((3, 3), np.uint8)), noise


def measure_grain(now: Pixels, expected: Pixels) -> float:
    """Return how much the mean of a neighbourhood differs by noise alone, in levels, at most ``MOST_GRAIN``.

    Args:
        now: a small picture, uint8 RGB.
        expected: the one before, where it has moved, same size; so motion is no grain.
    """
    height, width = now.shape[:2]
    size = max(width // SIDE, 1), max(height // SIDE, 1)
    means = cv2.resize(cv2.subtract(now, expected, dtype=cv2.CV_32F), size, interpolation=cv2.INTER_AREA)
    apart = cv2.blur(cv2.transform(np.abs(means), np.full((1, 3), 1 / 3)), (3, 3)).ravel()
    quiet = int(QUIETEST * apart.size)
    return min(float(np.partition(apart, quiet)[quiet]), MOST_GRAIN)


def find_rest(grain: float, moving: Map) -> Map:
    """Return the mean change of a neighbourhood up to which it is noise, in levels, (h, w).

    Args:
        grain: how much it differs by noise alone, in levels.
        moving: from 0, at rest, to 1, moving, (h, w); there little is taken for noise, or it would smear.
    """
    more = GRAINY * grain - RESTING
    if more <= 0:
        return np.full(moving.shape, RESTING, np.float32)
    at_rest: Map = np.clip(1.5 - 2 * cv2.blur(moving, (AROUND, AROUND)), 0, 1)
    return RESTING + more * at_rest
