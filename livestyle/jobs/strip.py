"""Strip: frames of a job side by side in one picture, to look at while it runs."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import numpy as np

from livestyle.errors import SinkUnavailable
from livestyle.frame import Frame, Pixels
from livestyle.pictures import Picture, check_picture_name, write_picture

log = logging.getLogger(__name__)

MOST = 8
"""Frames in a strip; when there are more, every second one is left out."""

HEIGHT = 180
EVERY_SECONDS = 2.0
"""Between two times that the picture is written."""


class Strip:
    """Keeps a picture up to date that shows frames from all over the video painted so far.

    Args:
        path: of the picture.

    Raises:
        UsageError: its ending names no kind of picture.
    """

    def __init__(self, path: Path) -> None:
        check_picture_name(path)
        self._path = path
        self._kept: list[Pixels] = []
        self._every = 1
        self._seen = 0
        self._written = 0.0
        self._warned = False

    def add(self, frame: Frame | None) -> None:
        """Take a painted frame; None: there are no more, and the picture is written a last time."""
        if frame is not None:
            if self._seen % self._every == 0:
                self._kept.append(make_small(frame.on_black))
            if len(self._kept) > MOST:
                self._kept, self._every = self._kept[::2], self._every * 2
            self._seen += 1
        now = time.monotonic()
        if self._kept and (frame is None or now >= self._written + EVERY_SECONDS):
            self._written = now
            fitting = [small for small in self._kept if small.shape[0] == self._kept[0].shape[0]]
            try:
                write_picture(self._path, Picture(np.concatenate(fitting, axis=1)))
            except SinkUnavailable as error:  # as when somebody looks at it, on Windows
                if not self._warned:
                    log.warning("%s; painting goes on", error)
                self._warned = True


def make_small(pixels: Pixels) -> Pixels:
    """Return *pixels* thinned to about ``HEIGHT`` lines."""
    step = max(pixels.shape[0] // HEIGHT, 1)
    return np.ascontiguousarray(pixels[::step, ::step])
