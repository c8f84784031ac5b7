"""Finds and lists styles: those that ship with the package, then the user's own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from livestyle.errors import BadStyleFile, UnknownName, UsageError
from livestyle.styles.style import SUFFIX, Style, read_style
from livestyle.styles.tiers import AUTO, TIERS, find_tier, join_stem, split_stem

CATALOG = Path(__file__).parent / "catalog"


def home() -> Path:
    """Return the user's folder: ``$LIVESTYLE_HOME``, else where the system keeps such data."""
    given = os.environ.get("LIVESTYLE_HOME")
    return Path(given) if given else platformdirs.user_data_path("livestyle")


def cache_folder() -> Path:
    """Return where things that can be made again are kept: in ``$LIVESTYLE_HOME``, or the system's place."""
    given = os.environ.get("LIVESTYLE_HOME")
    return Path(given, "cache") if given else platformdirs.user_cache_path("livestyle")


def style_path(name: str, tier: str = "lite") -> Path:
    """Return where the user's style *name* is kept in *tier*.

    Raises:
        UnknownName: there is no such tier.
    """
    find_tier(tier)
    return home() / "styles" / f"{join_stem(name, tier)}{SUFFIX}"


def list_files() -> dict[str, dict[str, Path]]:
    """Return the files of all styles, by name and then by tier, the quickest first.

    One of the user's own hides a shipped one of its name, in all tiers: a name means one style.
    """
    styles: dict[str, dict[str, Path]] = {}
    for folder in (CATALOG, home() / "styles"):
        found: dict[str, dict[str, Path]] = {}
        for path in folder.glob(f"*{SUFFIX}"):
            name, tier = split_stem(path.stem)
            found.setdefault(name, {})[tier] = path
        styles.update(found)
    return {
        name: {tier: styles[name][tier] for tier in TIERS if tier in styles[name]} for name in sorted(styles)
    }


def list_styles(tier: str = AUTO) -> Iterator[Style]:
    """Yield every style that can be read and is there in *tier*, once, by name; see ``find_style``.

    Raises:
        UnknownName: there is no such tier.
    """
    check_tier(tier)
    for tiers in list_files().values():
        path = next(iter(tiers.values())) if tier == AUTO else tiers.get(tier)
        with contextlib.suppress(BadStyleFile):  # using it by name says what is wrong
            if path is not None:
                yield read_style(path)


def find_style(given: str | Path, tier: str = AUTO) -> Style:
    """Return the style of that name in *tier*, or the one in that file.

    Args:
        given: a name, or the path of a file.
        tier: ``lite``, ``base`` or ``hq``; ``auto`` takes the quickest there is.

    Raises:
        UnknownName: no style, or no tier, has that name; the nearest is named.
        BadStyleFile: the file is no style.
        UsageError: the style is not there in that tier.
    """
    check_tier(tier)
    path = Path(given)
    if path.suffix or len(path.parts) > 1:
        style = read_style(path)
        there = [style.tier]
    else:
        styles = list_files()
        if str(given) not in styles:
            raise UnknownName("style", str(given), styles)
        tiers = styles[str(given)]
        there = list(tiers)
        style = read_style(tiers.get(tier) or tiers[there[0]])
    if tier not in (AUTO, *there):
        raise UsageError(f"style {str(given)!r} is not there in tier {tier!r}; it has: {', '.join(there)}")
    return style


def check_tier(tier: str) -> None:
    """Raise UnknownName unless *tier* is ``auto`` or the name of one."""
    if tier not in (AUTO, *TIERS):
        raise UnknownName("tier", tier, (AUTO, *TIERS))
