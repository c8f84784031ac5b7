"""Replay: the last seconds of a live picture, and of its sound, kept small in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.frame import Frame, Pixels
from livestyle.sound import Microphone, Sound

JPEG_QUALITY = 95
"""About a tenth of the memory of the pixels; no difference to see once it is video."""

NOTHING: Pixels = np.zeros((1, 1, 3), np.uint8)
"""Stands in a frame for the pixels that are kept beside it."""


@dataclass
class Memory:
    """A microphone that has heard all that it will."""

    name: str
    rate: int
    heard: list[Sound]

    def take(self) -> list[Sound]:
        """Return what was heard; nothing the next time."""
        heard, self.heard = self.heard, []
        return heard

    def close(self) -> None:
        """Do nothing."""


class Replay:
    """Remembers frames as JPEG, and what *microphone* hears; forgets what is older than *seconds*."""

    def __init__(self, seconds: float = 10.0, microphone: Microphone | None = None) -> None:
        self._seconds = seconds
        self._microphone = microphone
        self._heard: deque[Sound] = deque()
        self._kept: deque[tuple[Frame, NDArray[np.uint8]]] = deque()

    def remember(self, frame: Frame) -> None:
        """Keep *frame*; frames come in order of time."""
        pixels_bgr = cv2.cvtColor(frame.on_black, cv2.COLOR_RGB2BGR)
        _, jpeg = cv2.imencode(".jpg", pixels_bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        self._kept.append((frame.with_pixels(NOTHING), jpeg.astype(np.uint8, copy=False)))
        while self._kept[0][0].pts_seconds < frame.pts_seconds - self._seconds:
            self._kept.popleft()
        if self._microphone:
            self._heard.extend(self._microphone.take())
            while self._heard and self._heard[0].heard_at < frame.captured_at - self._seconds - 1:
                self._heard.popleft()

    @property
    def sound(self) -> Microphone | None:
        """What was heard with the frames that are kept; None without a microphone."""
        if self._microphone is None:
            return None
        return Memory(self._microphone.name, self._microphone.rate, list(self._heard))

    def close(self) -> None:
        """Hear no more."""
        if self._microphone:
            self._microphone.close()

    def copy(self) -> Replay:
        """Return what is kept now, to be read while this one goes on. From any thread."""
        taken = Replay(self._seconds, self._microphone)
        taken._heard = self._heard.copy()
        taken._kept = self._kept.copy()
        return taken

    def __iter__(self) -> Iterator[Frame]:
        for frame, jpeg in self._kept:
            pixels = cv2.imdecode(jpeg, cv2.IMREAD_COLOR_RGB)
            yield frame.with_pixels(np.asarray(pixels, np.uint8))
