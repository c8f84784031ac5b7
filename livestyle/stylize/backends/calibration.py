"""Pictures that show a network everything it may meet, to find the ranges of its values."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from livestyle.frame import Pixels

HEIGHT, WIDTH = 320, 512
"""As large as what fills a photo: a network answers most to broad areas, and to what is beside them."""

PICTURES, SHAPES = 8, 60


@cache
def calibration_pictures() -> list[Pixels]:
    """Return a few pictures, uint8 RGB, (HEIGHT, WIDTH, 3), always the same.

    Ellipses and boxes of all sizes and colours, many of them black or white, sharp to blurred. They drive
    the values of the styles that ship about as far as photos do: 0.7 to 1.9 times.
    """
    rng = np.random.default_rng(1)
    return [scatter_shapes(rng) for _ in range(PICTURES)]


def scatter_shapes(rng: np.random.Generator) -> Pixels:
    """Return a picture of shapes that lie on each other."""
    picture = np.full((HEIGHT, WIDTH, 3), rng.integers(0, 256, 3), np.uint8)
    for number in range(SHAPES):
        colour = rng.integers(0, 256, 3).tolist() if number % 2 else [int(rng.choice([0, 255]))] * 3
        x, y, long = int(rng.integers(WIDTH)), int(rng.integers(HEIGHT)), int(2 ** rng.uniform(2, 7))
        short = max(int(long * rng.uniform(0.2, 1)), 1)
        if number % 3:
            angle = float(rng.uniform(0, 180))
            cv2.ellipse(picture, (x, y), (long, short), angle, 0, 360, colour, cv2.FILLED)
        else:
            cv2.rectangle(picture, (x, y), (x + long, y + short), colour, cv2.FILLED)
    return cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.4, 4))).astype(np.uint8, copy=False)
