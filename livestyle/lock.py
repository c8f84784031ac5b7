"""Keeps two runs of one job apart."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from livestyle.errors import UsageError
from livestyle.whole import refusal_told

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

TRIES = 100
"""To lock a file that others remove meanwhile."""


@contextlib.contextmanager
def only_run(path: Path, what: str) -> Iterator[None]:
    """Have the file *path* for one run alone while inside: it is made, and removed at the end.

    However the program ends, the next run gets in: the system has forgotten the lock, though the file may
    be there. So it is with folders above it: those that are missing are made, and removed if left empty.
    File systems without locks let all in.

    Raises:
        UsageError: another run has it: *what* it does is told, like ``a training in FOLDER``.
        SinkUnavailable: it cannot be written.
    """
    with refusal_told(f"write in {path.parent}"):
        missing = [folder for folder in path.parents if not folder.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open_alone(path)
    if file is None:
        raise UsageError(f"{what} is running in another process; wait for it, or give another name")
    try:
        yield
    finally:
        let_go(file, path)
        with contextlib.suppress(OSError):  # something is in one of them
            for folder in missing:
                folder.rmdir()


def open_alone(path: Path) -> IO[bytes] | None:
    """Open the file *path*, which is made, for this run alone; None when another has it; raises OSError."""
    for _ in range(TRIES):
        file = path.open("ab")
        if not take(file):
            file.close()
            return None
        if sys.platform == "win32":  # which removes no open file
            return file
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        file.close()  # who had it removed it just now: nobody else would see that we have it
    return path.open("ab")  # a file system where no file is the same twice


def take(file: IO[Any]) -> bool:
    """Lock *file*; False when another has."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system without locks
        pass
    return True


def let_go(file: IO[Any], path: Path) -> None:
    """Unlock *file*, and remove it: it is at *path*."""
    with file:
        if sys.platform != "win32":  # first, else it may be another's by now
            with contextlib.suppress(OSError):
                path.unlink()
    if sys.platform == "win32":  # which removes no open file, neither ours nor another's
        with contextlib.suppress(OSError):
            path.unlink()
