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

BLOCK_ROWS = 32
"""Of the small picture, that are solved together: so few that they stay in the processor's cache."""

TURN = [0, 1, 1, 2, 2, 0]
"""For ``mixChannels``: blue, red, green of red, green, blue."""


class EdgeFollower:
    """Works at one pair of sizes, each (height, width), in memory that is made once: new costs more."""

    def __init__(self, small: tuple[int, int], large: tuple[int, int]) -> None:
        self.sizes = (small, large)
        self._colours, self._turned, self._masks, self._product = (room(small, 3) for _ in range(4))
        self._means = [room(small, 3) for _ in range(4)]
        self._mean_mask, self._mix, self._smooth = np.empty(small, np.float32), room(small, 4), room(small, 4)
        self._large_mix = room(large, 4)
        self._levels = np.empty((*large, 4), np.uint8)
        self._mask = np.empty(large, np.float32)

    def follow(self, mask: Map, small: Pixels, large: Pixels) -> Map:
        """Return *mask* at the size of *large*, ending where its colours do.

        Args:
            mask: in [0, 1], (h, w).
            small: *large*, shrunk to the size of the mask; uint8 RGB.
            large: uint8 RGB, (H, W, 3).

        Returns:
            In [0, 1], (H, W); it holds until the next call.
        """
        cv2.blur(self._fit(mask, small), NEIGHBOURHOOD, dst=self._smooth)
        height, width = self.sizes[1]
        cv2.resize(self._smooth, (width, height), dst=self._large_mix, interpolation=cv2.INTER_LINEAR)
        cv2.cvtColor(large, cv2.COLOR_RGB2RGBA, dst=self._levels)  # the fourth is 255: what is added
        cv2.multiply(self._large_mix, self._levels, dst=self._large_mix, scale=1 / 255, dtype=cv2.CV_32F)
        cv2.transform(self._large_mix, SUM, dst=self._mask)
        return np.clip(self._mask, 0, 1, out=self._mask)

    def _fit(self, mask: Map, small: Pixels) -> Map:
        """Return by which mix of red, green, blue and 1 *mask* is met best around each pixel, (h, w, 4)."""
        colours = np.multiply(small, np.float32(1 / 255), out=self._colours)
        cv2.mixChannels([colours], [self._turned], TURN)
        cv2.merge([mask, mask, mask], dst=self._masks)
        cv2.blur(mask, NEIGHBOURHOOD, dst=self._mean_mask)
        cv2.blur(colours, NEIGHBOURHOOD, dst=self._means[0])
        for others, means in zip((colours, self._turned, self._masks), self._means[1:], strict=True):
            cv2.blur(cv2.multiply(colours, others, dst=self._product), NEIGHBOURHOOD, dst=means)
        for top in range(0, len(mask), BLOCK_ROWS):
            rows = slice(top, top + BLOCK_ROWS)
            self._mix[rows] = solve(self._mean_mask[rows], *(means[rows] for means in self._means))
        return self._mix


def solve(mask: Map, colours: Map, squares: Map, pairs: Map, shared: Map) -> Map:
    """Return the mix of colours that is nearest to a mask, from means around each pixel; (h, w, 4).

    Args:
        mask: its mean, (h, w).
        colours: mean red, green and blue, (h, w, 3).
        squares: of their squares.
        pairs: of red by blue, green by red, blue by green.
        shared: of each colour by the mask.
    """
    r, g, b = cv2.split(colours)
    rr, gg, bb = (
        mean - colour * colour + GRAIN for mean, colour in zip(cv2.split(squares), (r, g, b), strict=True)
    )
    rb, rg, gb = (mean - x * y for mean, x, y in zip(cv2.split(pairs), (r, g, b), (b, r, g), strict=True))
    along = [mean - colour * mask for mean, colour in zip(cv2.split(shared), (r, g, b), strict=True)]
    # the inverse of the symmetric matrix of variances, by its cofactors
    inverse_rr, inverse_gg, inverse_bb = gg * bb - gb * gb, rr * bb - rb * rb, rr * gg - rg * rg
    inverse_rg, inverse_rb, inverse_gb = rb * gb - rg * bb, rg * gb - rb * gg, rg * rb - rr * gb
    scale = 1 / (rr * inverse_rr + rg * inverse_rg + rb * inverse_rb)
    red, green, blue = (
        scale * (x * along[0] + y * along[1] + z * along[2])
        for x, y, z in (
            (inverse_rr, inverse_rg, inverse_rb),
            (inverse_rg, inverse_gg, inverse_gb),
            (inverse_rb, inverse_gb, inverse_bb),
        )
    )
    return cv2.merge([red, green, blue, mask - (red * r + green * g + blue * b)])


def room(size: tuple[int, int], channels: int) -> Map:
    """Return memory for so many numbers for each pixel."""
    return np.empty((*size, channels), np.float32)
