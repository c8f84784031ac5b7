"""``livestyle video``: paints a video file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from livestyle.cli import flags
from livestyle.cli.signals import stop_by_signals

if TYPE_CHECKING:
    from livestyle.jobs.video import Progress, VideoReport


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("video")(video)


def video(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Video file to paint.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write: .mp4, .mov or .mkv.")],
    style: flags.Style = "candy",
    strength: flags.Strength = 1.0,
    stability: flags.Stability = 0.6,
    device: flags.Device = "auto",
    backend: flags.Backend = "auto",
    precision: flags.Precision = "auto",
    start: Annotated[float, typer.Option(help="Seconds to leave out at the beginning.")] = 0.0,
    duration: Annotated[
        float | None, typer.Option(help="Seconds to paint.", show_default="to the end")
    ] = None,
    quality: Annotated[str, typer.Option(help="0 (best) to 51 (smallest), or 'lossless'.")] = "18",
    overwrite: flags.Overwrite = False,
    stats: Annotated[bool, typer.Option("--stats", help="Tell where the time went.")] = False,
) -> None:
    """Paint the video IN into OUT: same size, times, sound and tags."""
    from livestyle.api import stylize_video

    with stop_by_signals("finishing the file") as signals, Reporter() as reporter:
        report = stylize_video(
            source,
            out,
            style=style,
            strength=strength,
            stability=stability,
            device=device,
            backend=backend,
            precision=precision,
            start_seconds=start,
            duration_seconds=duration,
            quality=quality,
            overwrite=overwrite,
            watch=reporter.show,
            stop=signals.stop,
        )
    typer.echo(f"{report.path}: {report.frames} frames, {report.fps:.1f} fps, {report.backend}")
    if stats:
        for line in stats_of(report):
            typer.echo(line, err=True)
    if report.stopped:
        typer.echo("livestyle: stopped before the end; the file holds what was done", err=True)
        raise typer.Exit(128 + signals.number)


def stats_of(report: VideoReport) -> Iterator[str]:
    """Yield a line for each stage: what a frame took there, and how much of the time it worked.

    The stages work side by side: the one that is busiest sets the pace.
    """
    for stage, seconds in report.busy_seconds.items():
        each = seconds / max(report.frames, 1)
        yield f"{stage:10}{each * 1000:8.2f} ms per frame, busy {seconds / report.seconds:4.0%} of the time"


class Reporter:
    """A bar with frames, rate and time left, on a terminal; nothing elsewhere."""

    def __init__(self) -> None:
        self._bar = Bar(
            TextColumn("painting"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task("", total=None, rate="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, progress: Progress) -> None:
        """Show how far the job is."""
        rate = f"{progress.fps:.1f} fps, {progress.speed:.2f}x"
        self._bar.update(self._task, completed=progress.frames, total=progress.total, rate=rate)
