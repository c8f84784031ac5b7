"""One training run from a painting to a style file: checkpoints, previews, resuming."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from livestyle.errors import SinkUnavailable, UsageError, short_memory_told
from livestyle.frame import Pixels
from livestyle.lock import only_run
from livestyle.pictures import Picture, read_picture, write_picture
from livestyle.settings import MINUTES, TrainSettings
from livestyle.styles.store import home, style_path
from livestyle.styles.style import Credits, Style, check_credits, write_style
from livestyle.styles.tiers import find_tier
from livestyle.stylize.backends.pytorch import choose_device, paint
from livestyle.stylize.network import StyleNetwork, fold_norms, reach
from livestyle.train import fine, settle
from livestyle.train.checkpoint import DAMAGED, load_checkpoint
from livestyle.train.losses import Activations, gram_trace
from livestyle.train.perceptual import load_perceptual
from livestyle.train.photos import Photos, open_photos
from livestyle.train.plan import COMPARED, later_steps, number_parts, photos_of_fine, plan_steps
from livestyle.train.sharpen import sharpen
from livestyle.train.start import AUTO, choose_starts, find_start, make_network
from livestyle.train.trainer import Progress, Trainer, training_precision

log = logging.getLogger(__name__)

SMALLEST_PAINTING = 128
MOST_MINUTES = 100_000.0
CHECKPOINT_SECONDS = 15.0
TRIAL_STEPS = 8
"""After so many steps the speed is known well enough to plan a run of so many minutes."""
PREVIEWS = 12
LOSSES, REPORT = "losses.jsonl", "report.html"

RESTLESS = 2.9
"""A painting whose ``gram_trace`` is above this makes a style that flickers; see docs/training.md."""

CALMING = 5.0
"""The steadiness that such a painting needs."""


@dataclass(frozen=True)
class Job:
    """What to train, from what, and where it goes.

    Attributes:
        painting: picture file of the painting.
        photos: folder of photos.
        credits: what the style file says of itself; ``credits.name`` names the run.
        out: the style file to write.
        settings: how to train.
        minutes: plan no more steps than fit into this time; None takes all ``settings.steps``.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.
        start_from: name or file of a style to start from; ``auto`` takes the shipped one that is nearest to
            the painting, None starts from noise.
        perceptual: file of VGG16 weights; None finds them.
        resume: go on from the checkpoint of a run of the same name, to the end that was planned for it.
        nearest: names of the shipped styles nearest to the painting; known once a run has looked.
    """

    painting: Path
    photos: Path
    credits: Credits
    out: Path
    settings: TrainSettings
    minutes: float | None = None
    device: str = "auto"
    start_from: str | None = None
    perceptual: Path | None = None
    resume: bool = False
    nearest: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where the run keeps its checkpoint, previews and losses."""
        return home() / "training" / style_path(self.credits.name, self.settings.tier).stem

    @property
    def searches(self) -> bool:
        """Whether it begins with a look at all styles that ship."""
        return self.start_from == AUTO and not self.resume

    @property
    def checkpoint(self) -> Path:
        """What a run that was ended goes on from."""
        return self.folder / "checkpoint.pt"


def train_style(
    job: Job,
    on_progress: Callable[[Progress], None],
    stop: threading.Event | None = None,
    say: Callable[[str], None] = log.info,
    on_later_steps: Callable[[Progress], None] = lambda _: None,
) -> Style | None:
    """Train, and write the style file at the end.

    A checkpoint is kept from the start, every 15 seconds and at the end, however that comes: the run can be
    resumed.

    Args:
        job: what to train.
        on_progress: called after each step.
        stop: when set, the run ends after the step that it is at.
        say: called with what begins: getting ready, and each part of the run.
        on_later_steps: called after each step of the parts that follow training.

    Returns:
        The style; None when the run was stopped before all was done.

    Raises:
        UsageError: the painting, the photos, the settings or the checkpoint are of no use, or a training of
            that name is running.
        WeightsUnavailable: the weights of the judge can be had nowhere.
        StageError: there is not enough memory.
    """
    check_job(job)
    painting, photos = read_painting(job.painting), open_photos(job.photos, job.settings)
    smaller = "--batch or --style-size" if job.settings.batch > 1 else "--style-size or --tier"
    alone = only_run(job.folder / "lock", f"a training in {job.folder}")
    with alone, short_memory_told(f"give a smaller {smaller}"):
        return run_job(job, painting, photos, on_progress, stop, say, on_later_steps)


