"""Shows how far painting is: a bar for people, lines of JSON for programs."""

from __future__ import annotations

import errno
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from livestyle.errors import StageError, UsageError

if TYPE_CHECKING:
    from livestyle.frame import Frame
    from livestyle.jobs.strip import Strip
    from livestyle.jobs.video import Progress, VideoJob

KINDS = ("bar", "json", "none")
EVERY_SECONDS = 0.5
"""Between two lines of JSON."""


class Reporter:
    """Shows progress on a terminal, or tells it in JSON, one line each half second.

    Args:
        kind: ``bar`` (on standard error, and only on a terminal), ``json`` (on standard output) or ``none``.

        preview: picture to keep up to date; None for none.

    Raises:
        UsageError: there is no such kind, or the preview cannot be written.
    """

    def __init__(self, kind: str = "bar", preview: Path | None = None) -> None:
        if kind not in KINDS:
            raise UsageError(f"progress must be one of {', '.join(KINDS)}, not {kind!r}")
        self._kind = kind
        self._strip = open_strip(preview) if preview else None
        self._told = 0.0
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=kind != "bar" or not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task("painting", total=None, rate="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, job: VideoJob, progress: Progress, frame: Frame | None) -> None:
        """Show how far *job* is; *frame* is None at its end."""
        if self._strip:
            self._strip.add(frame)
        if self._kind == "json":
            self._tell(job.source, progress, last=frame is None)
            return
        rate = f"{progress.fps:.1f} fps, {progress.speed:.2f}x"
        self._bar.update(
            self._task,
            description=job.source.name,
            completed=progress.frames,
            total=progress.total,
            rate=rate,
        )

    def fail(self, source: Path, error: object) -> None:
        """Tell programs that *source* cannot be painted; people read it elsewhere."""
        if self._kind == "json":
            print_line({"source": str(source), "done": True, "error": str(error)})

    def _tell(self, source: Path, progress: Progress, *, last: bool) -> None:
        now = time.monotonic()
        if not last and now < self._told + EVERY_SECONDS:
            return
        self._told = now
        line = {
            "source": str(source),
            "frames": progress.frames,
            "total": progress.total,
            "fps": round(progress.fps, 2),
            "speed": round(progress.speed, 3),
            "eta_seconds": None if progress.eta_seconds is None else round(progress.eta_seconds, 1),
            "done": last,
        }
        print_line(line)


def print_line(line: dict[str, object]) -> None:
    """Print *line* as JSON; raises StageError where nobody can read it."""
    try:
        print(json.dumps(line), flush=True)
    except OSError as error:
        if error.errno in (errno.EPIPE, errno.ENOSPC):  # told, or not, where the command ends
            raise
        raise StageError(f"cannot tell the progress: {(error.strerror or '').lower()}") from error


def open_strip(path: Path) -> Strip:
    """Return the strip of frames that is kept at *path*."""
    from livestyle.jobs.strip import Strip

    return Strip(path)
