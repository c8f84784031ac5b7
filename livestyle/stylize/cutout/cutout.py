"""Cutout: paints only people, or only what is around them."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from livestyle.frame import Alpha, Pixels
from livestyle.stylize.cutout.backdrop import Backdrop, compose, to_alpha
from livestyle.stylize.cutout.matte import Matte


class Cut(NamedTuple):
    """A picture of which only a part is painted.

    Attributes:
        pixels: uint8 RGB, (H, W, 3).
        alpha: 0–255, (H, W), where the rest is transparent; None where nothing is.
    """

    pixels: Pixels
    alpha: Alpha | None


class Cutout:
    """Puts painted and other parts together, frame by frame of one clip or camera.

    Args:
        background: see ``Backdrop``, which says what is raised too.

    Attributes:
        matte: finds people, and remembers where they were.
    """

    def __init__(self, background: str = "keep") -> None:
        self.matte = Matte()
        self._backdrop = Backdrop(background)

    def reset(self) -> None:
        """Forget the past: what follows is a new clip."""
        self.matte.past = None

    def choose_background(self, given: str) -> None:
        """Let *given* stand where nothing is painted; raises as ``Backdrop``."""
        if given != self._backdrop.given:
            self._backdrop = Backdrop(given)

    def cut(self, painted: Pixels, original: Pixels, part: str, elapsed_seconds: float) -> Cut:
        """Return a picture of which one part is painted.

        Args:
            painted: all of the picture, painted; uint8 RGB, (H, W, 3).
            original: before it was painted; same shape.
            part: that is to be painted: ``person`` or ``background``.
            elapsed_seconds: since the last picture; 0 when unknown.

        Raises:
            WeightsUnavailable: the network that finds people can be had nowhere.
        """
        mask = self.matte.find(original, elapsed_seconds)
        if part == "background":
            mask = 1 - mask
        if self._backdrop.given == "transparent":
            alpha = to_alpha(mask)
            visible = cv2.copyTo(painted, alpha)  # what cannot be seen costs no bits, and tells no secrets
            return Cut(visible.astype(np.uint8, copy=False), alpha)
        return Cut(compose(painted, self._backdrop.make(original, mask), mask), None)
