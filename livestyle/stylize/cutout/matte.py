"""Matte: which part of each pixel is person, steady from frame to frame, with the edges of the picture."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import cv2
import numpy as np

from livestyle.frame import Pixels
from livestyle.stylize.cutout.edges import EdgeFollower
from livestyle.stylize.cutout.segmenter import MULTIPLE, Mask, Segmenter, open_segmenter
from livestyle.stylize.cutout.tflite import Step
from livestyle.stylize.noise import measure_change
from livestyle.stylize.smoother import USUAL_SECONDS, kept

SEEN_PIXELS = 256 * 144
"""What the network was trained on; it sees each picture in its own shape, with about so many pixels."""

RESTING_SECONDS = 0.25
"""After this long half of the mask is new where nothing changes but noise; where it does, all of it."""

REFINED_SIDE = 960
"""Longer side up to which edges are followed; larger masks are enlarged from there, and a little softer."""


@dataclass
class Seen:
    """What a matte remembers: the small picture, uint8 RGB, (h, w, 3), and its steadied mask, (h, w)."""

    small: Pixels
    mask: Mask


class Matte:
    """Finds people in the frames of one clip or camera, in order.

    Attributes:
        past: what it remembers; None at the start of a clip.
    """

    def __init__(self) -> None:
        self.past: Seen | None = None
        self._network: list[Step] = []
        self._segmenters: dict[tuple[int, int], Segmenter] = {}
        self._opening = threading.Lock()
        self._edges: EdgeFollower | None = None

    def find(self, pixels: Pixels, elapsed_seconds: float) -> Mask:
        """Return which part of each pixel of *pixels* is person.

        Args:
            pixels: the next picture, uint8 RGB, (H, W, 3). Another size starts a new clip.
            elapsed_seconds: since the last one; 0 when unknown.

        Returns:
            In [0, 1], (H, W); it holds until the next call.

        Raises:
            WeightsUnavailable: the network can be had nowhere.
        """
        height, width = pixels.shape[:2]
        segmenter, size = self.open(height, width)
        small = resize(pixels, size)
        mask = self._steady(segmenter.segment(small), small, elapsed_seconds)
        scale = min(REFINED_SIDE / max(height, width), 1.0)
        refined = (max(round(height * scale), 1), max(round(width * scale), 1))
        if self._edges is None or self._edges.sizes != (size, refined):
            self._edges = EdgeFollower(size, refined)
        mask = self._edges.follow(mask, small, pixels if scale == 1 else resize(pixels, refined))
        return mask if scale == 1 else cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)

    def load(self) -> None:
        """Have the network, or fetch it; from any thread. Raises WeightsUnavailable."""
        from livestyle.stylize.cutout.weights import load_network  # what it fetches with is slow to import

        with self._opening:
            self._network = self._network or load_network()

    def open(self, height: int, width: int) -> tuple[Segmenter, tuple[int, int]]:
        """Make ready for pictures of that size; from any thread.

        Returns:
            What finds people, and the height and width of the pictures that it is to see.

        Raises:
            WeightsUnavailable: the network can be had nowhere.
        """
        size = seen_size(height, width)
        self.load()
        with self._opening:
            if size not in self._segmenters:
                self._segmenters[size] = open_segmenter(self._network, *size)
            return self._segmenters[size], size

    def is_open(self, height: int, width: int) -> bool:
        """Return whether pictures of that size need no more waiting."""
        return seen_size(height, width) in self._segmenters

    def _steady(self, mask: Mask, small: Pixels, elapsed_seconds: float) -> Mask:
        """Return *mask*, pulled to the one before where the picture is the same. Remembered."""
        past = self.past
        if past is None or past.mask.shape != mask.shape:
            self.past = Seen(small, mask)
            return mask
        change, _ = measure_change(small, past.small)
        keep = kept(elapsed_seconds or USUAL_SECONDS, RESTING_SECONDS) * (1 - change)
        past.mask = mask + (past.mask - mask) * keep
        share = cv2.merge([keep, keep, keep])
        past.small = np.round(small + (past.small.astype(np.float32) - small) * share).astype(np.uint8)
        return past.mask


def seen_size(height: int, width: int) -> tuple[int, int]:
    """Return the height and width of what the network sees of a picture of that size."""
    scale = (SEEN_PIXELS / (height * width)) ** 0.5
    most = SEEN_PIXELS // MULTIPLE
    seen = (min(max(round(side * scale / MULTIPLE) * MULTIPLE, MULTIPLE), most) for side in (height, width))
    high, wide = seen
    return high, wide


def resize(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Return *pixels*, uint8 RGB, at another height and width."""
    return cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
