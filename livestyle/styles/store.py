"""Finds and lists styles: those that ship with the package, then the user's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from livestyle.errors import BadStyleFile, UnknownName
from livestyle.styles.style import SUFFIX, Style, read_style

CATALOG = Path(__file__).parent / "catalog"


def home() -> Path:
    """Return the user's folder: ``$LIVESTYLE_HOME``, else where the system keeps such data."""
    given = os.environ.get("LIVESTYLE_HOME")
    return Path(given) if given else platformdirs.user_data_path("livestyle")


def cache_folder() -> Path:
    """Return where things that can be made again are kept: in ``$LIVESTYLE_HOME``, or the system's place."""
    given = os.environ.get("LIVESTYLE_HOME")
    return Path(given, "cache") if given else platformdirs.user_cache_path("livestyle")


def style_path(name: str) -> Path:
    """Return where the user's style *name* is kept."""
    return home() / "styles" / f"{name}{SUFFIX}"


def list_styles() -> Iterator[Style]:
    """Yield every style that can be read, by name; one of the user's own hides a shipped one."""
    found: dict[str, Path] = {}
    for folder in (CATALOG, home() / "styles"):
        found.update((path.stem, path) for path in folder.glob(f"*{SUFFIX}"))
    for name in sorted(found):
        try:
            yield read_style(found[name])
        except BadStyleFile:
            continue  # a damaged file must not hide the others; using it by name says what is wrong


def find_style(given: str | Path) -> Style:
    """Return the style of that name, or in that file.

    Raises:
        UnknownName: no style has that name; the nearest is named.
        BadStyleFile: the file is no style.
    """
    path = Path(given)
    if path.suffix or len(path.parts) > 1:
        return read_style(path)
    for folder in (home() / "styles", CATALOG):
        path = folder / f"{given}{SUFFIX}"
        if path.exists():
            return read_style(path)
    raise UnknownName("style", str(given), (style.name for style in list_styles()))
