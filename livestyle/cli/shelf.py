"""``livestyle styles`` sheet, add and remove: looks at styles, and keeps one's own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from livestyle.cli import flags
from livestyle.errors import UsageError


def register(styles: typer.Typer) -> None:
    """Add the commands to *styles*."""
    for command in (sheet, add, remove):
        styles.command()(command)


def sheet(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="A picture.")],
    out: Annotated[
        Path | None,
        typer.Argument(metavar="[OUT]", help="Picture to write.", show_default="PHOTO-styles.jpg"),
    ] = None,
    style: Annotated[
        list[str] | None, typer.Option(help="Name, file or blend; repeat it.", show_default="all")
    ] = None,
    tier: flags.Tier = "auto",
    device: flags.Device = "auto",
    overwrite: flags.Overwrite = False,
) -> None:
    """Paint PHOTO in all styles, side by side on one picture, with their names."""
    from rich.console import Console
    from rich.progress import Progress

    from livestyle.jobs.sheet import paint_sheet
    from livestyle.pictures import Picture, check_picture_name, read_picture, write_picture
    from livestyle.styles.store import find_style, list_styles
    from livestyle.whole import spare

    out = out or Path(f"{photo.stem}-styles.jpg")
    check_picture_name(out)
    spare([photo], out)
    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists; give -y to replace it")
    found = [find_style(name, tier) for name in style] if style else list(list_styles(tier))
    if not found:
        raise UsageError(f"no style is there in tier {tier!r}")
    pixels = read_picture(photo)
    console = Console(stderr=True)
    with Progress(disable=not sys.stderr.isatty(), transient=True, console=console) as bar:
        task = bar.add_task("painting", total=len(found))
        painted = paint_sheet(pixels, found, device, lambda: bar.advance(task))
    write_picture(out, Picture(painted), quality=90)
    typer.echo(out)


def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A style file.")],
    name: Annotated[str, typer.Option(help="What it will be called.", show_default="as FILE is")] = "",
    title: Annotated[str | None, typer.Option(help="Title of the painting.", show_default="kept")] = None,
    artist: Annotated[str | None, typer.Option(help="Who painted it.", show_default="kept")] = None,
    year: Annotated[str | None, typer.Option(help="When.", show_default="kept")] = None,
    licence: Annotated[
        str | None, typer.Option(help="Licence of the style file.", show_default="kept")
    ] = None,
    overwrite: Annotated[bool, typer.Option("-y", help="Replace or hide a style of that name.")] = False,
) -> None:
    """Put a style file where every command finds it by its name; set or mend its credits."""
    from livestyle.jobs.shelf import add_style
    from livestyle.styles.store import call_by

    given = {"title": title, "artist": artist, "year": year, "licence": licence}
    credits = {key: text for key, text in given.items() if text is not None}
    style = add_style(file, name, credits, overwrite=overwrite)
    typer.echo(f"{style.path}\nuse it with: livestyle video IN OUT --style {call_by(style)}")


def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A style of your own.")],
    tier: Annotated[str, typer.Option(help="Remove it in this tier alone.", show_default="all")] = "",
    sure: Annotated[bool, typer.Option("-y", help="Do not ask.")] = False,
) -> None:
    """Remove a style of your own; those that ship stay."""
    from livestyle.jobs.shelf import own_files, remove_style
    from livestyle.styles.store import home

    files = own_files(name, tier)
    if not sure:
        if not sys.stdin.isatty():
            raise UsageError(f"{', '.join(map(str, files))} would be removed; give -y to do so")
        typer.confirm(f"remove {', '.join(map(str, files))}?", abort=True, err=True)
    for file in remove_style(name, tier):
        typer.echo(f"removed {file}")
        training = home() / "training" / file.stem
        if training.exists():
            typer.echo(f"its report and checkpoint stay, until you remove {training}", err=True)
