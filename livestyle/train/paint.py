"""One picture by optimisation, the slow, classic way: coarse to fine, resumable, at the photo's own size."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from livestyle.errors import SinkUnavailable, UsageError, short_memory_told
from livestyle.frame import Pixels
from livestyle.lock import only_run
from livestyle.pictures import (
    Picture,
    check_picture_name,
    load_picture,
    read_picture,
    tell_of_white,
    write_picture,
)
from livestyle.settings import PaintSettings
from livestyle.styles.store import home, list_styles
from livestyle.stylize.backends.pytorch import choose_device
from livestyle.stylize.network import channels_last
from livestyle.train.checkpoint import DAMAGED, load_checkpoint, save_checkpoint
from livestyle.train.easel import Easel, Level
from livestyle.train.enlarge import enlarge
from livestyle.train.likeness import Likeness, as_pixels, fit_area, fit_longer
from livestyle.train.perceptual import load_perceptual
from livestyle.train.run import warn_of_one_colour
from livestyle.train.sizes import check_painting, check_sizes, levels_of
from livestyle.train.trainer import training_precision
from livestyle.train.vgg import VGG19
from livestyle.whole import mark_of, refusal_told, spare, target_of

log = logging.getLogger(__name__)

MARGIN = 16
"""Pixels around the picture that are painted, but not kept: near its edge VGG19 sees zeros, and pales.

