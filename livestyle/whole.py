"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from livestyle.errors import LivestyleError, SinkUnavailable

Result = TypeVar("Result")

PATIENCE_SECONDS = 2.0
"""For who has a file open, as viewers and virus scanners: until they are done Windows refuses much."""


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


def try_folder(folder: Path) -> None:
    """Raise OSError when no file can be made in *folder*, or in what is there of it."""
    there = next((place for place in (folder, *folder.absolute().parents) if place.exists()), folder)
    with tempfile.TemporaryFile(dir=there):
        pass


def target_of(path: Path) -> Path:
    """Return the file that is written for *path*: a link stays, what it leads to is replaced.

    Raises:
        OSError: a pipe or a device is there, which nothing may replace, or links that lead in a circle.
    """
    target = Path(os.path.realpath(path)) if path.is_symlink() else path
    if target.is_symlink():
        raise OSError(errno.ELOOP, "it is a link that leads to itself")
    if target.exists() and not (target.is_file() or target.is_dir()):
        raise OSError(errno.EINVAL, "it is a pipe or a device, no file")
    return target


def key_of(path: str | Path) -> str:
    """Return what is the same for all spellings of *path* that this system takes for one file."""
    if sys.platform == "darwin":  # letters' case, and accents that stand by themselves
        return unicodedata.normalize("NFC", str(path)).casefold()
    return os.path.normcase(path)


def mark_of(file: Path) -> list[int]:
    """Return what tells *file* from another of its name, and stays when it is moved."""
    facts = file.stat()
    return [facts.st_size, facts.st_mtime_ns]


def move(partial: Path, path: Path) -> None:
    """Give the file *partial* the name *path*, in one step, whatever file had it; raises OSError.

    Args:
        partial: beside ``target_of(path)``.
        path: perhaps a link, which stays.
    """
    target = target_of(path)
    patiently(lambda: partial.replace(target))


def patiently(act: Callable[[], Result]) -> Result:
    """Return what *act* returns; on Windows it is done again for a while where a file is open elsewhere.

    Raises:
        OSError: as *act* raises it; PermissionError after that while.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return act()
        except PermissionError:
            if sys.platform != "win32" or time.monotonic() > until:
                raise
            time.sleep(0.05)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give the name of a file beside *path* to write to; it becomes *path* when all went well.

    A good old file is never lost: when writing fails, or Ctrl-C comes, *path* is as it was and nothing is
    left beside it. Folders above *path* are made. Where *path* is a link, all this is said of the file that
    it leads to. What goes wrong is raised as it is, OSError mostly.
    """
    target = target_of(path)
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        move(partial, target)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
