"""Pipeline: the threads that carry frames from a source through a stylizer to sinks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from livestyle.errors import StageError
from livestyle.frame import Frame
from livestyle.handoff import Handoff
from livestyle.meter import Meter
from livestyle.sinks import Sink
from livestyle.sources import Source

PUMP_SECONDS = 0.01
"""How long a sink on the main thread waits for a frame before it looks after its window again."""

WAITING_FRAMES = 3
"""Frames that may wait between two stages of a file; a live source keeps only the newest."""


@dataclass(frozen=True)
class Report:
    """What a run did.

    Attributes:
        frames: written by the sink that wrote the most.
        dropped: frames that a newer one replaced before they were painted or shown.
        seconds: from start to end.
    """

    frames: int
    dropped: int
    seconds: float


class Pipeline:
    """Runs a source, a stylizer and sinks on threads that start, end and fail as one.

    Args:
        source: yields frames; closed at the end.
        stylize: makes the painted frame of a frame; called from one thread only.
        sinks: take painted frames, each on its own thread; closed at the end. At most one may ask for the
            main thread: it runs on the thread that calls ``run``.

    A live source drops frames rather than wait, a file waits rather than drop.
    """

    def __init__(self, source: Source, stylize: Callable[[Frame], Frame], sinks: Sequence[Sink]) -> None:
        live = source.info.live
        size = 1 if live else WAITING_FRAMES
        self._source = source
        self._stylize = stylize
        self._sinks = list(sinks)
        self._captured: Handoff[Frame] = Handoff(size, drop_oldest=live)
        self._boxes: list[Handoff[Frame]] = [Handoff(size, drop_oldest=live) for _ in sinks]
        self.meters = [Meter() for _ in sinks]
        self._stopping = threading.Event()
        self._failure: StageError | None = None
        self._failing = threading.Lock()

    def run(self) -> Report:
        """Carry frames until the source ends, ``stop`` is called or a stage fails.

        Raises:
            StageError: a stage failed; all others have ended too, and its cause is the failure.
        """
        started = time.perf_counter()
        stages: list[tuple[str, Callable[[], None], bool]] = [
            ("source", self._capture, False),
            ("stylizer", self._paint, False),
        ]
        for sink, box, meter in zip(self._sinks, self._boxes, self.meters, strict=True):
            on_main = getattr(sink, "main_thread", False)
            stages.append((sink.name, lambda s=sink, b=box, m=meter: self._show(s, b, m), on_main))  # type: ignore[misc]
        threads = [
            threading.Thread(target=self._guard, args=(name, work), name=name)
            for name, work, on_main in stages
            if not on_main
        ]
        for thread in threads:
            thread.start()
        for name, work, on_main in stages:
            if on_main:
                self._guard(name, work)
        for thread in threads:
            thread.join()
        if self._failure:
            raise self._failure
        dropped = self._captured.dropped + sum(box.dropped for box in self._boxes)
        return Report(max((m.frames for m in self.meters), default=0), dropped, time.perf_counter() - started)

    def stop(self) -> None:
        """Take no more from the source; what was taken is still painted and written. From any thread."""
        self._stopping.set()

    def _guard(self, name: str, work: Callable[[], None]) -> None:
        """Run *work*; when it fails, remember the first failure and end every stage."""
        try:
            work()
        except Exception as failure:  # noqa: BLE001 (run() raises it)
            with self._failing:
                if self._failure is None:
                    self._failure = StageError(f"{name} failed: {failure}")
                    self._failure.__cause__ = failure
            self._stopping.set()
            for handoff in (self._captured, *self._boxes):
                handoff.end(discard=True)

    def _capture(self) -> None:
        try:
            for frame in self._source:
                if self._stopping.is_set() or not self._captured.put(frame):
                    break
        finally:
            self._captured.end()
            self._source.close()

    def _paint(self) -> None:
        try:
            for frame in self._captured:
                painted = self._stylize(frame)
                for box in self._boxes:
                    box.put(painted)
        finally:
            for box in self._boxes:
                box.end()

    def _show(self, sink: Sink, box: Handoff[Frame], meter: Meter) -> None:
        pump: Callable[[], None] | None = getattr(sink, "pump", None)
        try:
            while not box.ended:
                frame = box.take(PUMP_SECONDS if pump else None)
                if frame is not None:
                    sink.write(frame)
                    meter.shown(frame.captured_at)
                if pump:
                    pump()
        finally:
            sink.close()
