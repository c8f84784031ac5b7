"""Make the previews that ship: what each style of the catalog makes of one photo, small.

Usage: python samples/make_previews.py [NAME …]

Writes ``NAME.jpg`` beside the style's file, for the styles named or for all. The photo, of Eileen Collins, by
NASA, in the public domain, is the one that scikit-image carries.
"""

from __future__ import annotations

import sys

import cv2
import numpy as np
from skimage import data

import livestyle
from livestyle.frame import Pixels
from livestyle.pictures import Picture, write_picture
from livestyle.styles.store import CATALOG, list_styles

LARGEST_BYTES = 15_000
QUALITIES = range(88, 40, -4)
"""Of JPEG, tried in turn until the preview is small enough."""

WIDTH, HEIGHT = 240, 180


def paint(name: str) -> Pixels:
    """Return what the style *name* makes of the photo, (HEIGHT, WIDTH, 3)."""
    painted = livestyle.load(name).stylize(np.ascontiguousarray(data.astronaut()[:384]))
    return cv2.resize(painted, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def main() -> None:
    """Write the previews."""
    wanted = sys.argv[1:]
    for style in list_styles():
        if style.path.parent != CATALOG or (wanted and style.name not in wanted):
            continue
        path = style.path.with_name(f"{style.name}.jpg")
        painted = Picture(paint(style.name))
        for quality in QUALITIES:
            write_picture(path, painted, quality)
            if path.stat().st_size <= LARGEST_BYTES:
                break
        print(f"{path} {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
