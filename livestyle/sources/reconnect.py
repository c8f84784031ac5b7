"""Reconnecting source: a live source that comes back by itself after it was lost."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import cv2
import numpy as np

from livestyle.audio import AudioTrack
from livestyle.errors import FAILURES, one_line
from livestyle.frame import Frame, Pixels, StreamInfo
from livestyle.handoff import Handoff
from livestyle.sources import Source

log = logging.getLogger(__name__)

STALL_SECONDS = 0.8
"""Without a frame for so long, a source counts as lost; a slow one, for twice as long as its last pause."""

LONGEST_STALL_SECONDS = 5.0
"""At most, however slow it is."""

SLATE_SECONDS = 0.25
"""Between the frames of the slate that stands in for it."""

LEAST_SECONDS = 0.001
"""Between two frames."""

TOLD_SECONDS = 3.0
"""After which the loss is told in the log; most are over by then."""

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 5.0
"""Before the first new attempt, and at most; doubled in between."""


class ReconnectingSource:
    """Yields the frames of a live source; while it is lost, its last picture, dimmed, saying so.

    Time goes on through losses, for frames and sound alike. Frames are brought to the size that the first one
    had, with black bars where the shape differs.

    Args:
        open_source: opens the source; called again after each loss.
        name: of the source, for the slate.

    Attributes:
        lost: whether the last frame yielded was of the slate.
        audio: what is heard; None when the source had no sound the first time.

    Raises:
        SourceUnavailable: it does not open the first time.
    """

    def __init__(self, open_source: Callable[[], Source], name: str) -> None:
        self._open_source = open_source
        self._name = name
        self._first = open_source()
        self._frames: Handoff[Frame] = Handoff(1, drop_oldest=True)
        self._closing = threading.Event()
        self._reader = threading.Thread(target=self._read, name="reader", daemon=True)  # drivers may hang
        self.lost = False
        self._started = 0.0
        self.audio = AudioTrack() if getattr(self._first, "audio", None) else None
        info = self._first.info
        self.info = StreamInfo(info.width, info.height, info.fps, live=True)

    def __iter__(self) -> Iterator[Frame]:
        self._started = time.perf_counter()
        self._reader.start()
        index, pts_seconds = 0, -LEAST_SECONDS
        seen_at, patience, told = self._started, STALL_SECONDS, False
        last: Pixels = np.zeros((self.info.height, self.info.width, 3), np.uint8)
        while not self._closing.is_set():
            taken = self._frames.take(SLATE_SECONDS if self.lost else patience)
            self.lost = taken is None
            if taken is None:
                now = time.perf_counter()
                pts_seconds = max(now - self._started, pts_seconds + LEAST_SECONDS)
                text = f"waiting for {self._name}, {now - seen_at:.0f} s"
                if not told and now - seen_at > TOLD_SECONDS:
                    told = True
                    log.warning("%s was lost; waiting until it is back", self._name)
                yield Frame(draw_slate(last, text), index, pts_seconds, now)
            else:
                now = time.perf_counter()
                pause = now - seen_at
                if told:
                    told = False
                    log.warning("%s is back after %.0f s", self._name, pause)
                known = pause < LONGEST_STALL_SECONDS  # else it was an outage, and tells nothing
                patience = min(max(STALL_SECONDS, 2 * pause * known), LONGEST_STALL_SECONDS)
                seen_at = now
                pts_seconds = max(taken.pts_seconds, pts_seconds + LEAST_SECONDS)
                last = fit(taken.pixels, self.info.width, self.info.height)
                yield Frame(last, index, pts_seconds, taken.captured_at)
            index += 1

    def close(self) -> None:
        """Let go of the source. May be called twice."""
        self._closing.set()
        self._frames.end(discard=True)
        if self._reader.is_alive():
            self._reader.join(STALL_SECONDS)
        elif not self._reader.ident:  # never started: nobody else closes it
            self._first.close()

    def _read(self) -> None:
        """Hand over frames until ``close``; reopen the source whenever it ends or fails."""
        source: Source | None = self._first
        wait_seconds = FIRST_WAIT_SECONDS
        while not self._closing.is_set():
            try:
                with closing(source or self._open_source()) as opened:
                    source = None
                    for frame in self._shift(opened):
                        wait_seconds = FIRST_WAIT_SECONDS
                        if not self._frames.put(frame):
                            break
            except FAILURES as error:
                log.info("%s; trying again in %.1f s", one_line(error), wait_seconds)
            self._closing.wait(wait_seconds)
            wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)

    def _shift(self, source: Source) -> Iterator[Frame]:
        """Yield the frames of *source*, and hand on its sound, with times that go on through all losses."""
        track: AudioTrack | None = getattr(source, "audio", None)
        heard = track.listen() if track else None
        shift: float | None = None
        for frame in source:
            if shift is None:
                shift = frame.captured_at - self._started - frame.pts_seconds
            while heard and self.audio and (piece := heard.take(0)):
                self.audio.put(replace(piece, pts_seconds=piece.pts_seconds + shift))
            yield replace(frame, pts_seconds=frame.pts_seconds + shift)


def draw_slate(last: Pixels, text: str) -> Pixels:
    """Return *last*, dimmed, with *text* in its middle."""
    slate = np.ascontiguousarray(last // 3)
    height, width = slate.shape[:2]
    wide, _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 1.0, 1)[0]
    scale = min(height / 500, 0.9 * width / wide)
    place = (round((width - wide * scale) / 2), height // 2)
    cv2.putText(slate, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), 1, cv2.LINE_AA)
    return slate


def fit(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return *pixels* at *width* × *height*, with black bars where the shape differs."""
    high, wide = pixels.shape[:2]
    if (wide, high) == (width, height):
        return pixels
    scale = min(width / wide, height / high)
    size = (max(round(wide * scale), 1), max(round(high * scale), 1))
    framed: Pixels = np.zeros((height, width, 3), np.uint8)
    top, left = (height - size[1]) // 2, (width - size[0]) // 2
    framed[top : top + size[1], left : left + size[0]] = cv2.resize(
        pixels, size, interpolation=cv2.INTER_AREA
    )
    return framed
