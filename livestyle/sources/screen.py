"""Screen source: what is on the screen of an X server.

Not by FFmpeg: PyAV and OpenCV each bring parts of xcb under the same names, on which x11grab crashes.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from livestyle.errors import SourceUnavailable
from livestyle.frame import Frame, StreamInfo
from livestyle.settings import Checked, setting
from livestyle.x11 import X11


@dataclass(frozen=True)
class ScreenSettings(Checked):
    """How it is taken; the size is that of the screen."""

    width: int = setting(640, "not used", low=1)
    height: int = setting(360, "not used", low=1)
    fps: float = setting(30.0, "frames per second", low=1, high=240)


class ScreenSource:
    """Yields what the screen ``$DISPLAY`` shows, without the mouse pointer.

    Args:
        options: fields of ``ScreenSettings``.

    Raises:
        SourceUnavailable: there is none to be had; so does iteration, when it goes away or changes its size.
    """

    def __init__(self, **options: int | float) -> None:
        self._fps = ScreenSettings(**options).fps  # type: ignore[arg-type]
        if not sys.platform.startswith("linux") or not os.environ.get("DISPLAY"):
            raise SourceUnavailable("the screen can be taken on Linux with X11 ($DISPLAY); elsewhere use OBS")
        if os.environ.get("WAYLAND_DISPLAY"):
            raise SourceUnavailable("Wayland shows the screen to no program that just asks; use OBS")
        try:
            self._x11 = X11()
        except OSError as error:
            raise SourceUnavailable(f"display {os.environ['DISPLAY']!r} cannot be taken: {error}") from error
        self._closed = False
        height, width = self._take().shape[:2]
        self.info = StreamInfo(width, height, self._fps, live=True)

    def __iter__(self) -> Iterator[Frame]:
        started, index = time.perf_counter(), 0
        while not self._closed:
            time.sleep(max(started + index / self._fps - time.perf_counter(), 0))
            pixels_bgr = self._take()
            now = time.perf_counter()
            pixels = cv2.cvtColor(pixels_bgr, cv2.COLOR_BGRA2RGB).astype(np.uint8, copy=False)
            yield Frame(pixels, index, now - started, now)
            index = max(index + 1, int((time.perf_counter() - started) * self._fps))

    def close(self) -> None:
        """Take no more. May be called twice."""
        if not self._closed:
            self._closed = True
            self._x11.close()

    def _take(self) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
        pixels = self._x11.take_picture()
        if pixels is None:
            raise SourceUnavailable("the screen gives no picture; screens of 24 bits do")
        return pixels
