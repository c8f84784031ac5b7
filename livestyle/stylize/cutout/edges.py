"""Gives a small mask the edges of a larger picture: a guided filter, made on small pictures.

He, Sun and Tang 2010, *Guided Image Filtering*; He and Sun 2015 (arXiv:1505.00996), the fast one. In each
neighbourhood the mask is taken for a mix of the three colours; so it ends where they change.
"""

from __future__ import annotations

import cv2
import numpy as np

from livestyle.frame import Pixels
from livestyle.stylize.motion import Map

NEIGHBOURHOOD = (5, 5)
"""Pixels of the small picture."""

GRAIN = 1e-3
"""Variance of colour, in [0, 1], up to which a neighbourhood is taken for one colour: its mask is blurred."""

HIDDEN, SHOWN = 0.25, 0.8
"""What is nearly nothing becomes nothing, and what is nearly all becomes all."""

SUM = np.array([[1, 1, 1, 1, -HIDDEN]], np.float32) / (SHOWN - HIDDEN)
"""Adds up the four parts of a mix, and stretches what is between hidden and shown over [0, 1]."""


class EdgeFollower:
    """Works at one size, *height* × *width*, in memory that is made once: new would cost more than sums."""

    def __init__(self, height: int, width: int) -> None:
        self.size = (height, width)
        self._mix = np.empty((height, width, 4), np.float32)
        self._levels = np.empty((height, width, 4), np.uint8)
        self._mask = np.empty((height, width), np.float32)

    def follow(self, mask: Map, small: Pixels, large: Pixels) -> Map:
        """Return *mask* at the size of *large*, ending where its colours do.

        Args:
            mask: in [0, 1], (h, w).
            small: *large*, shrunk to the size of the mask; uint8 RGB.
            large: uint8 RGB, (H, W, 3).

        Returns:
            In [0, 1], (H, W); it holds until the next call.
        """
        mix = smooth(fit(mask, small.astype(np.float32) * np.float32(1 / 255)))
        height, width = self.size
        cv2.resize(mix, (width, height), dst=self._mix, interpolation=cv2.INTER_LINEAR)
        cv2.cvtColor(large, cv2.COLOR_RGB2RGBA, dst=self._levels)  # the fourth is 255: what is added
        cv2.multiply(self._mix, self._levels, dst=self._mix, scale=1 / 255, dtype=cv2.CV_32F)
        cv2.transform(self._mix, SUM, dst=self._mask)
        return np.clip(self._mask, 0, 1, out=self._mask)


def fit(mask: Map, colours: Map) -> Map:
    """Return by which mix of red, green, blue and 1 *mask* is met best around each pixel, (h, w, 4).

    Args:
        mask: (h, w).
        colours: in [0, 1], (h, w, 3).
    """
    red, green, blue = cv2.split(colours)
    squares = cv2.merge([red * red, green * green, blue * blue])
    pairs = cv2.merge([green * blue, red * blue, red * green])
    mean, mean_mask = smooth(colours), smooth(mask)
    r, g, b = cv2.split(mean)
    rr, gg, bb = cv2.split(smooth(squares) - mean * mean + np.float32(GRAIN))
    gb, rb, rg = cv2.split(smooth(pairs) - cv2.merge([g * b, r * b, r * g]))
    along = cv2.split(smooth(colours * mask[..., None]) - mean * mean_mask[..., None])
    # the inverse of the symmetric matrix of variances, by its cofactors
    inverse_rr, inverse_gg, inverse_bb = gg * bb - gb * gb, rr * bb - rb * rb, rr * gg - rg * rg
    inverse_rg, inverse_rb, inverse_gb = rb * gb - rg * bb, rg * gb - rb * gg, rg * rb - rr * gb
    scale = 1 / (rr * inverse_rr + rg * inverse_rg + rb * inverse_rb)
    mix = [
        scale * (x * along[0] + y * along[1] + z * along[2])
        for x, y, z in (
            (inverse_rr, inverse_rg, inverse_rb),
            (inverse_rg, inverse_gg, inverse_gb),
            (inverse_rb, inverse_gb, inverse_bb),
        )
    ]
    rest = mean_mask - (mix[0] * r + mix[1] * g + mix[2] * b)
    return cv2.merge([*mix, rest])


def smooth(values: Map) -> Map:
    """Return the mean around each pixel."""
    return cv2.blur(values, NEIGHBOURHOOD)
