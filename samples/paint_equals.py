"""Tell how many steps of `livestyle paint` each shipped style is worth: a table of docs/training-notes.md.

Usage: python samples/paint_equals.py PAINTINGS_FOLDER [SIZE]

For each style of the catalog whose painting is in the folder (found by its sha256, or as NAME.png), photos
that scikit-image carries are painted by the network, and judged by VGG19 with the loss of `livestyle paint`.
Then the pixels of the same photo go down that loss by L-BFGS, at one size, until it is as low: so many steps
it is worth.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from statistics import fmean

import torch
from skimage import data

import livestyle
from livestyle.frame import Pixels
from livestyle.numbering import SUFFIXES
from livestyle.pictures import read_picture
from livestyle.styles.store import CATALOG, home, list_styles
from livestyle.styles.style import Style
from livestyle.stylize.network import channels_last
from livestyle.train.easel import Easel
from livestyle.train.likeness import Likeness, as_tensor, fit_area, fit_longer
from livestyle.train.perceptual import load_perceptual
from livestyle.train.trainer import training_precision
from livestyle.train.vgg import VGG19, Perceptual

PHOTOS = ("astronaut", "coffee")
SIZE = 320
MOST_STEPS = 200


def find_paintings(folder: Path) -> Iterator[tuple[Style, Path]]:
    """Yield each shipped style with the file of its painting in *folder*; say which have none."""
    files = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES]
    by_sum = {sha256(path.read_bytes()).hexdigest(): path for path in files}
    by_name = {path.name: path for path in files}  # artworks: another processor rounds them otherwise
    for style in list_styles():
        if style.path.parent != CATALOG:
            continue
        path = by_sum.get(style.credits.source_sha256) or by_name.get(f"{style.name}.png")
        if path:
            yield style, path
        else:
            print(f"{style.name}: its painting is not in {folder}", file=sys.stderr)


def worth(judge: Perceptual, style: Style, painting: Pixels, photo: Pixels) -> tuple[float, float, int]:
    """Return style and content loss of what *style* makes of *photo*, and the steps that are as good."""
    likeness = Likeness(judge, photo, fit_area(painting, photo.shape[0] * photo.shape[1]))
    painted = livestyle.load(style.path, stability=0.0).stylize(photo)
    with torch.no_grad():
        losses = {name: float(loss) for name, loss in likeness(as_tensor(painted, judge)).items()}
    easel = Easel(likeness, likeness.photo, "lbfgs", MOST_STEPS)
    while easel.done < MOST_STEPS:
        if sum(easel.step().values()) <= sum(losses.values()):
            break
    return losses["style"], losses["content"], easel.done - 1


def main() -> None:
    """Print one row for each style."""
    size = int(sys.argv[2]) if len(sys.argv) > 2 else SIZE
    judge = load_perceptual(home() / "weights", architecture=VGG19)
    judge.to(dtype=training_precision(torch.device("cpu")))
    channels_last(judge)
    photos = [fit_longer(getattr(data, name)(), size) for name in PHOTOS]
    print(f"{', '.join(PHOTOS)}; {size} pixels on the longer side\n")
    print("| style | style loss | content loss | equal to steps of paint |\n| --- | --- | --- | --- |")
    for style, path in find_paintings(Path(sys.argv[1])):
        told = [worth(judge, style, read_picture(path), photo) for photo in photos]
        style_loss, content_loss = (fmean(row[column] for row in told) for column in (0, 1))
        steps = ", ".join(f"over {MOST_STEPS}" if row[2] >= MOST_STEPS - 1 else str(row[2]) for row in told)
        print(f"| {style.name} | {style_loss:.2f} | {content_loss:.2f} | {steps} |", flush=True)


if __name__ == "__main__":
    main()
