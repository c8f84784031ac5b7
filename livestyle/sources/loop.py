"""Loop source: a file played at its own speed, like a camera, with its sound."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from livestyle.audio import Audio, AudioTrack
from livestyle.errors import SourceUnavailable
from livestyle.frame import Frame
from livestyle.sources import Source
from livestyle.sources.ear import FileSound


class LoopSource:
    """Yields the frames of a file in real time, from the start again after the end.

    Args:
        open_source: opens the file; called anew for each round.
        open_sound: the same for its sound; None plays it silently.
        once: whether it ends with the file.

    Attributes:
        info: of the file, but live.
        audio: what is heard; None when there is nothing to hear.

    Raises:
        SourceUnavailable: it cannot be opened; iteration raises it when the file holds no frame.
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
        self._closed = False
        self._open_round()
        self.info = replace(self._round.info, live=True, frame_count=None)
        self.audio = AudioTrack() if self._heard and not self._heard.silent else None

    def __iter__(self) -> Iterator[Frame]:
        index, begins_seconds = 0, 0.0
        started = time.perf_counter()
        while not self._closed:
            ends_seconds = begins_seconds
            for frame in self._round:
                self._hand_on(begins_seconds, frame.pts_seconds)
                pts_seconds = begins_seconds + frame.pts_seconds
                late = time.perf_counter() - started - pts_seconds
                time.sleep(max(-late, 0.0))
                if self._closed:
                    break
                yield Frame(frame.pixels, index, pts_seconds, time.perf_counter())
                index += 1
                ends_seconds = pts_seconds + 1 / (self.info.fps or 25)
            self._close_round()
            if ends_seconds == begins_seconds and not self._closed:
                raise SourceUnavailable("the file to loop holds no frame; give another")
            begins_seconds = ends_seconds
            if self._once:
                return
            self._open_round()

    def close(self) -> None:
        """Let go of the file. May be called twice."""
        self._closed = True
        self._close_round()

    def _open_round(self) -> None:
        self._round = self._open_source()
        self._heard = self._open_sound() if self._open_sound else None

    def _close_round(self) -> None:
        self._round.close()
        if self._heard:
            self._heard.close()

    def _hand_on(self, begins_seconds: float, until_seconds: float) -> None:
        """Hand on the sound of the picture that is *until_seconds* into the file."""
        if self._heard and self.audio:
            for piece in self._heard.read(until_seconds):
                self.audio.put(Audio(piece.samples, begins_seconds + piece.pts_seconds))
