"""Paint the pictures of the README: every style that ships, on photos that scikit-image carries.

Usage: python samples/make_gallery.py OUT_FOLDER

Writes ``NAME.jpg`` for each style: the photos above, their paintings below; ``all.jpg``: one photo in every
style; and ``cutout.jpg``: that photo with only a part of it painted. The photos are credited in CREDITS.md
beside this file.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from skimage import data

import livestyle
from livestyle.frame import Pixels
from livestyle.jobs.sheet import paint_sheet
from livestyle.pictures import Picture, write_picture
from livestyle.styles.store import CATALOG, list_styles

HEIGHT, WIDTH = 360, 480
GAP = 8


def photos() -> list[Pixels]:
    """Return the photos, cut and scaled to one size, (HEIGHT, WIDTH, 3) each."""
    return [fit(data.astronaut()[:420]), fit(data.chelsea()), fit(data.coffee())]


def fit(photo: Pixels) -> Pixels:
    """Scale *photo* until it covers the size, then cut its middle."""
    scale = max(HEIGHT / photo.shape[0], WIDTH / photo.shape[1])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=how)
    top, left = (scaled.shape[0] - HEIGHT) // 2, (scaled.shape[1] - WIDTH) // 2
    return scaled[top : top + HEIGHT, left : left + WIDTH]


def row(pictures: list[Pixels]) -> Pixels:
    """Set *pictures* side by side on white, with a gap between them."""
    gap = np.full((HEIGHT, GAP, 3), 255, np.uint8)
    parts = [part for picture in pictures for part in (picture, gap)]
    return np.concatenate(parts[:-1], axis=1)


def cutouts(photo: Pixels) -> Pixels:
    """Return *photo*, its person painted, what is around painted; below, three backgrounds of the person."""
    with tempfile.TemporaryDirectory() as folder:
        painting = str(Path(folder, "painting.png"))
        write_picture(Path(painting), Picture(livestyle.load("starry-night").stylize(fit(data.coffee()))))
        ways = [("background", "keep"), ("person", "blur"), ("person", "green"), ("person", painting)]
        pictures = [photo, *(cut(photo, *way) for way in [("person", "keep"), *ways])]
    between = np.full((GAP, row(pictures[:3]).shape[1], 3), 255, np.uint8)
    return np.concatenate((row(pictures[:3]), between, row(pictures[3:])))


def cut(photo: Pixels, part: str, background: str) -> Pixels:
    """Return *photo* with only *part* of it painted, in candy."""
    return livestyle.load("candy", cutout=part, background=background).stylize(photo)


def main() -> None:
    """Write one picture for each style of the catalog."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    originals = photos()
    styles = [style for style in list_styles() if style.path.parent == CATALOG]
    write_picture(folder / "all.jpg", Picture(paint_sheet(originals[0], styles)), quality=82)
    write_picture(folder / "cutout.jpg", Picture(cutouts(originals[0])), quality=82)
    for style in styles:
        stylizer = livestyle.load(style.name)
        painted = []
        for photo in originals:
            stylizer.reset()
            painted.append(stylizer.stylize(photo))
        between = np.full((GAP, row(painted).shape[1], 3), 255, np.uint8)
        sheet = np.concatenate((row(originals), between, row(painted)))
        write_picture(folder / f"{style.name}.jpg", Picture(sheet), quality=82)
        print(folder / f"{style.name}.jpg")


if __name__ == "__main__":
    main()
