"""Folder: which of the files below it a job takes."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path


def list_below(folder: Path, endings: Collection[str], out: Path) -> list[Path]:
    """Return the files below *folder*, by name, that have one of *endings*; hidden ones are left out.

    So is what lies below *out* where that is in *folder*: an earlier run painted it.
    """
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in endings and path.is_file())
    shown = [
        path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    inner = out.resolve()
    if folder.resolve() not in inner.parents:
        return shown
    return [path for path in shown if inner not in path.resolve().parents]
