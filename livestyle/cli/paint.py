"""``livestyle paint``: one picture in the style of any painting, the slow, classic way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from livestyle.cli import flags
from livestyle.cli.signals import stop_by_signals
from livestyle.cli.steps import StepReporter
from livestyle.settings import PaintSettings

if TYPE_CHECKING:
    from livestyle.train.paint import PaintReport


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("paint")(paint)


def paint(
    content: Annotated[Path, typer.Argument(metavar="CONTENT", help="Picture of what to show.")],
    style: Annotated[
        Path, typer.Argument(metavar="STYLE", help="Picture of a painting: what to paint like.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Picture to write (.png .jpg .webp .tif .bmp).")],
    steps: Annotated[int, typer.Option(help="Steps, at all sizes together.")] = PaintSettings.steps,
    size: Annotated[
        int, typer.Option(help="Longer side in pixels of what is painted; it is enlarged at the end.")
    ] = PaintSettings.size,
    style_strength: Annotated[float, typer.Option(help="How much style against content.")] = 1.0,
    init: Annotated[str, typer.Option(help="What painting begins with: content or noise.")] = "content",
    optimizer: Annotated[
        str, typer.Option(help="lbfgs, or adam: slower, steadier.")
    ] = PaintSettings.optimizer,
    seed: Annotated[int, typer.Option(help="Of the noise.")] = 0,
    preview: Annotated[
        Path | None, typer.Option(help="Picture to keep up to date while it is painted.")
    ] = None,
    device: flags.TrainDevice = "auto",
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a run to OUT was ended.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    overwrite: flags.Overwrite = False,
) -> None:
    """Paint CONTENT in the style of the painting STYLE into OUT: minutes, and nothing to train."""
    settings = PaintSettings(steps, size, style_strength, init, optimizer, seed)

    from livestyle.train.paint import PaintJob, paint_picture

    job = PaintJob(content, style, out, settings, preview, device, overwrite, resume)
    with stop_by_signals("ending after this step") as signals, StepReporter() as reporter:
        report = paint_picture(job, reporter.show, signals.stop)
    tell(report, as_json=as_json)
    if report.stopped:
        typer.echo("livestyle: stopped; the same command with --resume goes on from here", err=True)
        raise typer.Exit(128 + signals.number)


def tell(report: PaintReport, *, as_json: bool) -> None:
    """Say where the picture is, and what it is like."""
    if not as_json:
        typer.echo(report.out)
        return
    facts = {
        "out": str(report.out),
        "width": report.width,
        "height": report.height,
        "size": report.size,
        "steps": report.steps,
        "seconds": round(report.seconds, 1),
        "losses": {name: round(loss, 5) for name, loss in report.losses.items()},
        "stopped": report.stopped,
    }
    typer.echo(json.dumps(facts, indent=2))
