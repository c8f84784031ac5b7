"""The pipeline carries every frame or the newest, and starts, ends and fails as one."""

from __future__ import annotations

import _thread
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from livestyle.errors import StageError
from livestyle.frame import Frame, StreamInfo
from livestyle.pipeline import Pipeline, Report, each

pytestmark = pytest.mark.timeout(20)  # a hang must fail soon

PIXELS = np.zeros((2, 2, 3), np.uint8)


class Failed(Exception):
    """What the stages here raise."""


@dataclass
class CountingSource:
    """Yields *count* frames; raises at *fail_at*; waits *pace_seconds* before each."""

    live: bool = False
    count: int = 50
    fail_at: int | None = None
    pace_seconds: float = 0.0
    fail_close: bool = False
    given: int = 0
    closed: int = 0

    @property
    def info(self) -> StreamInfo:
        return StreamInfo(2, 2, 30.0, self.live)

    def __iter__(self) -> Iterator[Frame]:
        for index in range(self.count):
            time.sleep(self.pace_seconds)
            if index == self.fail_at:
                raise Failed("source broke")
            self.given += 1
            yield Frame(PIXELS, index, index / 30, time.perf_counter())

    def close(self) -> None:
        self.closed += 1
        if self.fail_close:
            raise Failed("source would not close")


@dataclass
class ListSink:
    """Keeps what it is given; waits *pace_seconds* for each; raises at *fail_at*."""

    name: str = "list"
    fail_at: int | None = None
    pace_seconds: float = 0.0
    fail_close: bool = False
    frames: list[Frame] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)
    closed: int = 0

    def write(self, frame: Frame) -> None:
        self.threads.add(threading.current_thread().name)
        time.sleep(self.pace_seconds)
        if len(self.frames) == self.fail_at:
            raise Failed(f"{self.name} broke")
        self.frames.append(frame)

    def close(self) -> None:
        self.closed += 1
        if self.fail_close:
            raise Failed(f"{self.name} would not close")

    @property
    def indices(self) -> list[int]:
        return [frame.index for frame in self.frames]


class WindowLikeSink(ListSink):
    """Runs on the thread that calls run, and looks after its window between frames."""

    main_thread = True
    pumps = 0
    pumping: Callable[[], None] = staticmethod(lambda: None)

    def pump(self) -> None:
        self.pumps += 1
        self.pumping()


def same(frames: Iterator[Frame]) -> Iterator[Frame]:
    return frames


def paint_until(last: int, pace_seconds: float = 0.0) -> Callable[[Frame], Frame]:
    """Return a stylizer that breaks at frame *last*."""

    def paint(frame: Frame) -> Frame:
        time.sleep(pace_seconds)
        if frame.index >= last:
            raise Failed("stylizer broke")
        return frame

    return paint


def assert_all_over(source: CountingSource, *sinks: ListSink) -> None:
    assert source.closed == 1 and all(sink.closed == 1 for sink in sinks)
    assert {thread.name for thread in threading.enumerate()}.isdisjoint(
        {"source", "stylizer", *(s.name for s in sinks)}
    )


def test_a_file_waits_every_frame_once_in_order() -> None:
    source, slow, quick = CountingSource(), ListSink("slow", pace_seconds=0.002), ListSink("quick")
    report = Pipeline(source, each(lambda f: f.with_pixels(f.pixels + 7)), [slow, quick]).run()
    assert slow.indices == quick.indices == list(range(50))
    assert all(frame.pixels.max() == 7 for frame in slow.frames)
    assert (report.frames, report.dropped) == (50, 0) and report.seconds > 0
    assert_all_over(source, slow, quick)


def test_live_drops_rather_than_waits() -> None:
    source, slow = CountingSource(live=True, pace_seconds=0.002, count=60), ListSink(pace_seconds=0.02)
    report = Pipeline(source, same, [slow]).run()
    assert slow.indices == sorted(set(slow.indices)) and slow.indices[-1] == 59, "the newest is shown last"
    assert len(slow.frames) < 40 and report.dropped == 60 - len(slow.frames)


def test_a_slow_sink_holds_up_no_other_when_live() -> None:
    source = CountingSource(live=True, pace_seconds=0.005, count=40)
    slow, quick = ListSink("slow", pace_seconds=0.05), ListSink("quick")
    Pipeline(source, same, [slow, quick]).run()
    assert len(quick.frames) > 2 * len(slow.frames)


def test_each_sink_has_its_thread() -> None:
    sinks = [ListSink("one"), ListSink("two")]
    Pipeline(CountingSource(), same, sinks).run()
    assert [sink.threads for sink in sinks] == [{"one"}, {"two"}]


def test_no_sink_and_no_frame() -> None:
    assert Pipeline(CountingSource(), same, []).run().frames == 0
    sink = ListSink()
    assert Pipeline(CountingSource(count=0), same, [sink]).run().frames == 0
    assert sink.closed == 1


@pytest.mark.parametrize("live", [False, True], ids=["file", "live"])
@pytest.mark.parametrize("full", [False, True], ids=["empty queues", "full queues"])
@pytest.mark.parametrize("on_main", [False, True], ids=["threads", "a main-thread sink"])
@pytest.mark.parametrize("stage", ["source", "source closing", "stylizer", "sink", "sink closing"])
def test_the_first_failure_ends_all(stage: str, on_main: bool, full: bool, live: bool) -> None:
    source = CountingSource(
        live, count=30 if stage.endswith("closing") else 10_000, pace_seconds=0.0 if full else 0.001
    )
    sink = (WindowLikeSink if on_main else ListSink)("screen", pace_seconds=0.003 if full else 0.0)
    paint = same
    if stage == "source":
        source.fail_at = 20
    elif stage == "stylizer":
        paint = each(paint_until(10))
    elif stage == "sink":
        sink.fail_at = 3
    source.fail_close, sink.fail_close = stage == "source closing", stage == "sink closing"

    with pytest.raises(StageError) as caught:
        Pipeline(source, paint, [ListSink("other"), sink]).run()

    broken = stage.removesuffix(" closing").replace("sink", "screen")
    what = "would not close" if stage.endswith("closing") else "broke"
    assert str(caught.value) == f"{broken} failed: {broken} {what}"
    assert isinstance(caught.value.__cause__, Failed)
    assert_all_over(source, sink)


