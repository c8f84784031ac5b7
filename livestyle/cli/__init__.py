"""The commands: one file per verb, each parses, calls and reports."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import errno
import gc
import glob
import importlib
import logging
import os
import sys
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer

from livestyle import __version__
from livestyle.address import find_secrets
from livestyle.errors import LivestyleError, UsageError, short_memory_told
from livestyle.title import hide_in_title

VERBS = (
    "webcam",
    "stream",
    "serve",
    "video",
    "image",
    "paint",
    "styles",
    "train",
    "bench",
    "flicker",
    "doctor",
)

WrongUsage: Any = typer.BadParameter.__base__
"""What typer raises for an unknown command or option, or a missing one; it has no public name."""

app = typer.Typer(
    help="Turns any camera, video or stream into a living painting, in real time.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        typer.echo(f"livestyle {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and what happens inside.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of every command."""
    logging.basicConfig(level=logging.DEBUG if debug else logging.WARNING, format="livestyle: %(message)s")


for verb in VERBS:
    importlib.import_module(f"livestyle.cli.{verb}").register(app)


def share_one_heap() -> None:
    """Let all threads take memory from one heap: with one for each, a video of 1280×720 takes 26 MB more."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # of another C library than glibc
            ctypes.CDLL(None).mallopt(-8, 1)  # M_ARENA_MAX


def expand_stars(words: Iterable[str]) -> Iterator[str]:
    """Yield *words*; on Windows, where no shell does it, the files that there are in place of ``*.mp4``."""
    for word in words:
        star = sys.platform == "win32" and "*" in word
        found = glob.glob(word.replace("[", "[[]")) if star else []  # noqa: PTH207 (drives, too)
        yield from sorted(found) or [word]


def main() -> None:
    """Run the command that ``sys.argv`` names; errors become one line and an exit code."""
    hide_in_title([secret for word in sys.argv[1:] for secret in find_secrets(word)])
    os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")  # what goes wrong we say ourselves, in one line
    share_one_heap()
    for stream in ("stdout", "stderr"):
        if getattr(sys, stream) is None:  # closed by who called
            setattr(sys, stream, Path(os.devnull).open("w"))  # noqa: SIM115 (as long as we run)
    if isinstance(sys.stdout, TextIOWrapper):  # Windows cannot write all letters into files and pipes
        sys.stdout.reconfigure(errors="replace")
    atexit.register(gc.freeze)  # a last search for cycles among all that was imported takes 60 ms
    try:
        with short_memory_told("give a smaller picture or --size, or another --device"):
            sys.exit(app(list(expand_stars(sys.argv[1:])), standalone_mode=False))
    except WrongUsage as error:
        text = error.format_message()
        if text:  # there is none when help was asked for by giving no command
            words = [word for word in sys.argv[1:] if word.startswith("-")]
            files = [word for word in words if os.path.isfile(word)]  # noqa: PTH113 (pathlib's raises for odd names)
            hint = f"; write files that begin with - like ./{files[0]}" if files else ""
            seen = error.ctx.command_path if error.ctx else "livestyle"
            typer.echo(f"livestyle: {text.rstrip('.')}{hint}; see: {seen} --help", err=True)
        sys.exit(2)
    except typer.Abort:
        sys.exit(130)
    except LivestyleError as error:
        if "--debug" in sys.argv:
            raise
        typer.echo(f"livestyle: {error}", err=True)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except OSError as error:
        reasons = {errno.ENOSPC: "the disk is full"}
        if sys.platform == "win32":
            reasons[errno.EINVAL] = "nobody reads it"  # a pipe that was closed
        if error.errno not in reasons or error.filename or "--debug" in sys.argv:
            raise  # not of what is printed, which has no name
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # at the end Python prints what is left
        typer.echo(f"livestyle: {reasons[error.errno]}: not all could be printed", err=True)
        sys.exit(1)
