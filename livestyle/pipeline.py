"""Pipeline: the threads that carry frames from a source through a stylizer to sinks."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from livestyle.errors import StageError, one_line, short_memory_told
from livestyle.frame import Frame
from livestyle.handoff import Handoff
from livestyle.meter import Meter
from livestyle.sinks import Sink
from livestyle.sources import Source

PUMP_SECONDS = 0.01
"""How long a sink on the main thread waits for a frame before it looks after its window again."""

WAITING_FRAMES = 2
"""Frames that may wait between two stages of a file; a live source keeps only the newest."""


@dataclass(frozen=True)
class Report:
    """What a run did.

    Attributes:
        frames: written by the sink that wrote the most.
        dropped: frames that a newer one replaced before they were painted or shown.
        seconds: from start to end.
        busy_seconds: for how much of it each stage worked, by its name; the rest it waited for others.
    """

    frames: int
    dropped: int
    seconds: float
    busy_seconds: Mapping[str, float] = field(default_factory=dict)


class Stage(NamedTuple):
    """Work of one thread, and what ends it whatever happens."""

    name: str
    work: Callable[[], None]
    close: Callable[[], None]
    sink: Sink | None = None


class Pipeline:
    """Runs a source, a stylizer and sinks on threads that start, end and fail as one.

    Args:
        source: yields frames; closed at the end.
        stylize: makes painted frames of the frames that come, in order; called once, from one thread. Of
            what paints one frame, ``each`` makes such.
        sinks: take painted frames, each on its own thread; closed at the end. At most one may ask for the
            main thread: it runs on the thread that calls ``run``.

    A live source drops frames rather than wait, a file waits rather than drop. What nobody sees of a live
    source is not painted.
    """

    def __init__(
        self,
        source: Source,
        stylize: Callable[[Iterator[Frame]], Iterable[Frame]],
        sinks: Sequence[Sink],
    ) -> None:
        live = source.info.live
        size = 1 if live else WAITING_FRAMES
        self._source = source
        self._stylize = stylize
        self._sinks = list(sinks)
        self._captured: Handoff[Frame] = Handoff(size, drop_oldest=live)
        self._boxes: list[Handoff[Frame]] = [Handoff(size, drop_oldest=live) for _ in sinks]
        self.meters = [Meter() for _ in sinks]
        self.source_meter = Meter()
        self._stopping = threading.Event()
        self._failure: BaseException | None = None
        self._failing = threading.Lock()
        self._busy_seconds: dict[str, float] = defaultdict(float)

    def run(self) -> Report:
        """Carry frames until the source ends, ``stop`` is called or a stage fails; once.

        Raises:
            StageError: a stage failed; all others have ended too, and its cause is the failure.
            BaseException: a stage was told to end, as by ``sys.exit``: what told it so.
        """
        started = time.perf_counter()
        stages = [
            Stage("source", self._capture, self._source.close),
            Stage("stylizer", self._paint, self._nothing_follows),
            *map(self._showing, self._sinks, self._boxes, self.meters),
        ]
        threads = [
            threading.Thread(target=self._guard, args=(s,), name=s.name)
            for s in stages
            if not on_main(s.sink)
        ]
        for thread in threads:
            thread.start()
        ended = False
        try:
            for stage in stages:
                if on_main(stage.sink):
                    self._guard(stage)
            join(threads)
            ended = True
        finally:  # Ctrl-C lands in this thread: the others write what they have, then it goes on
            if not ended and not self._source.info.live:
                for sink in self._sinks:
                    getattr(sink, "abridge", lambda: None)()
            self.stop()
            join(threads)
            del self._stylize  # it may know this pipeline: all that both hold would wait to be collected
        if self._failure:
            raise self._failure
        frames = max((meter.frames for meter in self.meters), default=0)
        return Report(frames, self.dropped, time.perf_counter() - started, dict(self._busy_seconds))

    @property
    def dropped(self) -> int:
        """Frames so far that a newer one replaced. From any thread."""
        return self._captured.dropped + sum(box.dropped for box in self._boxes)

    def left_out(self, sink: Sink) -> int:
        """Return how many frames so far *sink* was not given, as newer ones came. From any thread."""
        return self._captured.dropped + self._boxes[self._sinks.index(sink)].dropped

    def stop(self) -> None:
        """Take no more from the source; what was taken is still painted and written. From any thread."""
        self._stopping.set()

    def _guard(self, stage: Stage) -> None:
        """Run *stage* and close it; the first failure of all is kept and ends every stage."""
        try:
            self._attempt(stage, stage.work)
        finally:
            self._attempt(stage, stage.close)

    def _attempt(self, stage: Stage, work: Callable[[], None]) -> None:
        try:
            with short_memory_told("give a smaller --size, or another --device"):
                work()
        except BaseException as failure:
            if threading.current_thread() is threading.main_thread() and not isinstance(failure, Exception):
                raise  # Ctrl-C, in a sink that runs here
            with self._failing:
                if self._failure is None and not isinstance(failure, Exception):
                    self._failure = failure
                elif self._failure is None:
                    self._failure = StageError(f"{stage.name} failed: {one_line(failure)}")
                    self._failure.__cause__ = failure
            self.stop()
            for sink in self._sinks:
                if not self._source.info.live or sink is stage.sink:  # of a show, what was recorded is whole
                    getattr(sink, "abandon", lambda: None)()
            for handoff in (self._captured, *self._boxes):
                handoff.end(discard=True)

    @contextmanager
    def _busy(self, stage: str, sign: int = 1) -> Iterator[None]:
        """Count the time inside as work of *stage*, or with *sign* -1 as none."""
        started = time.perf_counter()
        yield
        self._busy_seconds[stage] += sign * (time.perf_counter() - started)

    def _capture(self) -> None:
        frames = iter(self._source)
        while not self._stopping.is_set():
            with self._busy("source"):
                frame = next(frames, None)
            if frame is None or not self._captured.put(frame):
                break
            self.source_meter.shown(frame.captured_at)
        self._captured.end()  # after a failure _attempt does it, once the failure is known

    def _paint(self) -> None:
        with self._busy("stylizer"):
            for painted in self._stylize(self._wanted()):
                with self._busy("stylizer", -1):
                    for box in self._boxes:
                        box.put(painted)

    def _wanted(self) -> Iterator[Frame]:
        """Yield the frames that are to be painted."""
        while True:
            with self._busy("stylizer", -1):
                frame = self._captured.take()
            if frame is None:
                return
            if not self._idle():
                yield frame

    def _idle(self) -> bool:
        """Return whether nobody would see the next frame."""
        return (
            self._source.info.live
            and bool(self._sinks)
            and all(getattr(sink, "idle", False) for sink in self._sinks)
        )

    def _nothing_follows(self) -> None:
        for box in self._boxes:
            box.end()

    def _showing(self, sink: Sink, box: Handoff[Frame], meter: Meter) -> Stage:
        """Return the stage that gives *sink* what comes into *box*."""
        pump: Callable[[], None] | None = getattr(sink, "pump", None)

        def show() -> None:
            try:
                while not box.ended:
                    frame = box.take(PUMP_SECONDS if pump else None)
                    if frame is not None:
                        with self._busy(sink.name):
                            sink.write(frame)
                        meter.shown(frame.captured_at)
                    if pump:
                        pump()
            finally:
                box.end(discard=True)  # nobody takes any more: the stylizer must not wait

        return Stage(sink.name, show, sink.close, sink)


def on_main(sink: Sink | None) -> bool:
    """Return whether *sink* must run on the main thread, as windows must."""
    return getattr(sink, "main_thread", False)


def each(paint: Callable[[Frame], Frame]) -> Callable[[Iterator[Frame]], Iterable[Frame]]:
    """Return what paints frames one by one with *paint*."""
    return partial(map, paint)


def join(threads: Sequence[threading.Thread]) -> None:
    """Wait until all have ended, in short waits: a signal is seen between two of them on every system."""
    for thread in threads:
        while thread.is_alive():
            thread.join(0.1)