def test_the_first_failure_is_what_the_caller_sees() -> None:
    source, sink = CountingSource(fail_close=True), ListSink(fail_at=2, fail_close=True)
    with pytest.raises(StageError, match="list failed: list broke"):
        Pipeline(source, same, [sink]).run()
    assert_all_over(source, sink)


def test_failures_are_told_in_one_line_even_without_words() -> None:
    def paint(frame: Frame) -> Frame:
        if frame.index == 2:
            raise RuntimeError("CUDA out of memory")
        raise Failed("first line\nsecond line") if frame.index else Failed

    short = "stylizer failed: not enough memory; give a smaller --size, or another --device"
    cases = ((0, "stylizer failed: Failed"), (1, "stylizer failed: first line"), (2, short))
    for first, message in cases:
        source = CountingSource()
        with pytest.raises(StageError) as caught:
            Pipeline(source, each(lambda f, n=first: paint(f) if f.index >= n else f), []).run()
        assert str(caught.value) == message


@pytest.mark.parametrize("live", [False, True], ids=["file", "live"])
def test_stop_drains(live: bool) -> None:
    source, sink = CountingSource(live, count=10_000, pace_seconds=0.001), ListSink(pace_seconds=0.002)
    pipeline = Pipeline(source, same, [sink])
    timer = threading.Timer(0.1, pipeline.stop)
    timer.start()
    report = pipeline.run()
    timer.join()
    assert 1 < report.frames < 1000
    if not live:
        assert sink.indices == list(range(len(sink.frames)))
        assert source.given - len(sink.frames) <= 1, (
            "what was taken is written, but for the frame that came after stop"
        )
    assert_all_over(source, sink)


def test_stop_before_run_carries_nothing() -> None:
    sink = ListSink()
    pipeline = Pipeline(CountingSource(), same, [sink])
    pipeline.stop()
    assert pipeline.run().frames == 0 and sink.closed == 1


def test_a_main_thread_sink_is_pumped_without_frames() -> None:
    source, window = CountingSource(live=True, count=3, pace_seconds=0.1), WindowLikeSink("window")
    Pipeline(source, same, [window]).run()
    assert window.threads == {threading.main_thread().name}
    assert window.pumps > 10


def test_a_window_can_stop_the_run() -> None:
    source, window, file = (
        CountingSource(count=10_000, pace_seconds=0.001),
        WindowLikeSink("window"),
        ListSink("file"),
    )
    pipeline = Pipeline(source, same, [window, file])
    window.pumping = lambda: pipeline.stop() if len(window.frames) == 5 else None
    assert pipeline.run().frames < 100
    assert_all_over(source, window, file)


@pytest.mark.parametrize("on_main", [False, True], ids=["threads", "a main-thread sink"])
def test_ctrl_c_ends_all_threads_and_goes_on(on_main: bool) -> None:
    source = CountingSource(count=100_000, pace_seconds=0.001)
    sink = (WindowLikeSink if on_main else ListSink)("screen")
    timer = threading.Timer(0.2, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        Pipeline(source, same, [sink, ListSink("other")]).run()
    assert 0 < len(sink.frames) < 10_000
    assert_all_over(source, sink)


def test_report_is_what_was_done() -> None:
    assert Report(3, 1, 2.0) == Report(frames=3, dropped=1, seconds=2.0)


def test_the_report_tells_how_long_each_stage_worked() -> None:
    def slow(frame: Frame) -> Frame:
        time.sleep(0.01)
        return frame

    report = Pipeline(CountingSource(count=5), each(slow), [ListSink()]).run()
    busy = report.busy_seconds
    assert set(busy) == {"source", "stylizer", "list"}
    assert report.seconds >= busy["stylizer"] >= 0.05 > busy["source"]


@pytest.mark.parametrize(
    ("live", "idle", "painted"),
    [(True, (True, True), 0), (True, (True, False), 30), (False, (True, True), 30)],
)
def test_what_nobody_sees_of_a_live_source_is_not_painted(live, idle, painted) -> None:
    seen = []
    sinks = [ListSink(), ListSink()]
    for sink, alone in zip(sinks, idle, strict=True):
        sink.idle = alone  # type: ignore[attr-defined]
    source = CountingSource(live=live, count=30, pace_seconds=0.01)
    Pipeline(source, each(lambda frame: seen.append(frame) or frame), sinks).run()
    assert painted * 0.6 <= len(seen) <= painted


@pytest.mark.parametrize("live", [False, True], ids=["file", "live"])
def test_what_a_show_recorded_before_a_failure_is_kept(live: bool) -> None:
    class Recording(ListSink):
        abandoned = False

        def abandon(self) -> None:
            self.abandoned = True

    whole, broken = Recording("file"), Recording("file", fail_at=3)
    with pytest.raises(StageError):
        Pipeline(CountingSource(live, pace_seconds=0.001), same, [whole, broken]).run()
    assert broken.abandoned and whole.abandoned == (not live)
