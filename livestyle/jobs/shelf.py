"""Shelf: puts styles into the user's folder, and takes them out again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from livestyle.errors import UnknownName, UsageError
from livestyle.frame import Pixels
from livestyle.pictures import Picture, write_picture
from livestyle.sources.pattern import PatternSource
from livestyle.styles.store import CATALOG, list_files, pick_tier, place_of, style_path
from livestyle.styles.style import SUFFIX, Style, check_name, read_style, with_credits
from livestyle.styles.tiers import split_stem
from livestyle.stylize.backends import open_backend
from livestyle.stylize.graph import read_layers
from livestyle.whole import refusal_told, whole_file

PREVIEW_SIZE = (240, 180)
PREVIEW_BYTES = 15_000
QUALITIES = range(88, 8, -4)
"""Of JPEG, tried in turn until a preview is small enough."""


def add_style(
    file: Path, name: str = "", credits: Mapping[str, str] | None = None, *, overwrite: bool = False
) -> Style:
    """Copy the style in *file* into the user's folder, where every command finds it by name; return it there.

    Args:
        file: a style file; its weights are checked, too.
        name: what it will be called; empty: as the file is.
        credits: what the file is to say of itself instead, by names in ``Credits``; then *file* may be the
            user's own style itself.
        overwrite: whether it may replace one of the user's, or hide one that ships.

    Raises:
        BadStyleFile: it is no style, or one that cannot be painted with.
        UsageError: the name is no style's, or is taken; or the folder cannot be written to.
    """
    given = read_style(file)
    for style in filter(None, (given, given.fine())):
        read_layers(style)
    name = name or read_name(file, given)
    check_name(name)
    path = style_path(name, given.tier)
    same = path.resolve() == file.resolve()
    if not (overwrite or (same and credits)):
        refuse_taken(name, path)
    if credits:
        content = with_credits(given, replace(given.credits, name=name, **credits))
    else:
        content = file.read_bytes()
    if credits or not same:
        with refusal_told(f"write {place_of(path)}", UsageError), whole_file(path) as partial:
            partial.write_bytes(content)
    style = read_style(path)
    make_preview(style)
    return style


def read_name(file: Path, style: Style) -> str:
    """Return what the *style* in *file* is called; UsageError, with one that can be, for no name."""
    begins = re.match(r"[a-z0-9]+(-[a-z0-9]+)*", style.name.lower())
    if begins and begins[0] == style.name:
        return style.name
    proposed = begins[0] if begins else "my-style"
    raise UsageError(f"{file.name!r} is no name for a style; add --name {proposed}")


def refuse_taken(name: str, path: Path) -> None:
    """Raise UsageError when something is at *path*, or a style that ships would be hidden by *name*."""
    if path.exists():
        raise UsageError(f"there is a style {name!r} of your own already; give -y to replace it, or --name")
    refuse_hiding(name)


def refuse_hiding(name: str) -> None:
    """Raise UsageError when a style that ships would be hidden by one of the user's called *name*."""
    if is_shipped(name) and not is_own(name):
        raise UsageError(
            f"{name!r} ships with livestyle and would be hidden; give -y to hide it, or another --name"
        )


def remove_style(name: str, tier: str = "") -> list[Path]:
    """Remove the user's style *name*, in *tier* or in all; return the files that were removed.

    Raises:
        UnknownName: there is no style of that name.
        UsageError: it ships with livestyle, is not there in that tier, or cannot be removed.
    """
    files = own_files(name, tier)
    with refusal_told(f"remove {name!r}", UsageError):
        for file in files:
            file.unlink()
        if not is_own(name):
            files[0].with_name(f"{name}.jpg").unlink(missing_ok=True)
    return files


def own_files(name: str, tier: str = "") -> list[Path]:
    """Return the files of the user's style *name*, in *tier* or in all; raises as ``remove_style``."""
    styles = list_files()
    if name not in styles:
        raise UnknownName("style", name, styles)
    if not is_own(name):
        raise UsageError(f"style {name!r} ships with livestyle; only styles of your own can be removed")
    return [pick_tier(name, tier, styles[name])] if tier else list(styles[name].values())


def is_shipped(name: str) -> bool:
    """Return whether a style of that name ships with livestyle."""
    return any(split_stem(path.stem)[0] == name for path in CATALOG.glob(f"*{SUFFIX}"))


def is_own(name: str) -> bool:
    """Return whether the user has a style of that name."""
    return any(path.parent != CATALOG for path in list_files().get(name, {}).values())


def make_preview(style: Style) -> None:
    """Write the preview of *style*, of a scene that livestyle draws, beside its file."""
    width, height = PREVIEW_SIZE
    scene = PatternSource(width=2 * width, height=2 * height, live=False)
    large = open_backend(style).paint(next(iter(scene)).pixels)
    small: Pixels = large.reshape(height, 2, width, 2, 3).mean((1, 3)).round().astype(np.uint8)
    keep_preview(style, small)


def keep_preview(style: Style, pixels: Pixels) -> Path:
    """Write *pixels*, uint8 RGB, (H, W, 3), beside the file of *style* as its preview; return its path."""
    path = style.path.with_name(f"{style.name}.jpg")
    for quality in QUALITIES:
        write_picture(path, Picture(pixels), quality)
        if path.stat().st_size <= PREVIEW_BYTES:
            break
    return path
