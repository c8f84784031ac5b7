"""Finds and lists styles: those that ship with the package, then the user's own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import platformdirs

from livestyle.errors import BadStyleFile, UnknownName, UsageError
from livestyle.styles.blend import blend, is_blend, parse_blend
from livestyle.styles.style import SUFFIX, Style, read_style
from livestyle.styles.tiers import AUTO, TIERS, find_tier, join_stem, split_stem

CATALOG = Path(__file__).parent / "catalog"


def home() -> Path:
    """Return the user's folder: ``$LIVESTYLE_HOME``, else where the system keeps such data."""
    given = given_home()
    return given or platformdirs.user_data_path("livestyle")


def cache_folder() -> Path:
    """Return where things that can be made again are kept: in ``$LIVESTYLE_HOME``, or the system's place."""
    given = given_home()
    return given / "cache" if given else platformdirs.user_cache_path("livestyle")


def given_home() -> Path | None:
    """Return ``$LIVESTYLE_HOME``, if it is set; services set it as it is written, with ``~`` in it."""
    given = os.environ.get("LIVESTYLE_HOME")
    if not given:
        return None
    return Path(os.path.expanduser(given)).absolute()  # noqa: PTH111 (pathlib's raises where nobody lives)


def place_of(path: Path) -> str:
    """Return *path* as errors of writing name it: with the variable that has led there, if one has."""
    given = given_home()
    return f"{path}, below LIVESTYLE_HOME" if given and path.is_relative_to(given) else str(path)


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
    """Return the style of that name in *tier*, the one in that file, or a blend of several.

    Args:
        given: a name, the path of a file, or a blend of these: ``candy:0.6,great-wave:0.4``.
        tier: ``lite``, ``base`` or ``hq``; ``auto`` takes the quickest there is.

    Raises:
        UnknownName: no style, or no tier, has that name; the nearest is named.
        BadStyleFile: the file is no style.
        UsageError: the style is not there in that tier, or a blend is written wrongly or of different tiers.
    """
    check_tier(tier)
    if not is_blend(given):
        return read_style(pick_tier(given, tier, find_tiers(given)))
    parts = [(name, share, find_tiers(name)) for name, share in parse_blend(str(given))]
    shared = [name for name in TIERS if all(name in tiers for _, _, tiers in parts)]
    wanted = shared[0] if tier == AUTO and shared else tier
    return blend([(read_style(pick_tier(name, wanted, tiers)), share) for name, share, tiers in parts])


def call_by(style: Style) -> str:
    """Return what ``--style`` takes for *style*: its name, with its tier where needed, or its path."""
    paths = {path: tier for tier, path in list_files().get(style.name, {}).items()}
    if style.path not in paths:
        return str(style.path)
    return style.name if style.path == next(iter(paths)) else f"{style.name} --tier {paths[style.path]}"


def find_tiers(given: str | Path) -> dict[str, Path]:
    """Return the files of the style of that name, by tier, the quickest first; or the file given.

    Raises:
        UnknownName, BadStyleFile: as ``find_style``.
    """
    styles = list_files()
    if str(given) in styles:
        return styles[str(given)]
    path = Path(given)
    if path.suffix or len(path.parts) > 1:
        return {read_style(path).tier: path}
    raise UnknownName("style", str(given), styles)


def pick_tier(given: str | Path, tier: str, tiers: Mapping[str, Path]) -> Path:
    """Return the file of *tier*; raises UsageError, which names the style *given*, when there is none."""
    if tier not in (AUTO, *tiers):
        raise UsageError(f"style {str(given)!r} is not there in tier {tier!r}; it has: {', '.join(tiers)}")
    return tiers[next(iter(tiers)) if tier == AUTO else tier]


def check_tier(tier: str) -> None:
    """Raise UnknownName unless *tier* is ``auto`` or the name of one."""
    if tier not in (AUTO, *TIERS):
        raise UnknownName("tier", tier, (AUTO, *TIERS))
