"""Paints one video file into another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from livestyle.frame import Frame, StreamInfo
from livestyle.pipeline import Pipeline
from livestyle.settings import EncodeSettings
from livestyle.sinks.file import FileSink
from livestyle.sources.file import FileSource
from livestyle.stylize.stylizer import Stylizer


@dataclass(frozen=True)
class Cut:
    """Which part of a video to take: all of it, unless said otherwise.

    Attributes:
        start_seconds: leave out what comes before.
        duration_seconds: leave out what comes after so many seconds; None: to the end.
    """

    start_seconds: float = 0.0
    duration_seconds: float | None = None


@dataclass(frozen=True)
class Progress:
    """How far a job is.

    Attributes:
        frames: painted and written so far.
        total: frames to expect; None when the file does not tell.
        fps: frames per second so far, over the whole job.
        speed: seconds of video per second of work.
        eta_seconds: until the end; None when unknown.
    """

    frames: int
    total: int | None
    fps: float
    speed: float
    eta_seconds: float | None


@dataclass(frozen=True)
class VideoReport:
    """What a job did.

    Attributes:
        path: of the painted file.
        frames: in it.
        fps: frames per second of the whole job.
        seconds: that the job took.
        backend: library, device and precision that painted.
        stopped: True when it was stopped before the end of the source.
        busy_seconds: for how much of it each stage worked: see ``pipeline.Report``.
    """

    path: Path
    frames: int
    fps: float
    seconds: float
    backend: str
    stopped: bool
    busy_seconds: Mapping[str, float]


def paint_video(
    source_path: Path,
    out_path: Path,
    stylizer: Stylizer,
    *,
    cut: Cut = Cut(),
    encode: EncodeSettings = EncodeSettings(),  # noqa: B008 (frozen)
    overwrite: bool = False,
    watch: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> VideoReport:
    """Paint *source_path* into *out_path*: same size, times, sound and tags.

    Args:
        source_path: a video file.
        out_path: the file to write; its ending chooses the container.
        stylizer: paints; it forgets what it saw before.
        cut: which part.
        encode: how.
        overwrite: whether a file that is there may be replaced.
        watch: called after each frame, from another thread.
        stop: when set, the job ends soon, with a whole file of what is done.

    Raises:
        SourceUnavailable, SinkUnavailable, UnknownName: one of the two files cannot be used.
        StageError: the job failed midway; nothing took the name *out_path*.
    """
    source = FileSource(source_path, start_seconds=cut.start_seconds, duration_seconds=cut.duration_seconds)
    with ExitStack() as undo:
        undo.callback(source.close)
        sink = FileSink(out_path, source.info, source.clip, encode, overwrite=overwrite)
        undo.pop_all()
    stylizer.reset()
    clock = Clock(source.info)
    stopped = False

    def paint(frame: Frame) -> Frame:
        nonlocal stopped
        if stop is not None and stop.is_set() and not stopped:
            stopped = True
            sink.abridge()
            pipeline.stop()
        painted = stylizer(frame)
        if watch:
            watch(clock.progress(pipeline.meters[0].frames, frame.pts_seconds))
        return painted

    pipeline = Pipeline(source, paint, [sink])
    report = pipeline.run()
    fps = report.frames / max(report.seconds, 1e-9)
    if watch:
        watch(Progress(report.frames, report.frames, fps, clock.speed, 0.0))
    description = stylizer.description
    return VideoReport(
        out_path, report.frames, fps, report.seconds, description, stopped, report.busy_seconds
    )


class Clock:
    """Says how fast a job is and when it will be done.

    Args:
        info: of its source.
    """

    def __init__(self, info: StreamInfo) -> None:
        self._info = info
        self._started = time.perf_counter()
        self._first_pts_seconds: float | None = None
        self.speed = 0.0

    def progress(self, frames: int, pts_seconds: float) -> Progress:
        """Return how far the job is.

        Args:
            frames: written so far.
            pts_seconds: of the newest frame.
        """
        elapsed = max(time.perf_counter() - self._started, 1e-9)
        if self._first_pts_seconds is None:
            self._first_pts_seconds = pts_seconds
        self.speed = (pts_seconds - self._first_pts_seconds) / elapsed
        total = self._info.frame_count
        eta = elapsed / frames * max(total - frames, 0) if total and frames else None
        return Progress(frames, total, frames / elapsed, self.speed, eta)
