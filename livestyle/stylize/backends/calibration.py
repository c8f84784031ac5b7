"""Pictures that show a network everything it may meet, to find the ranges of its values."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import cv2
import numpy as np

from livestyle.frame import Pixels

HEIGHT, WIDTH = 160, 256
OCTAVES = (2, 4, 8, 16, 32, 64, 128)
"""Sizes in pixels of the blotches that are summed: photographs hold more contrast at larger sizes."""


class Range(NamedTuple):
    """The lowest and the highest value met somewhere in the network."""

    low: float
    high: float


@cache
def calibration_pictures() -> list[Pixels]:
    """Return about a dozen pictures, uint8 RGB, (HEIGHT, WIDTH, 3), always the same.

    Random blotches of all sizes, smooth and hard-edged, dark to overexposed; black, white, a checkerboard.
    """
    random = np.random.default_rng(0)
    pictures = [blotches(random, hard=index % 2 == 1) for index in range(8)]
    rows, columns = np.indices((HEIGHT, WIDTH)) // 16
    checks = ((rows + columns) % 2 * 255)[..., None]
    plain = [np.full((HEIGHT, WIDTH, 3), value) for value in (0, 255)]
    return [picture.astype(np.uint8) for picture in (*pictures, *plain, np.repeat(checks, 3, 2))]


def blotches(random: np.random.Generator, *, hard: bool) -> Pixels:
    """Return a picture with contrast at every size, of random brightness and contrast."""
    scene = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    for size in OCTAVES:
        coarse = random.standard_normal((HEIGHT // size + 2, WIDTH // size + 2, 3)).astype(np.float32)
        scale = cv2.INTER_NEAREST if hard else cv2.INTER_LINEAR
        scene += cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=scale) * size**0.5
    scene *= random.uniform(30, 110) / scene.std()
    return np.clip(scene + random.uniform(60, 200), 0, 255).astype(np.uint8)
