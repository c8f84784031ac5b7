"""Shows how far gradient descent is: steps, losses, speed and the time left, on stderr."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

if TYPE_CHECKING:
    from livestyle.train.paint import PaintProgress
    from livestyle.train.trainer import Progress as TrainProgress

TOLD = 2
"""Losses of a step that are shown, the style's and the content's: the others tell little to who waits."""


class StepReporter:
    """Shows a bar on a terminal; elsewhere a line now and then.

    Args:
        opening: what to say before the first step: what cannot start is told without it.
    """

    def __init__(self, opening: str = "") -> None:
        self._console = Console(stderr=True)
        self._opening = opening
        self._bar = Progress(
            TextColumn("step"),
            MofNCompleteColumn(),
            BarColumn(20),
            TextColumn("{task.fields[words]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("steps", total=None, words="")
        self._said = 0
        self._first: tuple[float, float] | None = None

    def __enter__(self) -> StepReporter:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def show(self, progress: TrainProgress | PaintProgress) -> None:
        """Show one step."""
        self._open()
        self._bar.start()  # not before: what cannot start is told without a bar
        telling = list(progress.losses.items())[:TOLD]
        losses = "  ".join(f"{name} {value:.3f}" for name, value in telling)
        words = f"{tell_pace(progress.seconds)}  {self._left(progress.share)} left  {losses}"
        self._bar.update(self._task, completed=progress.step, total=progress.steps, words=words)
        since = progress.step - self._said
        if not self._console.is_terminal and (not self._said or since >= progress.steps // 50):
            typer.echo(f"step {progress.step}/{progress.steps}  {words}", err=True)
            self._said = progress.step

    def say(self, text: str) -> None:
        """Tell what begins; its steps count from 1 again."""
        self._open()
        self._close()
        typer.echo(text, err=True)
        self._said, self._first = 0, None

    def _open(self) -> None:
        """Say the opening, once."""
        if self._opening:
            typer.echo(self._opening, err=True)
            self._opening = ""

    def _close(self) -> None:
        """Take the bar away."""
        if self._bar.live.is_started:  # else it would print an empty line
            self._bar.stop()

    def _left(self, share: float) -> str:
        """Return the time left as minutes and seconds, by the pace since the first step that was shown."""
        now = time.monotonic()
        if self._first is None:
            self._first = (now, share)
        since, done = now - self._first[0], share - self._first[1]
        if not done:
            return "?:??"
        minutes, seconds = divmod(round(since / done * (1 - share)), 60)
        return f"{minutes}:{seconds:02}"


def tell_pace(seconds: float) -> str:
    """Return how quick steps of so many *seconds* are."""
    return f"{1 / seconds:.2f}/s" if seconds <= 1 else f"{seconds:.1f} s a step"
