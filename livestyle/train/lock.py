"""Keeps two trainings of one name apart."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from livestyle.errors import UsageError
from livestyle.whole import refusal_told


@contextlib.contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Have *folder*, which is made, for one training alone while inside, however the program ends.

    Windows, and file systems without locks, let others in.

    Raises:
        UsageError: another training has it.
        SinkUnavailable: it cannot be written to.
    """
    with refusal_told(f"write in {folder}"):
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("w")
    with file:
        try:
            import fcntl  # not on Windows

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                f"a training in {folder} is running; wait for it, or give another --name"
            ) from error
        except (ImportError, OSError):
            pass
        yield
