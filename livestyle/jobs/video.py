"""Paints one video file into another."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from traceback import walk_tb

from livestyle.errors import SourceUnavailable, StageError
from livestyle.frame import Bookmark, Frame, StreamInfo, digest_of
from livestyle.lock import only_run
from livestyle.numbering import Numbering, name_files
from livestyle.pipeline import Pipeline, Report
from livestyle.settings import EncodeSettings, ReadSettings
from livestyle.sinks.encoder import SEGMENT_FRAMES
from livestyle.sinks.file import FileSink
from livestyle.sinks.journal import Journal
from livestyle.sinks.sequence import SequenceSink
from livestyle.sources.decode import check_file
from livestyle.sources.file import FileSource
from livestyle.styles.store import find_style
from livestyle.stylize.ahead import paint_ahead
from livestyle.stylize.stylizer import Stylizer
from livestyle.whole import refusal_told, target_of


@dataclass(frozen=True)
class VideoJob:
    """A video to paint, and how.

    Attributes:
        source: a video file.
        out: the file to write; its ending chooses the container.
        start_seconds: leave out what comes before.
        duration_seconds: leave out what comes after so many seconds; None: to the end.
        read: what to change in reading: size, rate, interlacing, HDR.
        encode: quality, codec, preset, bitrate.
        overwrite: whether a file that is there may be replaced.
        resume: keep what is done beside *out*, and go on from there when the job was cut off.
    """

    source: Path
    out: Path
    start_seconds: float = 0.0
    duration_seconds: float | None = None
    read: ReadSettings = ReadSettings()  # noqa: RUF009 (frozen)
    encode: EncodeSettings = EncodeSettings()  # noqa: RUF009 (frozen)
    overwrite: bool = False
    resume: bool = False


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
        path: of the painted file; another than that of the job where it was *stopped* and would have replaced
            an older one.
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
    job: VideoJob,
    stylizer: Stylizer,
    *,
    watch: Callable[[Progress, Frame | None], None] | None = None,
    stop: threading.Event | None = None,
) -> VideoReport:
    """Paint a video into another: same size, times, sound and tags.

    Args:
        job: which, and how.
        stylizer: paints; it forgets what it saw before.
        watch: called after each frame with the painted frame, and at the end with None; from another thread.
            What it raises ends the job, and is raised here.
        stop: when set, the job ends soon, with a whole file of what is done; one that was there before stays
            what it was.

    Raises:
        SourceUnavailable, SinkUnavailable, UnknownName: one of the two files cannot be used.
        UsageError: the job is to be resumed, and is running in another process.
        StageError: the job failed midway; nothing took the name of the output.
    """
    with alone(job):
        return run_job(job, stylizer, watch, stop)


def alone(job: VideoJob) -> AbstractContextManager[None]:
    """Have what *job* keeps beside its output for one run alone while inside; raises as ``only_run``."""
    with refusal_told(f"write {job.out}"):
        target = target_of(job.out)  # links to one file have one lock
        makes_its_folder = Numbering.of(job.out) is not None
        if not job.resume or not (makes_its_folder or target.parent.is_dir()):  # which is refused later
            return nullcontext()
    return only_run(target.with_name(f"{target.name}.resumable.lock"), f"painting {job.out}")


def run_job(
    job: VideoJob,
    stylizer: Stylizer,
    watch: Callable[[Progress, Frame | None], None] | None,
    stop: threading.Event | None,
) -> VideoReport:
    """Paint *job*, which no other run does; see ``paint_video``."""
    journal = open_journal(job, stylizer) if job.resume else None
    bookmark, state = journal.recall() if journal else (None, {})
    source, sink = open_ends(job, journal, bookmark, cut_out=stylizer.controls.cuts_out)
    stylizer.restore(state)
    clock = Clock(source.info, journal.frames if journal else 0)
    watcher = Watcher(watch)
    stopped = False

    def heed_stop(frames: Iterator[Frame]) -> Iterator[Frame]:
        nonlocal stopped
        for frame in frames:
            if stop is not None and stop.is_set() and not stopped:
                stopped = True
                sink.abridge()
                pipeline.stop()
            yield frame

    def ends_segment(frame: Frame) -> bool:
        return journal is not None and (frame.index + 1) % SEGMENT_FRAMES == 0

    def paint(frames: Iterator[Frame]) -> Iterator[Frame]:
        for frame, painted in paint_ahead(stylizer, heed_stop(frames), ends_segment):
            if journal and ends_segment(frame):
                here = Bookmark(frame.index + 1, frame.pts_seconds, digest_of(frame.pixels))
                journal.remember(here, stylizer.snapshot())
            watcher(clock.progress(pipeline.meters[0].frames, frame.pts_seconds), painted)
            yield painted

    pipeline = Pipeline(source, paint, [sink])
    report = watcher.run(pipeline)
    done = clock.finish(report.frames)
    watcher(done, None)
    frames = done.frames - sink.left_out
    return VideoReport(
        sink.path, frames, done.fps, report.seconds, stylizer.description, stopped, report.busy_seconds
    )


class Watcher:
    """Tells the caller how far a job is; what the caller raises comes out as it is.

    Args:
        watch: called with the progress, and a painted frame; None tells nobody.
    """

    def __init__(self, watch: Callable[[Progress, Frame | None], None] | None) -> None:
        self._watch = watch

    def __call__(self, progress: Progress, frame: Frame | None) -> None:
        """Tell the *progress*, and *frame*, the newest painted one; None at the end."""
        if self._watch:
            self._watch(progress, frame)

    def run(self, pipeline: Pipeline) -> Report:
        """Run *pipeline*, whose stylizer calls this.

        Raises:
            StageError: it failed; or else what the caller raised.
        """
        try:
            return pipeline.run()
        except StageError as error:
            own, here = error.__cause__, Watcher.__call__.__code__
            if own is None or all(frame.f_code is not here for frame, _ in walk_tb(own.__traceback__)):
                raise
        raise own


def open_ends(
    job: VideoJob, journal: Journal | None, bookmark: Bookmark | None, *, cut_out: bool
) -> tuple[FileSource, FileSink | SequenceSink]:
    """Open the file to read and the file to write, with transparency when a part of it is *cut_out*."""
    source = FileSource(
        job.source,
        job.read,
        start_seconds=job.start_seconds,
        duration_seconds=job.duration_seconds,
        bookmark=bookmark,
    )
    with ExitStack() as undo:
        undo.callback(source.close)
        info = replace(source.info, cut_out=cut_out)
        kind = SequenceSink if Numbering.of(job.out) else FileSink
        sink = kind(job.out, info, source.clip, job.encode, overwrite=job.overwrite, journal=journal)
        if journal:  # now that nothing is refused any more
            undo.callback(sink.close)
            with refusal_told(f"write {journal.folder}"):
                journal.begin()
        undo.pop_all()
    return source, sink


def open_journal(job: VideoJob, stylizer: Stylizer) -> Journal:
    """Return the journal beside the output: what it kept of the same job, or nothing.

    Raises:
        SourceUnavailable, SinkUnavailable: there is no such file, or the journal cannot be read.
    """
    if not Numbering.of(job.source):
        check_file(job.source)
    with refusal_told(f"open {job.source}", SourceUnavailable):
        facts = [file.stat() for file in name_files(job.source)]
    controls = stylizer.controls
    style = find_style(controls.style, controls.tier).sha256
    controls = replace(controls, style="")
    what = replace(job, source=job.source.resolve(), out=Path(os.path.realpath(job.out)), overwrite=False)
    folder = job.out.with_name(f"{job.out.name}.parts")
    state = [(fact.st_size, fact.st_mtime_ns) for fact in facts]
    with refusal_told(f"read {folder}"):
        return Journal(folder, f"{what} {state} {controls} {style} {stylizer.description}")


class Clock:
    """Says how fast a job is and when it will be done.

    Args:
        info: of its source.
        before: frames that were painted in an earlier run.
    """

    def __init__(self, info: StreamInfo, before: int = 0) -> None:
        self._info = info
        self._before = before
        self._started = time.perf_counter()
        self._first_pts_seconds: float | None = None
        self._speed = 0.0

    def progress(self, frames: int, pts_seconds: float) -> Progress:
        """Return how far the job is.

        Args:
            frames: written so far in this run.
            pts_seconds: of the newest frame.
        """
        elapsed = max(time.perf_counter() - self._started, 1e-9)
        if self._first_pts_seconds is None:
            self._first_pts_seconds = pts_seconds
        self._speed = (pts_seconds - self._first_pts_seconds) / elapsed
        done, total = self._before + frames, self._info.frame_count
        eta = elapsed / frames * max(total - done, 0) if total and frames else None
        return Progress(done, total, frames / elapsed, self._speed, eta)

    def finish(self, frames: int) -> Progress:
        """Return where the job ended, with *frames* written in this run."""
        elapsed = max(time.perf_counter() - self._started, 1e-9)
        done = self._before + frames
        return Progress(done, done, frames / elapsed, self._speed, 0.0)
