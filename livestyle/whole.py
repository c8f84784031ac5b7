"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from livestyle.errors import LivestyleError, SinkUnavailable

PATIENCE_SECONDS = 2.0
"""For who has a file open that is to be replaced, as viewers and virus scanners: Windows refuses then."""


def spare(sources: Iterable[str | Path], path: Path) -> None:
    """Raise SinkUnavailable when *path*, which is to be written, is the file of one of *sources*."""
    for source in sources:
        with contextlib.suppress(OSError):  # one of them is no file
            if path.samefile(source):
                raise SinkUnavailable(f"{path} is what is painted from; write elsewhere, it would be lost")


@contextlib.contextmanager
def refusal_told(what: str, kind: type[LivestyleError] = SinkUnavailable) -> Iterator[None]:
    """Raise *kind*, which says that one cannot do *what*, and why, when the system refuses it inside."""
    try:
        yield
    except OSError as error:
        raise kind(f"cannot {what}: {(error.strerror or str(error)).lower()}") from error


def move(partial: Path, path: Path) -> None:
    """Give the file *partial* the name *path*, in one step, whatever had it; raises OSError."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            partial.replace(path)
        except PermissionError:
            if sys.platform != "win32" or time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give the name of a file beside *path* to write to; it becomes *path* when all went well.

    A good old file is never lost: when writing fails, or Ctrl-C comes, *path* is as it was and nothing is
    left beside it. Folders above *path* are made. What goes wrong is raised as it is, OSError mostly.
    """
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        move(partial, path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
