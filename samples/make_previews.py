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
from livestyle.jobs.shelf import PREVIEW_SIZE, keep_preview
from livestyle.styles.store import CATALOG, list_styles


def paint(name: str) -> Pixels:
    """Return what the style *name* makes of the photo, of ``PREVIEW_SIZE``."""
    painted = livestyle.load(name).stylize(np.ascontiguousarray(data.astronaut()[:384]))
    return cv2.resize(painted, PREVIEW_SIZE, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def main() -> None:
    """Write the previews."""
    wanted = sys.argv[1:]
    for style in list_styles():
        if style.path.parent != CATALOG or (wanted and style.name not in wanted):
            continue
        path = keep_preview(style, paint(style.name))
        print(f"{path} {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