def run_job(
    job: Job,
    painting: Pixels,
    photos: Photos,
    on_progress: Callable[[Progress], None],
    stop: threading.Event | None,
    say: Callable[[str], None],
    on_later_steps: Callable[[Progress], None],
) -> Style | None:
    """Train, settle, teach, and write; see ``train_style``."""
    known_by = sha256(job.painting.read_bytes()).hexdigest()  # now: the file may be moved meanwhile
    job = replace(job, credits=replace(job.credits, source_sha256=known_by))
    device = choose_device(job.device)
    judge = load_perceptual(home() / "weights", job.perceptual).to(device, training_precision(device))
    searched = ": looking for the style nearest to the painting" if job.searches else ""
    say(f"getting ready{searched}")
    starts = [] if job.resume else choose_starts(job.start_from, job.settings, painting, photos, judge)
    network = make_network(job.settings, next(iter(starts), None), photos)
    trainer = Trainer(network, painting, photos, judge, job.settings, device, reach(network.tier))
    warn_of_flicker(job, trainer.style_grams)
    if job.resume:
        job = go_on(job, trainer.resume(job.checkpoint))
    else:
        clear_pages(job.folder)
        if job.searches:
            names = tuple(style.name for style in starts[:COMPARED])
            job = replace(job, start_from=next(iter(names), None), nearest=names)
    begin = number_parts(job.settings, say)
    begin(f"training, from {f'step {trainer.done}' if job.resume else job.start_from or 'noise'}")
    samples = np.concatenate(preview_photos(photos))
    try:
        with open_losses(job.folder / LOSSES, trainer.done) as losses:
            for progress in take_steps(job, trainer, stop):
                losses.write(json.dumps({"step": progress.step, **progress.losses}) + "\n")
                on_progress(progress)
                if progress.step % max(progress.steps // PREVIEWS, 1) == 0:
                    write_preview(job.folder / f"preview-{progress.step:06}.jpg", samples, network)
    except OSError as error:
        raise SinkUnavailable(f"cannot write in {job.folder}: {error.strerror}") from error
    finally:
        trainer.close()
        trainer.save(job.checkpoint, begun_with(job))
    if trainer.done < trainer.settings.steps:
        return None
    settled = settle_trained(network, trainer, begin, on_later_steps, stop)
    finer = teach_trained(settled, trainer, begin, on_later_steps, stop)
    if stop and stop.is_set():
        return None
    write_preview(job.folder / "preview.jpg", samples, settled)
    return write_result(job, settled, finer, trainer.settings)


def clear_pages(folder: Path) -> None:
    """Remove what an earlier run left in *folder* to be looked at: it would be taken for this one's."""
    for path in (*folder.glob("preview*.jpg"), folder / REPORT):
        path.unlink(missing_ok=True)


def check_job(job: Job) -> None:
    """Raise UsageError for credits, a tier, start or time that cannot be, or no run to go on from."""
    check_credits(job.credits)
    find_tier(job.settings.tier)
    if job.minutes is not None and not 0 < job.minutes <= MOST_MINUTES:
        raise UsageError(f"minutes must be above 0 and at most {MOST_MINUTES:.0f}, not {job.minutes:g}")
    if job.resume and not job.checkpoint.exists():
        raise UsageError(f"no run to go on from in {job.folder}; start without --resume")
    if not job.resume and job.start_from not in (None, AUTO):
        find_start(job.start_from, job.settings.tier)


def begun_with(job: Job) -> dict[str, Any]:
    """Return what a checkpoint keeps of *job* for ``go_on``."""
    kept = {name: getattr(job, name) for name in ("start_from", "minutes", "nearest")}
    return {"steps": job.settings.steps, **kept}


def go_on(job: Job, begun: Mapping[str, Any]) -> Job:
    """Return *job* with the start and the length that its run was *begun* with.

    Raises:
        UsageError: others are asked for, and not just the usual ones.
    """
    settings = replace(job.settings, steps=begun["steps"])
    first = replace(job, start_from=begun["start_from"], settings=settings, minutes=begun["minutes"])
    for asked, known, usual in zip(flags_of(job), flags_of(first), USUAL, strict=True):
        if asked not in (known, usual):
            raise UsageError(
                f"{job.credits.name} was begun with {known}, which {asked} cannot change; "
                "leave that out to go on, or begin again with -y instead of --resume"
            )
    return replace(first, nearest=begun.get("nearest", ()))


def flags_of(job: Job) -> tuple[str, str]:
    """Return the flags that say where *job* starts, and how long it takes."""
    length = f"--minutes {job.minutes:g}" if job.minutes else f"--steps {job.settings.steps}"
    return f"--init {job.start_from or 'none'}", length


USUAL = f"--init {AUTO}", f"--minutes {MINUTES:g}"
"""What ``flags_of`` returns where nothing was asked for."""


def take_steps(job: Job, trainer: Trainer, stop: threading.Event | None) -> Iterator[Progress]:
    """Yield what each step did, until all are done or *stop* is set; keep a checkpoint now and then."""
    trainer.save(job.checkpoint, begun_with(job))
    saved_at, speeds = time.monotonic(), deque[float](maxlen=TRIAL_STEPS)
    while trainer.done < trainer.settings.steps and not (stop and stop.is_set()):
        progress = trainer.step()
        speeds.append(progress.seconds)
        if job.minutes and progress.step <= TRIAL_STEPS:
            fitting = job.minutes * 60 / float(np.median(speeds))
            planned = max(plan_steps(job.settings, round(fitting)), TRIAL_STEPS)
            trainer.plan(min(planned, job.settings.steps))
        steps = trainer.settings.steps
        yield replace(progress, steps=steps, later=later_steps(job.settings, steps))
        if time.monotonic() - saved_at > CHECKPOINT_SECONDS:
            trainer.save(job.checkpoint, begun_with(job))
            saved_at = time.monotonic()


def settle_trained(
    network: StyleNetwork,
    trainer: Trainer,
    say: Callable[[str], None],
    on_progress: Callable[[Progress], None],
    stop: threading.Event | None,
) -> StyleNetwork:
    """Return *network*, that *trainer* has trained, without norms, settled and sharpened."""
    say("settling edges and noise, in quick steps")
    later = photos_of_fine(trainer.settings, trainer.settings.steps) / settle.STEP_SHARE

    def show(progress: Progress) -> None:
        on_progress(replace(progress, later=later))

    noise = settle.NOISE if trainer.settings.steadiness else 0.0
    folded = fold_norms(network).to(trainer.device)
    settled = settle.settle(folded, trainer.photos, trainer.settings, noise, trainer.precision, show, stop)
    return sharpen(settled, trainer.photos)


def teach_trained(
    settled: StyleNetwork,
    trainer: Trainer,
    say: Callable[[str], None],
    on_progress: Callable[[Progress], None],
    stop: threading.Event | None,
) -> StyleNetwork | None:
    """Return the fine network that belongs to *settled*; None for a tier without, or once *stop* is set."""
    if not fine.wants_fine(trainer.settings) or (stop and stop.is_set()):
        return None
    say("learning to paint at half size, in quick steps")
    return fine.teach_fine(settled, trainer.photos, trainer.settings, trainer.precision, on_progress, stop)


def refuse_unfinished(job: Job) -> None:
    """Raise UsageError when a run of the name of *job* was ended before its end, or goes on."""
    if not job.checkpoint.exists():
        return
    with only_run(job.folder / "lock", f"a training in {job.folder}"):
        done, begun = peek(job)
    if 0 < done < begun.steps or (done == begun.steps and not job.out.exists()):
        raise UsageError(
            f"a training named {job.credits.name} was ended at step {done} of {begun.steps}; "
            "add --resume to go on, or -y to begin again"
        )


def as_begun(job: Job) -> Job:
    """Return *job* with as many photos in a step as the run was begun with that it goes on from, if any."""
    return replace(job, settings=replace(job.settings, batch=peek(job)[1].batch))


def peek(job: Job) -> tuple[int, TrainSettings]:
    """Return the steps done by a run of the name of *job*, and its settings; 0 and those of *job* without."""
    try:
        state = load_checkpoint(job.checkpoint)
        return int(state["done"]), TrainSettings(**state["settings"])
    except (*DAMAGED, UsageError):
        return 0, job.settings


def recall_nearest(job: Job) -> tuple[str, ...]:
    """Return which shipped styles the run of *job* found nearest to the painting; none if it did not look."""
    return load_checkpoint(job.checkpoint)["begun"].get("nearest") or ()


def read_losses(folder: Path) -> dict[str, list[float]]:
    """Return the weighted losses of each step of the run in *folder*, by name."""
    steps = [json.loads(line) for line in (folder / LOSSES).read_text(encoding="utf-8").splitlines()]
    return {name: [step[name] for step in steps] for name in (steps[0] if steps else ()) if name != "step"}


def open_losses(path: Path, done: int) -> TextIO:
    """Open the log of losses for what follows step *done*; later lines are of a run that was killed."""
    kept = path.read_text(encoding="utf-8").splitlines(keepends=True)[:done] if path.exists() else []
    path.write_text("".join(kept), encoding="utf-8")
    return path.open("a", buffering=1, encoding="utf-8")


def read_painting(path: Path) -> Pixels:
    """Read the painting, and warn about one that can teach little.

    Raises:
        BadPicture: it cannot be read.
        UsageError: it is smaller than ``SMALLEST_PAINTING``.
    """
    painting = read_picture(path)
    height, width = painting.shape[:2]
    if min(height, width) < SMALLEST_PAINTING:
        raise UsageError(
            f"{path} is {width}×{height}; a painting must be {SMALLEST_PAINTING} pixels or more each way"
        )
    warn_of_one_colour(path, painting)
    return painting


def warn_of_one_colour(path: Path, painting: Pixels) -> None:
    """Warn of a *painting*, uint8 RGB, that shows next to nothing."""
    if painting.std() < 8:
        log.warning("%s is almost one colour: what is painted like it will be too", path)


def warn_of_flicker(job: Job, style_grams: Activations) -> None:
    """Warn of a painting that makes restless styles, unless the settings heed it already."""
    trace = gram_trace(style_grams)
    if trace > RESTLESS and 0 < job.settings.steadiness < CALMING:
        log.warning(
            "%s will flicker: its contrasts are strong (%.2f, most paintings have less than %.2f); "
            "add --steadiness %g",
            *(job.painting, trace, RESTLESS, CALMING),
        )


def write_result(
    job: Job,
    network: StyleNetwork,
    finer: StyleNetwork | None,
    settings: TrainSettings,
) -> Style:
    """Write the style file of a run that ended with *settings*."""
    training = {**asdict(settings), "init": job.start_from or "none"}
    fine_weights = weights_of(finer) if finer else None
    return write_style(job.out, weights_of(network), job.credits, network.tier, training, fine_weights)


def weights_of(network: StyleNetwork) -> dict[str, NDArray[np.float32]]:
    """Return what a style file holds of *network*, which has no norms."""
    return {name: tensor.cpu().numpy() for name, tensor in network.state_dict().items()}


def preview_photos(photos: Photos) -> list[Pixels]:
    """Return three crops of photos, (S, S, 3) each; the same in each run."""
    crops = photos.crops(0, 3).permute(0, 2, 3, 1).numpy()
    return [(crop * 255).round().astype(np.uint8) for crop in crops]


def write_preview(path: Path, photos: Pixels, network: StyleNetwork) -> None:
    """Write *photos* as they are beside how *network* paints them, as JPEG."""
    both = np.concatenate((photos, paint(fold_norms(network), photos)), axis=1)
    write_picture(path, Picture(both))
