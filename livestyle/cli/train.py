"""``livestyle train``: a new style from a painting."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from livestyle.cli import flags
from livestyle.cli.signals import stop_by_signals
from livestyle.cli.steps import StepReporter
from livestyle.errors import SinkUnavailable, UsageError
from livestyle.settings import MINUTES, TrainSettings

if TYPE_CHECKING:
    from livestyle.frame import Pixels
    from livestyle.styles.style import Style
    from livestyle.train.run import Job


MOST_STEPS = 1_000_000
"""What nobody reaches: the time ends the run."""

LONG_STEPS, LONG_MINUTES = 2000, 30.0
LONG_BATCH = 4
"""Photos in a step of a run that is as long as this; see docs/training.md, "How long"."""


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("train")(train)


def train(
    painting: Annotated[
        Path, typer.Argument(metavar="PAINTING", help="Picture of the painting to learn from.")
    ],
    photos: Annotated[Path, typer.Option(help="Folder of photos to practise on: some hundreds, any kind.")],
    name: Annotated[str, typer.Option(help="What the style will be called: my-style.")],
    steps: Annotated[int | None, typer.Option(help="Steps of training.", show_default="at most 900")] = None,
    minutes: Annotated[
        float | None, typer.Option(help="As many steps as fit in this time.", show_default="10")
    ] = None,
    style_strength: Annotated[float, typer.Option(help="Style against content: 1 is calm, 5 bold.")] = 2.5,
    steadiness: Annotated[float, typer.Option(help="How much steadiness; 0 lets each frame flicker.")] = 2.5,
    palette: Annotated[float, typer.Option(help="The painting's colours in a step's photos together.")] = 1.0,
    style_size: Annotated[int, typer.Option(help="Painting's shorter side; more is broader.")] = 512,
    tier: Annotated[str, typer.Option(help="Size of the network: lite, base or hq.")] = "lite",
    init: Annotated[
        str, typer.Option(help="Style to start from; auto: the nearest that ships; none: afresh.")
    ] = "auto",
    batch: Annotated[
        int | None,
        typer.Option(help="Photos in one step; more learn better.", show_default="2; 4 in a long run"),
    ] = None,
    learning_rate: Annotated[float, typer.Option(help="Peak of the steps; less unlearns less.")] = 0.012,
    seed: Annotated[int, typer.Option(help="Of weights and order of photos.")] = 0,
    title: Annotated[str, typer.Option(help="Title of the painting.")] = "",
    artist: Annotated[str, typer.Option(help="Who painted it.")] = "",
    year: Annotated[str, typer.Option(help="When.")] = "",
    licence: Annotated[str, typer.Option(help="Licence of the style file.")] = "",
    out: Annotated[Path | None, typer.Option(help="Style file to write instead of one in the store.")] = None,
    device: flags.TrainDevice = "auto",
    perceptual: Annotated[Path | None, typer.Option(help="VGG16 weights.", show_default="found")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a run of this name ended.")] = False,
    overwrite: Annotated[bool, typer.Option("-y", help="Replace or hide a style of that name.")] = False,
) -> None:
    """Train a style from PAINTING; every command then takes it by its name."""
    steps, minutes = choose_length(steps, minutes)

    from livestyle.styles.style import Credits
    from livestyle.train.run import Job, as_begun

    job = Job(
        painting=painting,
        photos=photos,
        credits=Credits(name=name, title=title, artist=artist, year=year, licence=licence),
        out=choose_out(out, name, tier, overwrite=overwrite or resume),
        settings=TrainSettings(
            *(steps, style_strength, steadiness, palette, style_size, tier),
            batch=choose_batch(steps, minutes) if batch is None else batch,
            learning_rate=learning_rate,
            seed=seed,
        ),
        minutes=minutes,
        device=device,
        start_from=None if init == "none" else init,
        perceptual=perceptual,
        resume=resume,
    )
    if not overwrite:
        refuse_loss(job, by_name=out is None)
    carry_out(as_begun(job) if resume and batch is None else job)


def choose_length(steps: int | None, minutes: float | None) -> tuple[int, float | None]:
    """Return the most steps, and the most minutes if any, of those asked for; raises UsageError for both."""
    if steps is not None and minutes is not None:
        raise UsageError("give --steps or --minutes, not both")
    if steps is not None:
        return steps, None
    return (TrainSettings.steps, MINUTES) if minutes is None else (MOST_STEPS, minutes)


def choose_batch(steps: int, minutes: float | None) -> int:
    """Return how many photos a step takes where nobody says: in a long run there is time for more."""
    long = steps >= LONG_STEPS if minutes is None else minutes >= LONG_MINUTES
    return LONG_BATCH if long else TrainSettings.batch


def choose_out(out: Path | None, name: str, tier: str, *, overwrite: bool) -> Path:
    """Return the style file to write; UsageError for one that is there, is no style's name or cannot be."""
    from livestyle.styles.store import place_of, style_path
    from livestyle.styles.style import SUFFIX, check_name
    from livestyle.whole import refusal_told

    check_name(name)
    out = out or style_path(name, tier)
    if out.suffix != SUFFIX:
        raise UsageError(f"{out} is no name for a style file; end it in {SUFFIX}")
    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists; give -y to replace it, or another --name")
    with refusal_told(f"write {place_of(out)}"):  # now: at the end all training would be for nothing
        out.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=out.parent).close()
    return out


