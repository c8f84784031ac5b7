"""Lenient sink: an output that may fail while the others go on."""

from __future__ import annotations

from collections.abc import Callable

from livestyle.errors import FAILURES, one_line
from livestyle.frame import Frame
from livestyle.sinks import Sink


class LenientSink:
    """Hands frames to *sink* until that fails, then says so once and drops the rest.

    Args:
        sink: closed at the end.
        on_loss: called with one line that says what failed.
    """

    def __init__(self, sink: Sink, on_loss: Callable[[str], None]) -> None:
        self.name = sink.name
        self._sink = sink
        self._on_loss = on_loss
        self._lost = False

    @property
    def idle(self) -> bool:
        """Whether nobody sees what it shows: it says so, or has failed."""
        return self._lost or getattr(self._sink, "idle", False)

    def write(self, frame: Frame) -> None:
        """Pass *frame* on, unless the sink has failed before."""
        if not self._lost:
            self._attempt(lambda: self._sink.write(frame))

    def abandon(self) -> None:
        """Pass on that the run failed."""
        getattr(self._sink, "abandon", lambda: None)()

    def close(self) -> None:
        """Flush and let go, as far as that works."""
        self._attempt(self._sink.close)

    def _attempt(self, work: Callable[[], None]) -> None:
        try:
            work()
        except FAILURES as error:
            if not self._lost:
                self._lost = True
                self.abandon()
                self._on_loss(f"{self.name} failed: {one_line(error)}")
