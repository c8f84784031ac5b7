"""Ctrl-C, SIGTERM and a terminal that is closed end a job in good order."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TypeVar

import typer

Result = TypeVar("Result")


TWIN_SECONDS = 0.5
"""Within which a second signal is the same one: timeout(1) sends each to the program and to its group."""

ENDING = tuple(
    signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in signal.Signals.__members__
)


class Signals:
    """Turns the first signal of ``ENDING`` into a wish to stop, and the second into an end at once.

    Attributes:
        stop: set by the first.
        number: of the signal that came; 0 when none did.
    """

    def __init__(self, ending: str) -> None:
        self._text = f"\nlivestyle: {ending}; once more to end at once\n".encode()
        self.stop = threading.Event()
        self.number = 0
        self._came_at = 0.0

    def receive(self, number: int, _: FrameType | None) -> None:
        """Take a signal."""
        if self.stop.is_set():
            if time.monotonic() - self._came_at > TWIN_SECONDS:
                os._exit(128 + number)
            return
        self.number, self._came_at = number, time.monotonic()
        self.stop.set()
        with suppress(OSError):  # the terminal is gone
            os.write(2, self._text)


def say(text: str) -> None:
    """Write a line to standard error. A show goes on after its terminal is gone: then nobody misses it."""
    with suppress(OSError):
        typer.echo(f"livestyle: {text}", err=True)


def is_nohup(number: signal.Signals) -> bool:
    """Tell whether the user wants to go on after the terminal is closed, as nohup(1) says it."""
    return number.name == "SIGHUP" and signal.getsignal(number) == signal.SIG_IGN


@contextmanager
def stop_by_signals(ending: str) -> Iterator[Signals]:
    """Let signals end the job in good order while inside; *ending* says what that takes."""
    signals = Signals(ending)
    heeded = [number for number in ENDING if not is_nohup(number)]
    before = {number: signal.signal(number, signals.receive) for number in heeded}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def exit_by_signals() -> Iterator[None]:
    """Let a signal end what is being opened inside as Ctrl-C does: what is open is closed."""
    came_at: list[float] = []

    def leave(number: int, _: FrameType | None) -> None:
        came_at.append(time.monotonic())
        if came_at[-1] - came_at[0] > TWIN_SECONDS:
            os._exit(128 + number)
        if len(came_at) == 1:
            sys.exit(128 + number)

    heeded = [number for number in ENDING if number != signal.SIGINT and not is_nohup(number)]
    before = {number: signal.signal(number, leave) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_until_told(run: Callable[[], Result], stop: Callable[[], None], ending: str) -> Result:
    """Return what *run* returns, which ends by itself or once *stop* is called, as a signal does.

    *ending* says what that takes.

    Raises:
        Exit: a signal ended it.
    """

    def stop_when_told() -> None:
        signals.stop.wait()
        stop()

    with stop_by_signals(ending) as signals:
        threading.Thread(target=stop_when_told, daemon=True).start()
        result = run()
    if signals.number:
        raise typer.Exit(128 + signals.number)
    return result
