"""Measure shipped styles beside the network that most people run, trained on the same paintings.

Usage: python samples/beside_johnson.py NAME PAINTING WEIGHTS [NAME PAINTING WEIGHTS ...] [--photos FOLDER]

WEIGHTS are those that samples/johnson_peer.py kept. Prints the table of docs/training-notes.md: how near the
painting and the photo, and how steady, each frame by itself, on photos that scikit-image carries (or those
of FOLDER) at 640×360. Ratios are ours to the peer's.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from johnson_peer import load_peer
from teach_fine import shown_photos

from livestyle.frame import Pixels
from livestyle.measure.comparison import Candidate, measure_painter
from livestyle.measure.flicker import FIGURES
from livestyle.measure.probes import fit_still
from livestyle.numbering import SUFFIXES
from livestyle.pictures import read_picture
from livestyle.styles.store import list_files
from livestyle.stylize.stylizer import Controls, Stylizer
from livestyle.train.judge import make_comparer

STYLE_SIZE = 448
"""Shorter side of the paintings in pixels, as both were trained."""

SHOWN = ("style_distance", "content_distance", "still_noise_gain", "light_ramp_gain", "pan_error", "coupling")


def compare(
    name: str, painting: Path, weights: Path, photos: Sequence[Pixels]
) -> Iterator[tuple[str, Candidate]]:
    """Yield what was measured of the peer, then of each tier of the style *name*."""
    comparer = make_comparer(read_picture(painting), STYLE_SIZE)
    painters = {"peer": load_peer(weights)} | {
        tier: Stylizer(Controls(name, tier, stability=0.0)) for tier in list_files()[name]
    }
    probes = [key for key in SHOWN if FIGURES[key].probe]
    for who, painter in painters.items():
        yield who, measure_painter(who, painter, photos, comparer, probes)


def row(style: str, who: str, figures: Mapping[str, float], peer: Mapping[str, float]) -> str:
    """Return one row of the table, with ratios to *peer* for the distances and the sharpness."""
    cells = [f"{figures[key] * FIGURES[key].scale:.2f}" for key in SHOWN]
    if figures is not peer:
        for index, key in enumerate(SHOWN[:2]):
            cells[index] += f" ({figures[key] / peer[key]:.2f}×)"
    cells.append(f"{figures['sharpness']:.2f}")
    return f"| {style} | {who} | " + " | ".join(cells) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure shipped styles beside Johnson's network.")
    parser.add_argument("given", nargs="+", metavar="NAME PAINTING WEIGHTS")
    parser.add_argument("--photos", type=Path)
    args = parser.parse_args()
    if args.photos:
        files = sorted(path for path in args.photos.iterdir() if path.suffix.lower() in SUFFIXES)
        pictures = [read_picture(path) for path in files]
    else:
        pictures = shown_photos()
    photos = [fit_still(picture) for picture in pictures]
    titles = [FIGURES[key].title for key in SHOWN]
    print("| style | network | " + " | ".join(titles) + " | sharpness |")
    print("| --- " * (len(titles) + 3) + "|")
    for name, painting, weights in zip(*[iter(args.given)] * 3, strict=True):
        peer: Mapping[str, float] = {}
        for who, candidate in compare(name, Path(painting), Path(weights), photos):
            peer = peer or candidate.figures
            print(row(name, who, candidate.figures, peer), flush=True)


if __name__ == "__main__":
    main()
