"""``livestyle image``: paints pictures and folders of pictures."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress as Bar

from livestyle.cli import flags

if TYPE_CHECKING:
    from livestyle.jobs.pictures import Painted


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("image")(image)


def image(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN", help="A picture (.png .jpg .webp .tif .bmp .avif .heic), or a folder of them."
        ),
    ],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="A picture (.png .jpg .webp .tif .bmp), or a folder.")
    ],
    style: flags.Style = "candy",
    tier: flags.Tier = "auto",
    strength: flags.Strength = 1.0,
    keep_colors: flags.KeepColors = False,
    brush: flags.Brush = 0.0,
    cutout: flags.Cutout = "none",
    background: flags.Background = "keep",
    device: flags.Device = "auto",
    backend: flags.Backend = "auto",
    precision: flags.Precision = "auto",
    quality: Annotated[int, typer.Option(help="Of JPEG and WebP, 1 (smallest) to 100 (best).")] = 95,
    resume: Annotated[bool, typer.Option("--resume", help="Leave out what is painted already.")] = False,
    overwrite: flags.Overwrite = False,
) -> None:
    """Paint the picture IN into OUT, or all pictures below the folder IN into the folder OUT."""
    from livestyle.api import stylize_images

    quiet = not (source.is_dir() and sys.stderr.isatty())
    progress = Bar(disable=quiet, transient=True, console=Console(stderr=True))
    with going_on_told(source), progress as bar:
        task = bar.add_task("painting", total=None)

        def watch(picture: Painted, total: int) -> None:
            bar.update(task, advance=1, total=total)
            if picture.failure and source.is_dir():
                typer.echo(f"livestyle: {picture.failure}", err=True)

        pictures = stylize_images(
            source,
            out,
            style=style,
            tier=tier,
            strength=strength,
            keep_colors=keep_colors,
            brush=brush,
            cutout=cutout,
            background=background,
            device=device,
            backend=backend,
            precision=precision,
            quality=quality,
            overwrite=overwrite,
            resume=resume,
            watch=watch,
        )
    tell(pictures, source, out, int(bar.tasks[task].total or 0))


@contextmanager
def going_on_told(source: Path) -> Iterator[None]:
    """Say how to go on when Ctrl-C ends painting the pictures of a folder."""
    try:
        yield
    except KeyboardInterrupt:
        if source.is_dir():
            typer.echo("livestyle: stopped; the same command with --resume goes on from here", err=True)
        raise


def tell(pictures: list[Painted], source: Path, out: Path, planned: int) -> None:
    """Say where the *pictures* are, of so many *planned*; end with 1 when some are not there."""
    if not pictures:
        typer.echo(f"livestyle: all of it is in {out} already; give -y to paint it anew", err=True)
        return
    failed = [picture for picture in pictures if picture.failure]
    if not source.is_dir():
        if failed and failed[0].failure:
            raise failed[0].failure
        typer.echo(pictures[0].out)
        return
    typer.echo(out)
    rest = "; the same command with --resume goes on" if len(pictures) < planned else ""
    typer.echo(f"painted {len(pictures) - len(failed)} of {planned} pictures{rest}", err=True)
    if failed:
        raise typer.Exit(1)
