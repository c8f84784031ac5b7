"""Tells sensor noise from change between two small pictures."""

from __future__ import annotations

import cv2
import numpy as np

from livestyle.frame import Pixels
from livestyle.stylize.motion import FINE, Map, mean_channels

RESTING, CHANGING = 1.0, 3.0
"""Mean change of a neighbourhood, in levels, up to which it is noise, and from which it is surely not."""

SIDE = 5
"""Pixels of the small picture that are judged together: so many across, so many down."""

MOST_NOISE = 8.0
"""Levels; what differs more between frames is motion."""

LEAST_RESTING = 0.05
"""Part of the picture that must be at rest to tell noise; the less there is, the less is known of it."""

FINEST = 32
"""Steps of a level in which 8 bits hold the mean change of a neighbourhood: as far as matters, to a 32nd."""


def measure_change(now: Pixels, before: Pixels) -> tuple[Map, float]:
    """Tell change from noise.

    Noise differs in sign from pixel to pixel: it leaves the mean of a neighbourhood alone, change does not.

    Args:
        now: a small picture, uint8 RGB.
        before: the one before, same size.

    Returns:
        From 0, at rest, to 1, changed, (h, w); and how much a pixel at rest differs, in levels.
    """
    sums = cv2.boxFilter(
        cv2.subtract(now, before, dtype=cv2.CV_16S), cv2.CV_16S, (SIDE, SIDE), normalize=False
    )
    coherent = mean_channels(cv2.convertScaleAbs(sums, alpha=FINEST / SIDE**2), 1)
    restless = cv2.blur(mean_channels(cv2.absdiff(now, before), FINE), (SIDE, SIDE))
    resting = coherent[::4, ::4] <= RESTING * FINEST
    noise = 0.0
    if resting.any():
        typical = min(float(np.median(restless[::4, ::4][resting])) / FINE, MOST_NOISE)
        noise = typical * min(float(resting.mean()) / LEAST_RESTING, 1.0)
    unrest = cv2.LUT(restless, np.maximum(np.arange(256, dtype=np.float32) / FINE - 2 * noise - 1, 0))
    level = cv2.scaleAdd(coherent.astype(np.float32), 1 / FINEST, unrest)
    change = np.clip((level - RESTING) / (CHANGING - RESTING), 0, 1)
    return cv2.dilate(change, np.ones((3, 3), np.uint8)), noise
