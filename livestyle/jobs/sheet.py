"""Sheet: one photo in many styles on one picture, with the name of each below it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from livestyle.frame import Pixels
from livestyle.sinks.lettering import write_caption
from livestyle.styles.style import Style
from livestyle.stylize.backends import open_backend
from livestyle.stylize.governor import resize

CELL = 480
"""Longer side in pixels of each picture on the sheet."""

GAP = 12


def paint_sheet(
    photo: Pixels, styles: Sequence[Style], device: str = "auto", watch: Callable[[], None] = lambda: None
) -> Pixels:
    """Return *photo*, uint8 RGB, (H, W, 3), as it is and in each of *styles*, small, row by row on white.

    *watch* is called after each style.

    Raises:
        BadStyleFile: the weights of a style cannot be read.
        DeviceUnavailable: *device* is not on this machine.
    """
    small = resize(photo, CELL / max(photo.shape[:2]))
    cells = [label(small, "original")]
    for style in styles:
        cells.append(label(open_backend(style, device).paint(small), style.name))
        watch()
    return arrange(cells)


def label(pixels: Pixels, name: str) -> Pixels:
    """Return *pixels* with *name* below, in black on white."""
    return np.concatenate((pixels, write_caption(name, pixels.shape[1])))


def arrange(cells: Sequence[Pixels]) -> Pixels:
    """Return *cells*, all of one size, in rows and columns as square as they go, on white."""
    height, width = cells[0].shape[:2]
    columns = min(len(cells), math.ceil(math.sqrt(len(cells) * height / width)))
    rows = [join(cells[start : start + columns], columns, width) for start in range(0, len(cells), columns)]
    gap = np.full((GAP, rows[0].shape[1], 3), 255, np.uint8)
    return np.concatenate([gap, *(part for row in rows for part in (row, gap))])


def join(cells: Iterable[Pixels], columns: int, width: int) -> Pixels:
    """Return a row of *cells*, filled up with white to so many *columns*."""
    cells = list(cells)
    height = cells[0].shape[0]
    empty = np.full((height, width, 3), 255, np.uint8)
    gap = np.full((height, GAP, 3), 255, np.uint8)
    filled = [*cells, *[empty] * (columns - len(cells))]
    return np.concatenate([gap, *(part for cell in filled for part in (cell, gap))], axis=1)
