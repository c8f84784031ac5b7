"""Loop source: a file played at its own speed, like a camera, with its sound."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import numpy as np

from livestyle.audio import RATE, Audio, AudioTrack
from livestyle.errors import FAILURES, SourceUnavailable, one_line
from livestyle.frame import Frame, Pixels
from livestyle.sources import Source
from livestyle.sources.ear import FileSound
from livestyle.sources.reconnect import LEAST_SECONDS, SLATE_SECONDS, draw_slate, fit

log = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 1.0
"""Between two frames: a picture that is seen for longer comes again, with its sound so far."""


class LoopSource:
    """Yields the frames of a file in real time, from its first picture again after the end.

    A file that is gone by then, or unreadable, is waited for: meanwhile the last picture, dimmed, says so.
    One that took its place is brought to the size of the first.

    Args:
        open_source: opens the file; called anew for each round.
        open_sound: the same for its sound; None plays it silently.
        once: whether it ends with the file.

    Attributes:
        info: of the file, but live.
        audio: what is heard; None when there is nothing to hear.
        lost: whether the last frame yielded said that the file is waited for.

    Raises:
        SourceUnavailable: it cannot be opened the first time; iteration raises it when the file holds
            no frame.
    """

    def __init__(
        self,
        open_source: Callable[[], Source],
        open_sound: Callable[[], FileSound] | None = None,
        *,
        once: bool = False,
    ) -> None:
        self._open_source = open_source
        self._open_sound = open_sound
        self._once = once
        self._closing, self._begun, self._letting_go = threading.Event(), False, threading.Lock()
        self.lost = False
        self._open_round()
        self.info = replace(self._round.info, live=True, frame_count=None)
        self.audio = AudioTrack() if self._heard and not self._heard.silent else None

    def __iter__(self) -> Iterator[Frame]:
        self._begun = True
        try:
            yield from self._play()
        finally:
            self._close_round()  # here alone: PyAV crashes when another thread closes what is decoded

    def _play(self) -> Iterator[Frame]:
        index, begins_seconds = 0, 0.0
        started = time.perf_counter()
        last: Pixels = np.zeros((self.info.height, self.info.width, 3), np.uint8)
        while not self._closing.is_set():
            ends_seconds = begins_seconds
            origin: float | None = None  # where the clock of the file stands, which starts anywhere
            for frame in fill_pauses(self._round):
                origin = frame.pts_seconds if origin is None else origin
                self._hand_on(begins_seconds, origin, frame.pts_seconds)
                pts_seconds = begins_seconds + frame.pts_seconds - origin
                late = time.perf_counter() - started - pts_seconds
                if self._closing.wait(max(-late, 0.0)):
                    break
                last = fit(frame.pixels, self.info.width, self.info.height)
                yield Frame(last, index, pts_seconds, time.perf_counter())
                index += 1
                ends_seconds = pts_seconds + 1 / (self.info.fps or 25)
            self._close_round()
            if ends_seconds == begins_seconds and not self._closing.is_set():
                raise SourceUnavailable("the file to loop holds no frame; give another")
            if self._once:
                return
            for text in self._reopen():
                now = time.perf_counter()
                pts_seconds = max(now - started, ends_seconds)
                yield Frame(draw_slate(last, text), index, pts_seconds, now)
                index += 1
                ends_seconds = pts_seconds + LEAST_SECONDS
            begins_seconds = max(ends_seconds, time.perf_counter() - started) if self.lost else ends_seconds
            self.lost = False

    def _reopen(self) -> Iterator[str]:
        """Open the next round; yield what to say, every now and then, until there is one."""
        lost_at = time.perf_counter()
        while not self._closing.is_set():
            try:
                self._open_round()
            except FAILURES as error:
                if not self.lost:
                    log.warning("the file was lost (%s); waiting until it is back", one_line(error))
                self.lost = True
                yield f"waiting for the file, {time.perf_counter() - lost_at:.0f} s"
                self._closing.wait(SLATE_SECONDS)
            else:
                if self.lost:
                    log.warning("the file is back after %.0f s", time.perf_counter() - lost_at)
                return

    def close(self) -> None:
        """Let go of the file, once iteration has ended. May be called twice, and from another thread."""
        self._closing.set()
        if not self._begun:
            self._close_round()

    def _open_round(self) -> None:
        with ExitStack() as undo:
            self._round = self._open_source()
            undo.callback(self._round.close)
            self._heard = self._open_sound() if self._open_sound else None
            undo.pop_all()

    def _close_round(self) -> None:
        with self._letting_go:  # PyAV crashes when two close at once
            self._round.close()
            if self._heard:
                self._heard.close()

    def _hand_on(self, begins_seconds: float, origin: float, until_seconds: float) -> None:
        """Hand on the sound from *origin* to *until_seconds* of the file, whose round *begins_seconds*."""
        if self._heard and self.audio:
            for piece in self._heard.read(until_seconds):
                if piece.pts_seconds + len(piece.samples) / RATE > origin:
                    self.audio.put(Audio(piece.samples, begins_seconds + piece.pts_seconds - origin))


def fill_pauses(frames: Iterable[Frame]) -> Iterator[Frame]:
    """Yield *frames*; where the next is long in coming, the last one again, at a later time."""
    last: Frame | None = None
    for frame in frames:
        while last and frame.pts_seconds - last.pts_seconds > LONGEST_PAUSE_SECONDS:
            last = replace(last, pts_seconds=last.pts_seconds + LONGEST_PAUSE_SECONDS)
            yield last
        last = frame
        yield frame
