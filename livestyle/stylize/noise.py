"""Tells sensor noise from change between two small pictures.

Noise is fine, or has a grain: cameras that interpolate colours, take noise away or compress leave noise whose
neighbouring pixels are alike.
"""

from __future__ import annotations

import cv2
import numpy as np

from livestyle.frame import Pixels
from livestyle.stylize.motion import CELL, FINE, Map, mean_cells, mean_channels

RESTING, SURER = 1.0, 2.0
"""Mean change of a neighbourhood, in levels, up to which it is noise, at least; so much more is none."""

GRAINY = 2.5
"""Up to so many times the grain it is noise as well, where nothing moves."""

MOST_GRAIN = 2.4
"""Levels; so a neighbourhood that differs by 8, the most that its 8 bits hold, is another one."""

QUIETEST, LEAST_CHANGE, ENOUGH = 0.1, 0.125, 0.3
"""Part of the picture that differs least from what was expected, by grain alone; of what differs by more
levels than that, as bars and black do not; which must be so of that part of the picture at least."""

FLEETING, LASTING = 0.2, 0.4
"""Correlation with the residual of the frame before: up to that it is noise, new in each; from that none."""

SAME_AGAIN = 0.25
"""Mean difference of two pictures, in levels, up to which they are the same, encoded twice."""

DOUBT = 0.125
"""How quickly grain is forgotten while pictures come again, which may have none, in parts of the usual."""

AROUND = 3 * CELL
"""Pixels across and down: where most of them seem to move, something does; by noise, some seem to."""

MOST_NOISE = 8.0
"""Levels; what differs more between frames is motion."""

LEAST_RESTING = 0.05
"""Part of the picture that must be at rest to tell noise; the less there is, the less is known of it."""

FINEST = 32
"""Steps of a level in which 8 bits hold the mean change of a neighbourhood: as far as matters, to a 32nd."""


def measure_change(now: Pixels, before: Pixels, rest: Map | float = RESTING) -> tuple[Map, float]:
    """Tell change from noise.

    Noise differs in sign from pixel to pixel: it changes the mean of a neighbourhood less than change does.

    Args:
        now: a small picture, uint8 RGB.
        before: the one before, same size.
        rest: mean change of a neighbourhood up to which it is noise, in levels, (h, w) or everywhere.

    Returns:
        From 0, at rest, to 1, changed, (h, w); and how much a pixel at rest differs, in levels.
    """
    sums = cv2.boxFilter(
        cv2.subtract(now, before, dtype=cv2.CV_16S), cv2.CV_16S, (CELL, CELL), normalize=False
    )
    coherent = mean_channels(cv2.convertScaleAbs(sums, alpha=FINEST / CELL**2), 1)
    restless = cv2.blur(mean_channels(cv2.absdiff(now, before), FINE), (CELL, CELL))
    limits = rest[::4, ::4] if isinstance(rest, np.ndarray) else rest
    resting = coherent[::4, ::4] <= np.float32(FINEST) * limits
    noise = 0.0
    if resting.any():
        typical = min(float(np.median(restless[::4, ::4][resting])) / FINE, MOST_NOISE)
        noise = typical * min(float(resting.mean()) / LEAST_RESTING, 1.0)
    unrest = cv2.LUT(restless, np.maximum(np.arange(256, dtype=np.float32) / FINE - 2 * noise - 1, 0))
    level = cv2.scaleAdd(coherent.astype(np.float32), 1 / FINEST, unrest)
    change = np.clip((level - rest) / SURER, 0, 1)
    return cv2.dilate(change, np.ones((3, 3), np.uint8)), noise


def is_again(now: Pixels, before: Pixels) -> bool:
    """Return whether *now* is the picture *before* once more: of a camera that is slower than its stream."""
    return float(cv2.norm(now, before, cv2.NORM_L1)) <= SAME_AGAIN * now.size


def find_residual(now: Pixels, expected: Pixels) -> Map:
    """Return by how many levels neighbourhoods differ from what was expected, (h / 5, w / 5, 3).

    Args:
        now: a small picture, uint8 RGB, (h, w, 3).
        expected: the one before, where it has moved, same size; so motion leaves little.
    """
    return mean_cells(cv2.subtract(now, expected, dtype=cv2.CV_32F))


def measure_grain(residual: Map, before: Map) -> float:
    """Return how much the mean of a neighbourhood differs by noise alone, in levels, at most ``MOST_GRAIN``.

    Args:
        residual: what ``find_residual`` returned.
        before: the same of the frame before; zeros where there was none.
    """
    apart = cv2.blur(cv2.transform(np.abs(residual), np.full((1, 3), 1 / 3)), (3, 3)).ravel()
    changing = apart[apart > LEAST_CHANGE]
    if len(changing) < ENOUGH * len(apart):
        return 0.0
    quiet = int(QUIETEST * len(changing))
    grain = min(float(np.partition(changing, quiet)[quiet]), MOST_GRAIN)
    sizes = float(np.vdot(residual, residual)) * float(np.vdot(before, before))
    lasting = float(np.vdot(residual, before)) / max(sizes, 1e-12) ** 0.5
    return grain * min(max((LASTING - lasting) / (LASTING - FLEETING), 0.0), 1.0)


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
