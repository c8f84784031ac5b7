"""Strikes secrets out of what everyone on a machine can read: the arguments of a process."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path


def hide_in_title(secrets: Sequence[str], process: str = "self") -> None:
    """Overwrite *secrets* with stars in the arguments of a *process*, ours or our child's.

    On Linux, where the memory that holds them can be written; elsewhere, and where the system does not let
    us, nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return
    folder = Path("/proc", process)
    try:
        words = (folder / "stat").read_text().rpartition(")")[2].split()
        start, end = int(words[45]), int(words[46])  # arg_start and arg_end of proc(5)
        with (folder / "mem").open("r+b", buffering=0) as memory:
            memory.seek(start)
            arguments = memory.read(end - start)
            for secret in sorted(map(str.encode, secrets), key=len, reverse=True):
                arguments = arguments.replace(secret, b"*" * len(secret))
            memory.seek(start)
            memory.write(arguments)
    except OSError:
        return  # it has ended, or the system forbids it
