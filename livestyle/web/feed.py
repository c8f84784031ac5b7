"""Feed: one source of the server, opened while somebody watches, for as many paintings as want it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from livestyle.errors import FAILURES
from livestyle.frame import Frame, StreamInfo
from livestyle.handoff import Handoff
from livestyle.sources import Source

CLOSING_SECONDS = 2.0
"""How long a source may take to let go of its device."""


class Tap:
    """A source of frames that *feed* has for others too; drops what is not taken in time.

    Attributes:
        info: of the source.
    """

    def __init__(self, feed: Feed, info: StreamInfo) -> None:
        self._feed = feed
        self._frames: Handoff[Frame] = Handoff(1, drop_oldest=True)
        self._failure: Exception | None = None
        self.info = info

    @property
    def lost(self) -> bool:
        """Whether the source stands in for itself, because what it reads from is gone."""
        return self._feed.lost

    def put(self, frame: Frame) -> None:
        """Leave *frame* to be taken."""
        self._frames.put(frame)

    def end(self, failure: Exception | None = None) -> None:
        """Say that nothing follows; *failure* is raised to who takes frames."""
        self._failure = failure
        self._frames.end(discard=True)

    def __iter__(self) -> Iterator[Frame]:
        yield from self._frames
        if self._failure:
            raise self._failure

    def close(self) -> None:
        """Take no more; the source is closed when nobody does. May be called twice."""
        self._feed.leave(self)


class Feed:
    """Opens a source when the first tap is asked for, closes it when the last is gone.

    Args:
        name: as the web knows it.
        open_source: opens it; called again each time.
        kind: ``server`` for a source of this machine, ``browser`` for a camera lent by a page.
        file: that is the source; empty when none is.
    """

    def __init__(
        self, name: str, open_source: Callable[[], Source], kind: str = "server", file: str = ""
    ) -> None:
        self.name = name
        self.kind = kind
        self.file = file
        self._open_source = open_source
        self._changing = threading.Lock()
        self._source: Source | None = None
        self._reader: threading.Thread | None = None
        self._taps: tuple[Tap, ...] = ()

    @property
    def lost(self) -> bool:
        """Whether the source shows a slate."""
        return getattr(self._source, "lost", False)

    def tap(self) -> Tap:
        """Return a source of all frames from now on. Takes as long as the source takes to open.

        Raises:
            SourceUnavailable: it cannot be opened.
        """
        with self._changing:
            if self._source is None:
                self.join()
                self._source = self._open_source()
                # a driver that hangs must not keep Python from ending
                self._reader = threading.Thread(
                    target=self._read, args=(self._source,), name="feed", daemon=True
                )
                self._reader.start()
            tap = Tap(self, self._source.info)
            self._taps += (tap,)
            return tap

    def leave(self, tap: Tap) -> None:
        """Give *tap* no more frames."""
        tap.end()
        with self._changing:
            self._taps = tuple(other for other in self._taps if other is not tap)
            if not self._taps:
                self._source = None  # the reader sees it, and closes what it read

    def join(self) -> None:
        """Wait until the source that nobody watches any more has let go; not for one that hangs."""
        if self._reader:
            self._reader.join(CLOSING_SECONDS)

    def _read(self, source: Source) -> None:
        """Hand each frame of *source* to all taps, until it ends or nobody is left."""
        failure: Exception | None = None
        try:
            for frame in source:
                if self._source is not source:
                    return
                for tap in self._taps:
                    tap.put(frame)
        except FAILURES as error:
            failure = error
        finally:
            source.close()
            if self._source is source:  # else nobody is left, and ``tap`` may be waiting for this thread
                self._end(source, failure)

    def _end(self, source: Source, failure: Exception | None) -> None:
        """Tell all taps that nothing follows of *source*."""
        with self._changing:
            if self._source is source:
                self._source = None
                for tap in self._taps:
                    tap.end(failure)
                self._taps = ()
