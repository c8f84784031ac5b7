"""Folders of this machine: kept out of what the web is told."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from livestyle.errors import UsageError
from livestyle.styles.blend import parse_blend
from livestyle.styles.style import SUFFIX
from livestyle.stylize.stylizer import Controls

FILES = ("style", "background")
"""Controls that may be files of this machine."""


def hide_folders(text: str) -> str:
    """Return an error's *text* with the name of a style's file alone in it; quick, whatever the web sent."""
    before, ending, after = text.rpartition(SUFFIX)
    words, *folders = re.split(r"[/\\]", before)
    if not folders:
        return text
    begin = max(map(words.rfind, " \n'\"")) + 1
    return words[:begin] + folders[-1] + ending + after


def hide_folder(text: str, file: str) -> str:
    """Return *text*, which may tell of *file*, with the name of that alone in it."""
    for told in (file, str(Path(file))) if file else ():
        text = text.replace(told, Path(file).name)
    return text


def name_of(text: str) -> str:
    """Return the name of a file, or of each that is blended; all else as it is."""
    try:
        parse_blend(text)
        parts = text.split(",")
    except UsageError:  # a comma is part of a name, then
        parts = [text]
    return ",".join(re.split(r"[/\\]", part)[-1] for part in parts)


def tell_controls(controls: Controls) -> dict[str, Any]:
    """Return *controls* as plain values, of files the name."""
    return asdict(controls) | {name: name_of(getattr(controls, name)) for name in FILES}
