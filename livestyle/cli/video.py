"""``livestyle video``: paints video files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from livestyle.cli import flags
from livestyle.cli.reporting import Reporter
from livestyle.cli.signals import stop_by_signals
from livestyle.errors import LivestyleError, UsageError

if TYPE_CHECKING:
    import threading

    from livestyle.jobs.batch import Outcome
    from livestyle.jobs.video import VideoJob
    from livestyle.stylize.stylizer import Stylizer

ENCODING, READING, JOBS = "Encoding", "Reading", "Jobs"

Paths = Annotated[list[Path], typer.Argument(metavar="IN OUT", help="Video to paint and file to write.")]
Into = Annotated[
    Path | None,
    typer.Option(help="Folder to paint into: all files given, and all videos below folders given."),
]
Start = Annotated[
    float,
    typer.Option(
        parser=flags.parse_seconds,
        metavar="TIME",
        help="What to leave out at the beginning: 20s, 1:30.",
        rich_help_panel=READING,
    ),
]
Duration = Annotated[
    float | None,
    typer.Option(
        parser=flags.parse_seconds,
        metavar="TIME",
        help="How much to paint: 20s, 1:30.",
        show_default="to the end",
        rich_help_panel=READING,
    ),
]
Size = Annotated[
    str, typer.Option(help="720p, or 1280x720 to fit into.", show_default="as IN", rich_help_panel=READING)
]
Fps = Annotated[
    float | None,
    typer.Option(help="Steady frames per second.", show_default="the times of IN", rich_help_panel=READING),
]
Deinterlace = Annotated[
    bool, typer.Option(help="Make whole frames of interlaced video.", rich_help_panel=READING)
]
Hdr = Annotated[
    str, typer.Option(help="tone-map makes SDR of HDR video, keep keeps it.", rich_help_panel=READING)
]
Quality = Annotated[
    str, typer.Option(help="0 (best) to 51 (smallest), or lossless.", rich_help_panel=ENCODING)
]
Codec = Annotated[
    str, typer.Option(help="auto, h264, hevc, av1, vp9, prores or ffv1.", rich_help_panel=ENCODING)
]
Preset = Annotated[
    str, typer.Option(help="ultrafast to veryslow: faster is larger.", rich_help_panel=ENCODING)
]
Bitrate = Annotated[
    str, typer.Option(help="Bits per second, like 5M, not a quality.", rich_help_panel=ENCODING)
]
Hardware = Annotated[
    bool, typer.Option("--hardware", help="Encode on the graphics card if it can.", rich_help_panel=ENCODING)
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on where the same command was cut off.", rich_help_panel=JOBS)
]
Preview = Annotated[
    Path | None, typer.Option(help="Picture to keep up to date: a strip of frames.", rich_help_panel=JOBS)
]
Progress = Annotated[str, typer.Option(help="bar, json or none.", rich_help_panel=JOBS)]
Stats = Annotated[bool, typer.Option("--stats", help="Tell where the time went.", rich_help_panel=JOBS)]
AsJson = Annotated[bool, typer.Option("--json", help="Tell the outcome as JSON.", rich_help_panel=JOBS)]


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("video")(video)


def video(
    paths: Paths,
    into: Into = None,
    style: flags.Style = "candy",
    tier: flags.Tier = "auto",
    strength: flags.Strength = 1.0,
    stability: flags.Stability = 0.6,
    keep_colors: flags.KeepColors = False,
    brush: flags.Brush = 0.0,
    cutout: flags.Cutout = "none",
    background: flags.Background = "keep",
    device: flags.Device = "auto",
    backend: flags.Backend = "auto",
    precision: flags.Precision = "auto",
    start: Start = 0.0,
    duration: Duration = None,
    size: Size = "",
    fps: Fps = None,
    deinterlace: Deinterlace = True,
    hdr: Hdr = "tone-map",
    quality: Quality = "18",
    codec: Codec = "auto",
    preset: Preset = "veryfast",
    bitrate: Bitrate = "",
    hardware: Hardware = False,
    resume: Resume = False,
    preview: Preview = None,
    progress: Progress = "bar",
    as_json: AsJson = False,
    stats: Stats = False,
    overwrite: flags.Overwrite = False,
) -> None:
    """Paint the video IN into OUT: same size, times, sound and tags. With --into, paint many."""
    if into is None and len(paths) != 2:
        raise UsageError("give two names, IN and OUT; with --into FOLDER, any number of IN")

    from livestyle.jobs.batch import plan_batch
    from livestyle.jobs.video import VideoJob
    from livestyle.settings import EncodeSettings, ReadSettings
    from livestyle.stylize.stylizer import Stylizer

    read = ReadSettings(size, fps, deinterlace, hdr)
    encode = EncodeSettings(quality, codec, preset, bitrate, hardware)
    ending = ".webm" if background == "transparent" else ""
    pairs = [(paths[0], paths[1])] if into is None else plan_batch(paths, into, ending)
    jobs = [VideoJob(*pair, start, duration, read, encode, overwrite, resume) for pair in pairs]
    check_outputs(jobs, preview, background)
    controls = flags.choose_controls(style, tier, strength, stability, keep_colors, brush, cutout, background)
    stylizer = Stylizer(controls, device, backend, precision)
    with stop_by_signals("finishing the file") as signals, Reporter(progress, preview) as reporter:
        outcomes = paint(jobs, stylizer, reporter, signals.stop, one=into is None)
    for outcome in outcomes if stats else ():
        typer.echo("\n".join(stats_of(outcome)), err=True)
    tell(outcomes, as_json=as_json, quiet=progress == "json", table=into is not None)
    if signals.number:
        more = "; the same command goes on from there" if resume else ""
        typer.echo(f"livestyle: stopped before the end; {left_by(outcomes)}{more}", err=True)
    failed = any(outcome.state == "failed" for outcome in outcomes)
    raise typer.Exit(128 + signals.number if signals.number else int(failed))


def check_outputs(jobs: Sequence[VideoJob], preview: Path | None, background: str) -> None:
    """Raise UsageError where a file would be lost: one that is read, or another *preview*."""
    from livestyle.jobs.batch import is_begun
    from livestyle.whole import spare

    for job in jobs:
        spare([background], job.out)
    if preview is not None and not preview.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {preview.parent}; create it first")
    if preview is None or not preview.exists():
        return
    spare([background, *(job.source for job in jobs)], preview)
    if not any(job.overwrite or (job.resume and is_begun(job)) for job in jobs):
        raise UsageError(f"{preview} exists; give -y to replace it, or another --preview")


def paint(
    jobs: Sequence[VideoJob], stylizer: Stylizer, reporter: Reporter, stop: threading.Event, *, one: bool
) -> list[Outcome]:
    """Paint *jobs*; when there is but *one*, its failure is that of the command."""
    from livestyle.jobs.batch import Outcome, is_there, paint_batch, skipped
    from livestyle.jobs.video import paint_video

    if not one:
        outcomes = []
        for outcome in paint_batch(jobs, stylizer, watch=reporter.show, stop=stop):
            outcomes.append(outcome)
            if outcome.state == "failed":
                reporter.fail(outcome.source, outcome.error)
        return outcomes
    job = jobs[0]
    if job.resume and is_there(job):
        outcome = skipped(job)
        typer.echo(f"livestyle: {outcome.error}", err=True)
        return [outcome]
    try:
        report = paint_video(
            job, stylizer, watch=lambda done, frame: reporter.show(job, done, frame), stop=stop
        )
    except LivestyleError as error:
        reporter.fail(job.source, error)
        raise
    return [Outcome(job.source, job.out, "stopped" if report.stopped else "painted", report)]


def left_by(outcomes: Sequence[Outcome]) -> str:
    """Return what there is of the job that was stopped, the last of *outcomes*, in words."""
    last = outcomes[-1] if outcomes else None
    if last is None or last.report is None:
        return "nothing was begun"
    if last.report.path != last.out:
        return f"{last.out} is the old one, what was done is in {last.report.path}"
    return "the file holds what was done"


def tell(outcomes: Sequence[Outcome], *, as_json: bool, quiet: bool, table: bool) -> None:
    """Tell what became of each job: a line each, or JSON; a *table* too for many."""
    if as_json:
        indent = None if quiet else 2  # after lines of JSON, one more
        typer.echo(json.dumps([describe(outcome) for outcome in outcomes], indent=indent))
        return
    for outcome in outcomes:
        if outcome.report and not quiet:
            done = outcome.report
            count = f"{done.frames} frame{'s' * (done.frames != 1)}"
            typer.echo(f"{done.path}: {count}, {done.fps:.1f} fps, {done.backend}")
    if table:
        video, why = (Column(name, overflow="fold") for name in ("video", "why"))
        rows = Table(video, "state", "frames", "fps", why)
        for outcome in outcomes:
            facts = describe(outcome)
            rows.add_row(
                *(escape(str(facts[key] or "")) for key in ("source", "state", "frames", "fps", "error"))
            )
        Console(stderr=True).print(rows)


def stats_of(outcome: Outcome) -> Iterator[str]:
    """Yield a line for each stage: what a frame took there, and how much of the time it worked.

    The stages work side by side: the one that is busiest sets the pace.
    """
    report = outcome.report
    if report is None:
        return
    for stage, seconds in report.busy_seconds.items():
        each = seconds / max(report.frames, 1)
        yield f"{stage:10}{each * 1000:8.2f} ms per frame, busy {seconds / report.seconds:4.0%} of the time"


def describe(outcome: Outcome) -> dict[str, str | int | float | None]:
    """Return what became of a job, for JSON."""
    done = outcome.report
    return {
        "source": str(outcome.source),
        "out": str(done.path if done else outcome.out),
        "state": outcome.state,
        "frames": done.frames if done else None,
        "fps": round(done.fps, 2) if done else None,
        "seconds": round(done.seconds, 2) if done else None,
        "backend": done.backend if done else None,
        "error": outcome.error or None,
    }
