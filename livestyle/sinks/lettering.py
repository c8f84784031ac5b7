"""Lettering: lines of text laid over a picture."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import cv2
import numpy as np

from livestyle.frame import Pixels

FONT = cv2.FONT_HERSHEY_SIMPLEX

TALLEST = "bdgjpq"
"""Letters as tall and as deep as they come: captions beside each other are of one size."""


def write_lines(pixels: Pixels, lines: Sequence[str]) -> Pixels:
    """Return a copy of *pixels*, (H, W, 3), with *lines* on a darkened panel in its upper left corner.

    The letters grow with the picture, so that they look the same in a window of a given size. What follows
    a tab stands in a second column; lines without one are broken where they are too long.
    """
    out = pixels.copy()
    height, width = out.shape[:2]
    usual = max(height / 800, 0.3)
    lines = [part for line in lines for part in wrap(line, usual, width - round(32 * usual))]
    scale = min(usual, 0.8 * height / 32 / max(len(lines), 1))
    step, thickness = round(32 * scale), 1 if scale < 0.8 else 2
    cells = [
        (cell, step // 2 + 3 * step * column, round(step * row))
        for row, line in enumerate(lines, start=1)
        for column, cell in enumerate(line.split("\t"))
    ]
    right = max(x + cv2.getTextSize(cell, FONT, scale, thickness)[0][0] for cell, x, _ in cells)
    panel = out[: min(step * len(lines) + step // 2, height), : min(right + step // 2, width)]
    panel[:] = panel // 4
    for cell, x, y in cells:
        cv2.putText(out, cell, (x, y), FONT, scale, (255, 255, 255), thickness, cv2.LINE_AA)
    return out


def wrap(line: str, scale: float, room: int) -> list[str]:
    """Return *line* in parts that are at most *room* pixels long, where it can be broken."""
    length = cv2.getTextSize(line, FONT, scale, 1)[0][0]
    if "\t" in line or length <= room:
        return [line]
    return textwrap.wrap(line, max(len(line) * room // length, 20))


def write_caption(text: str, width: int) -> Pixels:
    """Return a white strip, (H, width, 3), with *text* in its middle, as large as any text or as fits."""
    height = max(width // 12, 12)
    strip = np.full((height, width, 3), 255, np.uint8)
    (length, _), _ = cv2.getTextSize(text, FONT, 1.0, 1)
    (_, above), below = cv2.getTextSize(TALLEST, FONT, 1.0, 1)
    scale = min(0.95 * width / length, 0.9 * height / (above + below))
    thickness = 1 if scale < 0.8 else 2
    (length, _), _ = cv2.getTextSize(text, FONT, scale, thickness)
    (_, above), below = cv2.getTextSize(TALLEST, FONT, scale, thickness)
    place = ((width - length) // 2, (height + above - below) // 2)
    cv2.putText(strip, text, place, FONT, scale, (0, 0, 0), thickness, cv2.LINE_AA)
    return strip
