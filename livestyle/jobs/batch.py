"""Paints several videos, one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from livestyle.errors import LivestyleError, SinkUnavailable, SourceUnavailable
from livestyle.frame import Frame
from livestyle.jobs.folder import list_below
from livestyle.jobs.video import Progress, VideoJob, VideoReport, paint_video
from livestyle.numbering import Numbering, name_files
from livestyle.sinks.codecs import CONTAINERS
from livestyle.stylize.stylizer import Stylizer
from livestyle.whole import key_of, refusal_told, spare

VIDEOS = {
    *CONTAINERS,
    ".3g2",
    ".3gp",
    ".amv",
    ".apng",
    ".asf",
    ".avi",
    ".divx",
    ".dv",
    ".f4v",
    ".flv",
    ".gxf",
    ".m2t",
    ".m2ts",
    ".mj2",
    ".mpe",
    ".mpeg",
    ".mpg",
    ".mts",
    ".mxf",
    ".nut",
    ".ogm",
    ".ogv",
    ".qt",
    ".rm",
    ".rmvb",
    ".tod",
    ".ts",
    ".vob",
    ".wmv",
    ".wtv",
}
"""Endings of files that are taken from a folder; not of raw streams, beside which lies what they became."""


@dataclass(frozen=True)
class Outcome:
    """What became of one job.

    Attributes:
        source, out: of the job.
        state: ``painted``, ``skipped`` (it was there already), ``stopped`` or ``failed``.
        report: what was done; None when nothing was.
        error: what failed, or why it was skipped; empty otherwise.
    """

    source: Path
    out: Path
    state: str
    report: VideoReport | None = None
    error: str = ""


def plan_batch(sources: Sequence[Path], into: Path, ending: str = "") -> list[tuple[Path, Path]]:
    """Return what to paint into what.

    Args:
        sources: video files, and folders: all videos below them are taken, hidden ones left out.
        into: the folder for what is painted; need not exist.
        ending: of the files to write, like ``.mp4``; empty: that of the source where it can be written.

    Raises:
        SourceUnavailable: there is nothing to paint.
        SinkUnavailable: *into* cannot be a folder, or two files would be one.
    """
    pairs = [
        (file, into / inside / (stem_of(file) + (ending or usual_ending(file))))
        for source in sources
        for file, inside in list_videos(source, into)
    ]
    if not pairs:
        raise SourceUnavailable(
            f"no video in {', '.join(map(str, sources))}; give files or folders with some"
        )
    taken: dict[str, Path] = {}
    for source, out in pairs:
        key = key_of(out)
        if key in taken:
            raise SinkUnavailable(f"{taken[key]} and {source} would both become {out}; paint them one by one")
        taken[key] = source
    if into.exists() and not into.is_dir():
        raise SinkUnavailable(f"{into} is no folder; give one for what is painted")
    return pairs


def list_videos(source: Path, into: Path) -> list[tuple[Path, Path]]:
    """Return *source*, or all videos below it when it is a folder, each with the folder in *into* for it."""
    if not source.is_dir():
        return [(source, Path())]
    return [(file, file.parent.relative_to(source)) for file in list_below(source, VIDEOS, into)]


def stem_of(file: Path) -> str:
    """Return the name of *file* without its ending; for numbered pictures that of their folder."""
    return file.absolute().parent.name if Numbering.of(file) else file.stem


def usual_ending(file: Path) -> str:
    """Return the ending of *file* when such a file can be written, else that of an mp4."""
    return file.suffix.lower() if file.suffix.lower() in CONTAINERS else ".mp4"


def paint_batch(
    jobs: Sequence[VideoJob],
    stylizer: Stylizer,
    *,
    watch: Callable[[VideoJob, Progress, Frame | None], None] | None = None,
    stop: threading.Event | None = None,
) -> Iterator[Outcome]:
    """Paint *jobs* in turn, and yield what became of each; a bad one does not stop the rest.

    Args:
        jobs: those whose output is there already are skipped, unless they may overwrite it; folders are made.
        stylizer: paints.
        watch: as for ``paint_video``, with the job.
        stop: when set, the job at hand ends soon, and no other begins.
    """
    for job in jobs:
        if stop is not None and stop.is_set():
            return
        watch_this = None if watch is None else lambda progress, frame, job=job: watch(job, progress, frame)
        try:
            if is_there(job):
                yield skipped(job)
                continue
            with refusal_told(f"make the folder {job.out.parent}"):
                job.out.parent.mkdir(parents=True, exist_ok=True)
            report = paint_video(job, stylizer, watch=watch_this, stop=stop)
        except LivestyleError as error:
            yield Outcome(job.source, job.out, "failed", error=str(error))
        else:
            yield Outcome(job.source, job.out, "stopped" if report.stopped else "painted", report)


def is_there(job: VideoJob) -> bool:
    """Tell whether the output of *job* is there, complete, and is not to be painted anew."""
    spare([job.source], job.out)
    there = any(file.exists() for file in name_files(job.out))
    return there and not job.overwrite and not (job.resume and is_begun(job))


def is_begun(job: VideoJob) -> bool:
    """Tell whether *job* was cut off, and can be resumed."""
    return job.out.with_name(f"{job.out.name}.parts").exists()


def skipped(job: VideoJob) -> Outcome:
    """Return what became of *job*, as its output ``is_there``."""
    return Outcome(
        job.source, job.out, "skipped", error=f"{job.out} is there already; give -y to paint it anew"
    )
