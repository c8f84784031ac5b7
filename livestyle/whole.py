"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


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
        partial.replace(path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
