"""Folders of this machine: kept out of what the web is told."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from livestyle.stylize.stylizer import Controls

FILES = ("style", "background")
"""Controls that may be files of this machine."""

FOLDERS = re.compile(r"[^\s'\"]*[/\\](.*[/\\])?(?=[^/\\]+\.safetensors)")


def hide_folders(text: str) -> str:
    """Return an error's *text* with the name of a style's file alone in it."""
    return FOLDERS.sub("", text)


def name_of(text: str) -> str:
    """Return the name of a file, or of each that is blended; all else as it is."""
    return re.sub(r"[^,]*[/\\]", "", text)


def tell_controls(controls: Controls) -> dict[str, Any]:
    """Return *controls* as plain values, of files the name."""
    return asdict(controls) | {name: name_of(getattr(controls, name)) for name in FILES}
