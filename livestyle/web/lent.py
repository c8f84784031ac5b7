"""Lent: a source of frames that a browser's camera sends."""

from __future__ import annotations

import time
from collections.abc import Iterator

import cv2  # noqa: F401 (before PyAV: see sinks)

import av  # isort: skip
import numpy as np

from livestyle.frame import Frame, Pixels, StreamInfo
from livestyle.handoff import Handoff
from livestyle.sources.reconnect import SLATE_SECONDS, STALL_SECONDS, draw_slate, fit


class LentSource:
    """Yields what *put* was given last, brought to one size; a slate while nothing comes.

    Args:
        width, height: of the frames to yield, in pixels.

    Attributes:
        info: live.
        lost: whether the last frame yielded was the slate.
    """

    def __init__(self, width: int, height: int) -> None:
        self.info = StreamInfo(width, height, 30.0, live=True)
        self.lost = False
        self._frames: Handoff[tuple[av.VideoFrame, float]] = Handoff(1, drop_oldest=True)

    def put(self, frame: av.VideoFrame) -> None:
        """Take a frame that has just come. From any thread; never waits."""
        self._frames.put((frame, time.perf_counter()))

    def __iter__(self) -> Iterator[Frame]:
        started, index = time.perf_counter(), 0
        width, height = self.info.width, self.info.height
        last: Pixels = np.zeros((height, width, 3), np.uint8)
        while not self._frames.ended:
            taken = self._frames.take(SLATE_SECONDS if self.lost else STALL_SECONDS)
            self.lost = taken is None
            if taken is None:
                now = time.perf_counter()
                yield Frame(draw_slate(last, "waiting for the camera"), index, now - started, now)
            else:
                frame, captured_at = taken
                last = fit(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8), width, height)
                yield Frame(last, index, max(captured_at - started, 0.0), captured_at)
            index += 1

    def close(self) -> None:
        """Yield nothing more. May be called twice."""
        self._frames.end(discard=True)
