"""How well a live picture is held: what ``livestyle bench --scope live`` runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from livestyle.errors import SinkUnavailable, StageError
from livestyle.frame import Frame
from livestyle.measure.speed import Timing
from livestyle.meter import Meter
from livestyle.pipeline import Pipeline
from livestyle.sinks import Sink
from livestyle.sinks.window import WindowSink
from livestyle.sources.pattern import PatternSource
from livestyle.stylize.governor import Governor
from livestyle.stylize.stylizer import Controls, Stylizer

FPS = 30

SETTLING_SECONDS = 3.0
"""At first, not counted: the governor looks for the size that holds the rate."""

QUIT = (ord("q"), 27)
"""Keys that close the window: q and Esc."""


class NoSink:
    """Shows frames to nobody, where there is no display."""

    name = "no window"

    def write(self, frame: Frame) -> None:
        """Forget *frame*."""

    def close(self) -> None:
        """Do nothing."""


def measure_live(
    controls: Controls, size: tuple[int, int], runs_on: tuple[str, str, str], seconds: float
) -> Timing:
    """Paint a moving test scene as ``livestyle webcam --camera pattern`` does; return how well that went.

    Args:
        controls: how to paint.
        size: of the scene, (width, height).
        runs_on: device, backend and precision; see ``open_backend``.
        seconds: that are counted.

    Returns:
        Its times are the ages of frames when they are shown; its name says how many were left out, and at
        what part of their size the governor had them painted at the end.

    Raises:
        StageError: the window was closed before the end.
    """
    width, height = size
    settling, count = round(SETTLING_SECONDS * FPS), round((SETTLING_SECONDS + seconds) * FPS)
    source = PatternSource(width=width, height=height, fps=FPS, frame_count=count)
    stylizer = Stylizer(controls, *runs_on, governor=Governor(FPS))
    stylizer.warm(controls, next(iter(source)).pixels)
    closed = threading.Event()
    missed = count - settling

    def paint(frames: Iterator[Frame]) -> Iterator[Frame]:
        nonlocal missed
        for frame in frames:
            missed -= frame.index >= settling
            yield stylizer(frame)

    def end() -> None:
        closed.set()
        pipeline.stop()

    sink = open_somewhere(width, height, end)
    pipeline = Pipeline(source, paint, [sink])
    meter = pipeline.meters[0] = Meter(window_seconds=seconds)
    cpu_started = time.process_time()
    shown = pipeline.run().frames
    if closed.is_set():
        raise StageError("the window was closed before the measurement ended")
    cpu_ms = (time.process_time() - cpu_started) / max(shown, 1) * 1000
    best, p50, p95 = (1000 * meter.latency_seconds(percentile) for percentile in (0, 50, 95))
    backend = stylizer.description.partition(" (")[0]
    name = f"{controls.style}, {backend}, {sink.name}: {missed} missed, painted at {stylizer.scale:.0%}"
    return Timing(name, "live", width, height, meter.kept, best, p50, p95, cpu_ms, None, meter.fps)


def open_somewhere(width: int, height: int, on_close: Callable[[], None]) -> Sink:
    """Return a window of that size, closed as all are; where there is no display, what shows nothing."""

    def on_key(key: int) -> None:
        if key in QUIT:
            on_close()

    try:
        return WindowSink(width, height, on_key=on_key, on_close=on_close)
    except SinkUnavailable:
        return NoSink()