At the last size there is none: there the loss that goes down is that of the picture itself.
"""

CHECKPOINT_SECONDS = 15.0
"""Between two checkpoints, at least."""

MOST_KEEPING = 20
"""It paints so many times as long as the last one took to write: L-BFGS remembers 60 pictures."""

PREVIEW_SECONDS = 5.0


@dataclass(frozen=True)
class PaintJob:
    """What to paint, like what, and where it goes.

    Attributes:
        content: picture file of what to show.
        style: picture file of what to paint like.
        out: picture file to write.
        settings: how.
        preview: picture file to keep up to date while it is painted; None for none.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.
        overwrite: whether *out* may be replaced.
        resume: go on from where a run to *out* was ended; start afresh when there is nothing to go on from.
    """

    content: Path
    style: Path
    out: Path
    settings: PaintSettings
    preview: Path | None = None
    device: str = "auto"
    overwrite: bool = False
    resume: bool = False

    @property
    def checkpoint(self) -> Path:
        """What a run that was ended goes on from; removed at the end."""
        return self.out.with_name(f"{self.out.name}.unfinished")


@dataclass(frozen=True)
class PaintProgress:
    """What one step did.

    Attributes:
        step, steps: which one of how many.
        size: longer side of the picture that is being painted, in pixels.
        losses: weighted.
        seconds: that the step took.
        share: of the whole work that is done, 0 to 1; steps at a fine size are more work.
    """

    step: int
    steps: int
    size: int
    losses: dict[str, float]
    seconds: float
    share: float


@dataclass(frozen=True)
class PaintReport:
    """What was painted.

    Attributes:
        out: the picture.
        width, height: of it.
        size: longer side of the picture that was optimised, in pixels; it was enlarged to the photo's size.
        steps: taken, those before resuming included.
        seconds: of this run.
        losses: weighted, at the end.
        stopped: whether it was before all steps were taken.
    """

    out: Path
    width: int
    height: int
    size: int
    steps: int
    seconds: float
    losses: dict[str, float]
    stopped: bool


def paint_picture(
    job: PaintJob,
    on_progress: Callable[[PaintProgress], None],
    stop: threading.Event | None = None,
) -> PaintReport:
    """Paint, and write the picture at the end or when *stop* is set.

    Args:
        job: what to paint.
        on_progress: called after each step.
        stop: when set, the run ends after the step that it is at, with the best picture so far.

    Raises:
        UsageError: something given cannot be used; the text says what and why.
        WeightsUnavailable: the weights of VGG19 can be had nowhere.
        StageError: there is not enough memory.
    """
    check_names(job)
    target = target_of(job.out)  # links to one file have one lock
    with only_run(target.with_name(f"{target.name}.unfinished.lock"), f"painting {job.out}"):
        return run_job(job, on_progress, stop)


def run_job(
    job: PaintJob, on_progress: Callable[[PaintProgress], None], stop: threading.Event | None
) -> PaintReport:
    """Paint *job*, which no other run does; see ``paint_picture``."""
    content, painting = load_picture(job.content), read_picture(job.style)
    check_sizes(job.content, content.pixels, job.settings)
    tell_of_white(job.out, content)
    check_painting(job.style, painting, content.pixels, job.settings)
    warn_of_one_colour(job.style, painting)
    started = time.monotonic()
    with short_memory_told(f"give a smaller --size than {job.settings.size}"):
        run = PaintRun(job, content.pixels, painting)
        finished = False
        try:
            for progress in run.take_steps():
                on_progress(progress)
                if stop and stop.is_set():
                    break
            pixels = enlarge(run.picture, content.pixels)
            check_free(job, job.out)
            write_picture(job.out, Picture(pixels, content.alpha, content.kept))
            run.given = mark_of(job.out)
            finished = run.done == job.settings.steps
        finally:  # however it ends, what is done is kept
            if not finished:
                run.keep()
    if finished:
        with contextlib.suppress(OSError):
            job.checkpoint.unlink()
    height, width = pixels.shape[:2]
    seconds = time.monotonic() - started
    return PaintReport(job.out, width, height, run.level.size, run.done, seconds, run.losses, not finished)


class PaintRun:
    """Where a run is: its levels, and the easel that the picture stands on.

    Args:
        job: what to paint.
        photo, painting: uint8 RGB, (H, W, 3), as they are in their files.

    Attributes:
        done: steps taken.
        given: what tells the picture that was written last.
    """

    def __init__(self, job: PaintJob, photo: Pixels, painting: Pixels) -> None:
        self._job, self._photo, self._painting = job, photo, painting
        self._fingerprint = fingerprint(job)  # now: the files may be moved while it paints
        device = choose_device(job.device)
        self._judge = load_perceptual(home() / "weights", architecture=VGG19)
        self._judge.to(device, training_precision(device))
        channels_last(self._judge)
        self._levels = levels_of(photo, job.settings)
        self._number, self.done, self._warned = 0, 0, False
        self.given: list[int] = []
        self._kept_at, self._shown_at = time.monotonic(), -math.inf
        self._keep_seconds = CHECKPOINT_SECONDS
        if job.resume and job.checkpoint.exists():
            self._recall(job.checkpoint)
        else:
            self._easel = self._set_up(None)

    @property
    def level(self) -> Level:
        """The size that is being painted, and the steps there."""
        return self._levels[self._number]

    @property
    def _margin(self) -> int:
        """Pixels around the picture at this level."""
        return 0 if self._number + 1 == len(self._levels) else MARGIN

    @property
    def losses(self) -> dict[str, float]:
        """Weighted losses of the best picture so far."""
        return self._easel.losses

    @property
    def picture(self) -> Pixels:
        """The best picture so far, uint8 RGB, at the size that is being painted."""
        return as_pixels(inner(self._easel.best, self._margin))

    def take_steps(self) -> Iterator[PaintProgress]:
        """Yield what each step did, until all are done; keep a checkpoint and a preview now and then."""
        while True:
            while self._easel.done < self.level.steps:
                started = time.perf_counter()
                losses = self._easel.step()
                self.done += 1
                seconds = time.perf_counter() - started
                yield PaintProgress(
                    self.done, self._job.settings.steps, self.level.size, losses, seconds, self._share()
                )
                self._keep_and_show()
            if self._number + 1 == len(self._levels):
                return
            best = inner(self._easel.best, self._margin)
            self._number += 1
            self._easel = self._set_up(best)

    def keep(self) -> None:
        """Write the checkpoint; warn once where that cannot be done, and go on."""
        state = {
            "job": self._fingerprint,
            "level": self._number,
            "done": self.done,
            "given": self.given,
            "easel": self._easel.state(),
        }
        started = time.monotonic()
        self._try(lambda: save_checkpoint(state, self._job.checkpoint))
        self._kept_at = time.monotonic()
        self._keep_seconds = max(CHECKPOINT_SECONDS, MOST_KEEPING * (self._kept_at - started))

    def _keep_and_show(self) -> None:
        """Write checkpoint and preview when it is time."""
        now = time.monotonic()
        if now > self._kept_at + self._keep_seconds:
            self.keep()
        if self._job.preview and now > self._shown_at + PREVIEW_SECONDS:
            preview = self._job.preview
            self._try(lambda: write_picture(preview, Picture(self.picture)))
            self._shown_at = time.monotonic()

    def _try(self, write: Callable[[], None]) -> None:
        """Write something that painting can do without."""
        try:
            write()
        except SinkUnavailable as error:
            if not self._warned:
                log.warning("%s; painting goes on", error)
            self._warned = True

    def _recall(self, path: Path) -> None:
        """Go on from what ``keep`` wrote.

        Raises:
            UsageError: it is of another job, or damaged.
        """
        damaged = f"{path} is damaged; remove it, or paint without --resume"
        try:
            state = load_checkpoint(path)
            same, self._number, self.done = state["job"] == self._fingerprint, state["level"], state["done"]
        except DAMAGED as error:
            raise UsageError(damaged) from error
        if not same:
            raise UsageError(f"{path} is of other pictures or settings; give the same, or no --resume")
        self.given = state.get("given", [])
        self._easel = self._set_up(None)  # not inside: of too little memory something else is told
        try:
            self._easel.resume(state["easel"])
        except DAMAGED as error:
            raise UsageError(damaged) from error

    def _set_up(self, picture: Tensor | None) -> Easel:
        """Return an easel of this level with *picture* on it, enlarged; None begins as the settings say.

        The easel's picture may have a margin, which mirrors at first what is beside it.
        """
        settings, level = self._job.settings, self.level
        photo = fit_longer(self._photo, level.size)
        painting = fit_area(self._painting, photo.shape[0] * photo.shape[1])
        margin = self._margin
        wide = np.pad(photo, ((margin, margin), (margin, margin), (0, 0)), mode="reflect")
        likeness = Likeness(self._judge, wide, painting, settings.style_strength)
        start = likeness.photo
        if picture is not None:
            size = (photo.shape[0], photo.shape[1])
            larger = functional.interpolate(picture.to(start.device), size, mode="bicubic")
            start = functional.pad(larger.clamp(0, 1), [margin] * 4, mode="reflect")
        elif settings.init == "noise":
            noise = torch.randn(start.shape, generator=torch.Generator().manual_seed(settings.seed))
            start = (0.5 + 0.2 * noise).clamp(0, 1).to(start.device)
        return Easel(likeness, start, settings.optimizer, level.steps)

    def _share(self) -> float:
        """Return how much of the work is done: a step costs as much as it paints pixels."""
        costs = [level.steps * level.size**2 for level in self._levels]
        now = self._easel.done * self.level.size**2
        return (sum(costs[: self._number]) + now) / sum(costs)


def inner(picture: Tensor, margin: int) -> Tensor:
    """Cut the margin off."""
    height, width = picture.shape[2:]
    return picture[:, :, margin : height - margin, margin : width - margin]


def fingerprint(job: PaintJob) -> dict[str, Any]:
    """Return all that decides what *job* paints."""
    sums = [sha256(path.read_bytes()).hexdigest() for path in (job.content, job.style)]
    return {"pictures": sums, **asdict(job.settings)}


def check_names(job: PaintJob) -> None:
    """Raise UsageError unless the names in *job* can be read from and written to."""
    for path in filter(None, (job.out, job.preview)):
        check_picture_name(path)
        if not path.absolute().parent.is_dir():
            raise UsageError(f"no folder {path.absolute().parent}; make it, or write elsewhere")
        spare([job.content, job.style], path)
        with refusal_told(f"write {path}"):
            target_of(path)
        check_free(job, path)
    if job.preview and os.path.realpath(job.preview) == os.path.realpath(job.out):
        raise UsageError(f"{job.preview} is what is written at the end; give another name for the preview")
    if not job.style.exists() and str(job.style) in (style.name for style in list_styles()):
        hint = f"use it with: livestyle image IN OUT --style {job.style}"
        raise UsageError(f"paint needs the picture of a painting, {job.style} is a trained style; {hint}")


def check_free(job: PaintJob, path: Path) -> None:
    """Raise UsageError when *path*, the picture of *job* or its preview, is there and may not be replaced."""
    if job.overwrite or not path.exists():
        return
    begun = job.checkpoint.exists()
    try:
        kept = load_checkpoint(job.checkpoint) if job.resume and begun else {}
    except DAMAGED:
        return  # it is told when it is gone on with
    if kept and (path == job.preview or kept.get("given") == mark_of(path)):
        return
    more = ", --resume to go on with it" if begun and not job.resume else ""
    raise UsageError(f"{path} exists; give -y to replace it{more}, or another name")