def refuse_done(job: Job) -> None:
    """Raise UsageError when *job* would go on with what is done, or replace a style."""
    from livestyle.train.run import peek

    done, begun = peek(job)
    if job.out.exists() and done == begun.steps:
        raise UsageError(
            f"the training of {job.credits.name} is done; to train on from it give --init {job.credits.name} "
            "and another --name, to begin again -y instead of --resume"
        )
    if job.out.exists():
        raise UsageError(f"{job.out} exists; give -y, too, to replace it")


def refuse_loss(job: Job, *, by_name: bool) -> None:
    """Raise UsageError when *job* would lose a run, go on with a done one, or *by_name* hide a style."""
    from livestyle.jobs.shelf import refuse_hiding
    from livestyle.train.run import refuse_unfinished

    if job.resume:
        refuse_done(job)
        return
    refuse_unfinished(job)
    if by_name:
        refuse_hiding(job.credits.name)


def carry_out(job: Job) -> None:
    """Train, showing how far it is; say how to go on, or how to use the style."""
    from livestyle.jobs.shelf import make_preview
    from livestyle.pictures import read_picture
    from livestyle.styles.store import call_by, style_path
    from livestyle.train.run import train_style

    painting = read_picture(job.painting)  # now: the file may be moved meanwhile
    opening = f"previews and checkpoints: {job.folder}"
    with stop_by_signals("ending after this step") as signals, StepReporter(opening) as reporter:
        trained = train_style(job, reporter.show, signals.stop, reporter.say, reporter.show)
    if trained is None:
        typer.echo("livestyle: stopped; the same command with --resume goes on from here", err=True)
        raise typer.Exit(128 + signals.number)
    typer.echo(f"{trained.path}\nuse it with: livestyle video IN OUT --style {call_by(trained)}")
    if trained.path.parent == style_path(trained.name).parent:
        try:
            make_preview(trained)
        except SinkUnavailable as error:
            typer.echo(f"livestyle: the style is there, but without a preview: {error}", err=True)
    report_on(job, trained, painting)


def count_off(files: Sequence[Path]) -> Iterator[str]:
    """Yield *files* of styles, as texts, showing how many are done; without a terminal in a line for each."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    if console.is_terminal:
        yield from map(str, track(files, "comparing", console=console, transient=True))
        return
    for number, file in enumerate(files, 1):
        typer.echo(f"comparing {number}/{len(files)}: {file.stem}", err=True)
        yield str(file)


def list_rivals(tier: str, nearest: Sequence[str]) -> list[Path]:
    """Return a file of each shipped style named in *nearest*, in that order; of all that ship for none."""
    from livestyle.styles.tiers import split_stem

    shipped = {split_stem(path.stem)[0]: path for path in list_shipped(tier)}
    return [shipped[name] for name in nearest or shipped if name in shipped]


def list_shipped(tier: str) -> list[Path]:
    """Return a file of each style that ships: the one in *tier*, else in the largest that is smaller."""
    from livestyle.styles.store import CATALOG, list_files
    from livestyle.styles.tiers import TIERS

    fitting = list(TIERS)[: list(TIERS).index(tier) + 1]
    files = [[tiers[name] for name in fitting if name in tiers] for tiers in list_files().values()]
    return [paths[-1] for paths in files if paths and paths[-1].parent == CATALOG]


def report_on(job: Job, trained: Style, painting: Pixels) -> None:
    """Write a page about the run from *painting*, and say how its style compares with those that ship."""
    from livestyle.measure.comparison import compare_styles
    from livestyle.measure.training_report import Training, make_training_report
    from livestyle.measure.verdict import advise, say_plainly, sum_up
    from livestyle.train.judge import make_comparer
    from livestyle.train.photos import open_photos
    from livestyle.train.plan import count_parts
    from livestyle.train.run import REPORT, preview_photos, read_losses, recall_nearest
    from livestyle.whole import whole_file

    part = count_parts(job.settings)
    typer.echo(f"part {part} of {part}: comparing with styles that ship; Ctrl-C leaves that out", err=True)
    photos = preview_photos(open_photos(job.photos, job.settings))
    compare = make_comparer(painting, job.settings.style_size, job.perceptual)
    files = [trained.path, *list_rivals(job.settings.tier, recall_nearest(job))]
    candidate, *others = compare_styles(count_off(files), photos, compare, job.device)
    training = Training(trained, painting, photos, read_losses(job.folder))
    page = job.folder / REPORT
    lines = say_plainly(candidate, others), advise(candidate, others, trained.training)
    typer.echo("\n".join(filter(None, (*lines, sum_up(candidate, others)))))
    try:
        with whole_file(page) as partial:
            partial.write_text(make_training_report(training, candidate, others), encoding="utf-8")
    except OSError as error:
        raise SinkUnavailable(f"the style is there, but its report cannot be written: {error}") from error
    typer.echo(f"report: {page}")
