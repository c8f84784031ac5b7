"""``livestyle train``: a new style from a painting."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from livestyle.cli import flags
from livestyle.cli.signals import stop_by_signals
from livestyle.cli.steps import StepReporter
from livestyle.errors import UsageError

if TYPE_CHECKING:
    from livestyle.train.run import Job


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("train")(train)


def train(
    painting: Annotated[Path, typer.Argument(help="Picture of the painting to learn from.")],
    photos: Annotated[Path, typer.Option(help="Folder of photos to practise on: some hundreds, any kind.")],
    name: Annotated[str, typer.Option(help="What the style will be called: my-style.")],
    steps: Annotated[int | None, typer.Option(help="Steps of training.", show_default="1200")] = None,
    minutes: Annotated[float | None, typer.Option(help="As many steps as fit in this time.", min=0.1)] = None,
    style_strength: Annotated[float, typer.Option(help="How much style against content.")] = 1.0,
    steadiness: Annotated[float, typer.Option(help="How much steadiness; 0 lets each frame flicker.")] = 1.0,
    style_size: Annotated[int, typer.Option(help="Painting's shorter side; more is broader.")] = 512,
    tier: Annotated[str, typer.Option(help="Size of the network: lite, base or hq.")] = "lite",
    init: Annotated[str, typer.Option(help="Style to start from; 'none' starts afresh.")] = "none",
    seed: Annotated[int, typer.Option(help="Of weights and order of photos.")] = 0,
    title: Annotated[str, typer.Option(help="Title of the painting.")] = "",
    artist: Annotated[str, typer.Option(help="Who painted it.")] = "",
    year: Annotated[str, typer.Option(help="When.")] = "",
    licence: Annotated[str, typer.Option(help="Licence of the style file.")] = "",
    out: Annotated[Path | None, typer.Option(help="Style file to write instead of one in the store.")] = None,
    device: flags.Device = "auto",
    perceptual: Annotated[Path | None, typer.Option(help="VGG16 weights.", show_default="found")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a run of this name ended.")] = False,
    overwrite: flags.Overwrite = False,
) -> None:
    """Train a style from PAINTING; every command then takes it by its name."""
    if steps is not None and minutes is not None:
        raise UsageError("give --steps or --minutes, not both")

    from livestyle.settings import TrainSettings
    from livestyle.styles.store import style_path
    from livestyle.styles.style import Credits, check_name
    from livestyle.train.run import Job

    check_name(name)
    kept = style_path(name, tier)
    out = out or kept
    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists; give -y to replace it, or another --name")
    shape: dict[str, Any] = {"style_size": style_size, "tier": tier, "seed": seed}
    if steps is not None:
        shape["steps"] = steps
    settings = TrainSettings(style_strength=style_strength, steadiness=steadiness, **shape)
    job = Job(
        painting=painting,
        photos=photos,
        credits=Credits(name=name, title=title, artist=artist, year=year, licence=licence),
        out=out,
        settings=settings,
        minutes=minutes,
        device=device,
        start_from=None if init == "none" else init,
        perceptual=perceptual,
        resume=resume,
    )
    known_as = f"{name} --tier {tier}" if out == kept else str(out)
    run_job(job, known_as)


def run_job(job: Job, known_as: str) -> None:
    """Train, showing how far it is; say how to go on, or how to use the style."""
    from livestyle.train.run import train_style

    typer.echo(f"previews and checkpoints: {job.folder}", err=True)
    with stop_by_signals("ending after this step") as signals, StepReporter() as reporter:
        trained = train_style(job, reporter.show, signals.stop)
    if trained is None:
        typer.echo("livestyle: stopped; the same command with --resume goes on from here", err=True)
        raise typer.Exit(128 + signals.number)
    typer.echo(f"{trained.path}\nuse it with: livestyle video IN OUT --style {known_as}")
