"""Loop source: a file played again and again at its own speed, like a camera."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from livestyle.errors import SourceUnavailable
from livestyle.frame import Frame
from livestyle.sources import Source


class LoopSource:
    """Yields the frames of a file in real time, from the start again after the end.

    Args:
        open_source: opens the file; called anew for each round.

    Raises:
        SourceUnavailable: it cannot be opened; iteration raises it when the file holds no frame.
    """

    def __init__(self, open_source: Callable[[], Source]) -> None:
        self._open_source = open_source
        self._round = open_source()
        self._closed = False
        self.info = replace(self._round.info, live=True, frame_count=None)

    def __iter__(self) -> Iterator[Frame]:
        index, begins_seconds = 0, 0.0
        started = time.perf_counter()
        while not self._closed:
            ends_seconds = begins_seconds
            for frame in self._round:
                pts_seconds = begins_seconds + frame.pts_seconds
                late = time.perf_counter() - started - pts_seconds
                time.sleep(max(-late, 0.0))
                if self._closed:
                    break
                yield Frame(frame.pixels, index, pts_seconds, time.perf_counter())
                index += 1
                ends_seconds = pts_seconds + 1 / (self.info.fps or 25)
            self._round.close()
            if ends_seconds == begins_seconds and not self._closed:
                raise SourceUnavailable("the file to loop holds no frame; give another")
            begins_seconds = ends_seconds
            self._round = self._open_source()

    def close(self) -> None:
        """Let go of the file. May be called twice."""
        self._closed = True
        self._round.close()
