"""Finds a format for numbered pictures: those after the first may have more than it has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import av

PNG = b"\x89PNG\r\n\x1a\n"

FORMATS = {
    (False, False): "rgb24",
    (True, False): "rgba",
    (False, True): "rgb48le",
    (True, True): "rgba64le",
}
"""By whether they have transparency, and more than 8 bits."""


class Kind(NamedTuple):
    """What a picture has beside 8 bits of grey."""

    colour: bool
    alpha: bool
    deep: bool


def widen(picture: av.VideoFrame, paths: Sequence[Path]) -> av.VideoFrame:
    """Return *picture* in a format that has room for all pictures at *paths*.

    When all are PNG, their headers tell; otherwise colours may come, and nothing else that *picture* has not.
    """
    held = kind_of(picture.format)
    try:
        needed = Kind(*map(any, zip(*map(read_png_kind, paths), strict=True)))
    except (OSError, ValueError):
        needed = held._replace(colour=True)
    if needed == held and not picture.format.has_palette:
        return picture
    return picture.reformat(format=FORMATS[needed.alpha, needed.deep])


def kind_of(given: av.VideoFormat) -> Kind:
    """Return what pictures in the format *given* can have."""
    parts = given.components
    grey = all(part.is_luma or part.is_alpha for part in parts) and not given.has_palette
    alpha = given.has_palette or any(part.is_alpha for part in parts)
    return Kind(not grey, alpha, max(part.bits for part in parts) > 8)


def read_png_kind(path: Path) -> Kind:
    """Return what the PNG at *path* has, by its header.

    Raises:
        ValueError: it is no PNG.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(33)
        if len(head) < 33 or not head.startswith(PNG):
            raise ValueError(f"{path} is no PNG")
        bits, colours = head[24], head[25]
        alpha = colours in (4, 6)
        while not alpha and len(chunk := file.read(8)) == 8 and chunk[4:] != b"IDAT":
            alpha = chunk[4:] == b"tRNS"
            file.seek(int.from_bytes(chunk[:4], "big") + 4, 1)
    return Kind(colours in (2, 3, 6), alpha, bits > 8)
