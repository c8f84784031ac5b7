"""``livestyle flicker``: how steady a style is, or a clip that any program painted."""

from __future__ import annotations

import json
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from livestyle.cli import flags
from livestyle.errors import UsageError

if TYPE_CHECKING:
    from livestyle.measure.trial import Judge, Trial
    from livestyle.stylize.stylizer import Controls

PAGES = (".html", ".htm")
"""Endings of web pages: a report replaces nothing else."""


Tier = Annotated[str | None, typer.Option(help="lite, base, hq, or auto: the quickest.", show_default="auto")]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:N or mps.", show_default="auto")]


def register(app: typer.Typer) -> None:
    """Add the verb to *app*."""
    app.command("flicker")(flicker)


def flicker(
    original: Annotated[Path | None, typer.Argument(metavar="[IN]", help="A clip as it was filmed.")] = None,
    painted: Annotated[
        Path | None, typer.Argument(metavar="[OUT]", help="The same clip, painted by any program.")
    ] = None,
    style: Annotated[
        str | None, typer.Option(help="Name or file of the style to measure.", show_default="candy")
    ] = None,
    tier: Tier = None,
    clip: Annotated[
        Path | None, typer.Option(help="Clip to measure it on.", show_default="a moving test scene")
    ] = None,
    photo: Annotated[
        list[Path] | None, typer.Option(help="Still for the probes; repeat it.", show_default="from the clip")
    ] = None,
    stability: Annotated[
        float | None, typer.Option(help="Compared with 0.", show_default="what video and webcam use")
    ] = None,
    frames: Annotated[int, typer.Option(help="At most so many frames of the clip.", min=2)] = 60,
    painting: Annotated[
        Path | None, typer.Option(help="The style's painting: tells the style distance, too.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page with plots and film strips.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    device: Device = None,
    overwrite: flags.Overwrite = False,
) -> None:
    """Measure how steady a style is; or, given IN and OUT, a clip that any program painted.

    Without IN and OUT, a style is measured with its smoother off and on. Less is steadier.
    """
    if (original is None) != (painted is None):
        raise UsageError("give two clips, IN as filmed and OUT as painted; or none, and --style")
    if report is not None:
        check_report(report, overwrite=overwrite)
    if original is not None and (style or tier or clip or photo or device or stability is not None):
        raise UsageError("IN and OUT are measured as they are; leave --style and the like out")

    from livestyle.measure.trial import try_pair
    from livestyle.pictures import read_picture
    from livestyle.stylize.stylizer import Controls
    from livestyle.train.judge import make_judge

    judge = None if painting is None else make_judge(read_picture(painting))
    if original is not None and painted is not None:
        trial = try_pair(original, painted, frames, judge)
    else:
        wanted = Controls.stability if stability is None else stability
        controls = Controls(style=style or "candy", tier=tier or "auto", stability=wanted)
        trial = measure_style(controls, clip, photo or [], frames, device or "auto", judge)
    if as_json:
        print_json(trial)
    else:
        print_table(trial)
    if report is not None:  # last: what was measured is told even where no page can be written
        write_report(report, trial)


def check_report(path: Path, *, overwrite: bool) -> None:
    """Raise UsageError unless a page can be written at *path*; over an old one only to *overwrite* it."""
    if not path.absolute().parent.is_dir():
        raise UsageError(f"no folder {path.absolute().parent}; make it or write --report elsewhere")
    if path.is_dir():
        raise UsageError(f"{path} is a folder; write --report into a file: report.html")
    if path.suffix.lower() not in PAGES:
        raise UsageError(f"--report writes a web page, not {path.name}; end its name in .html")
    if path.exists() and not overwrite:
        raise UsageError(f"{path} exists; give -y to replace it, or another --report")


def measure_style(
    controls: Controls, clip: Path | None, photos: list[Path], frames: int, device: str, judge: Judge | None
) -> Trial:
    """Measure a style, telling on a terminal what is measured next; see ``measure.trial.try_style``."""
    from rich.console import Console

    from livestyle.measure.trial import try_style
    from livestyle.pictures import read_picture

    stills = [read_picture(path) for path in photos]
    with Console(stderr=True).status("measuring") as status:
        return try_style(
            *(controls, clip, stills, frames, device, judge), lambda what: status.update(f"measuring: {what}")
        )


def write_report(path: Path, trial: Trial) -> None:
    """Write the page."""
    from livestyle.measure.report import make_report
    from livestyle.whole import refusal_told, whole_file

    page = make_report(trial)
    with refusal_told(f"write {path}", UsageError), whole_file(path) as partial:
        partial.write_text(page, encoding="utf-8")


def print_json(trial: Trial) -> None:
    """Print all figures, and the error of each frame, unscaled."""
    figures = {
        column: {name: known(value) for name, value in values.items()}
        for column, values in trial.figures.items()
    }
    errors = {name: [known(error) for error in track.errors] for name, track in trial.tracks.items()}
    typer.echo(json.dumps({"facts": trial.facts, "figures": figures, "errors": errors}, indent=2))


def known(value: float) -> float | None:
    """Return *value*, or None for what could not be measured: JSON has no NaN."""
    return None if isnan(value) else value


def print_table(trial: Trial) -> None:
    """Print the figures, what is good, and what each one means."""
    from rich.console import Console
    from rich.table import Table

    from livestyle.measure.flicker import FIGURES

    table = Table(title=trial.title, caption=trial.facts)
    table.add_column("figure")
    for column in (*trial.figures, "good"):
        table.add_column(column, justify="right")
    table.add_column("what it says")
    for name, figure in FIGURES.items():
        values = [column.get(name) for column in trial.figures.values()]
        if any(value is not None for value in values):
            texts = [figure.tell(value) for value in values]
            good = "" if figure.good is None else f"≤ {figure.good:g}"
            table.add_row(figure.title, *texts, good, figure.meaning)
    Console().print(table)
