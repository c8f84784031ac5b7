"""Measure shipped styles beside the network that most people run, trained on the same paintings.

Usage: python samples/beside_johnson.py NAME PAINTING WEIGHTS [NAME PAINTING WEIGHTS ...]
    [--photos FOLDER] [--clip CLIP ...]

WEIGHTS are those that samples/johnson_peer.py kept. Prints the tables of docs/training-notes.md: how near the
painting and the photo, and how steady, each frame by itself, on photos that scikit-image carries (or those
of FOLDER) at 640×360; and how the first frames of each CLIP flicker, also when the sharper of two is blurred
until both are equally sharp. Ratios are ours to the peer's.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean

import cv2
from johnson_peer import load_peer
from teach_fine import shown_photos

from livestyle.frame import Pixels
from livestyle.measure.comparison import Candidate, measure_painter
from livestyle.measure.flicker import FIGURES, Playback, Source, measure_clip, play, summarize
from livestyle.measure.look import detail
from livestyle.measure.probes import Painter, fit_still, paint
from livestyle.measure.trial import open_clip
from livestyle.numbering import SUFFIXES
from livestyle.pictures import read_picture
from livestyle.styles.store import list_files
from livestyle.stylize.stylizer import Controls, Stylizer
from livestyle.train.judge import make_comparer

STYLE_SIZE = 448
"""Shorter side of the paintings in pixels, as both were trained."""

SHOWN = ("style_distance", "content_distance", "still_noise_gain", "light_ramp_gain", "pan_error", "coupling")

FRAMES = 60
"""Of a clip, that are looked at."""


def list_painters(name: str, weights: Path) -> dict[str, Painter]:
    """Return the peer, then each tier of the style *name*, each of which paints a frame by itself."""
    tiers = {tier: Stylizer(Controls(name, tier, stability=0.0)) for tier in list_files()[name]}
    return {"Johnson": load_peer(weights), **tiers}


def compare(
    painters: Mapping[str, Painter], painting: Path, photos: Sequence[Pixels]
) -> Iterator[tuple[str, Candidate]]:
    """Yield what was measured of each of *painters* on photos."""
    comparer = make_comparer(read_picture(painting), STYLE_SIZE)
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


def flicker(style: str, painters: Mapping[str, Painter], clip: Path) -> Iterator[str]:
    """Yield a row of the second table for each of *painters*; the first is the peer."""
    shown = [pixels for pixels, _ in play(open_clip(clip), FRAMES)]
    painted = {who: paint(painter, shown) for who, painter in painters.items()}
    peer, *ours = painted
    error, sharp = watch(shown, painted[peer])
    start = f"| {style} | {clip.stem}"
    yield f"{start} | {peer} | {error * 1e3:.2f} | {sharp:.2f} | | |"
    for who in ours:
        error, sharp = watch(shown, painted[who])
        even, even_peer = (watch(shown, soft)[0] for soft in as_sharp(painted[who], painted[peer]))
        yield (
            f"{start} | {who} | {error * 1e3:.2f} | {sharp:.2f} "
            f"| {even * 1e3:.2f}, {even_peer * 1e3:.2f} | {even / even_peer:.2f}× |"
        )


def watch(shown: Sequence[Pixels], painted: Sequence[Pixels]) -> tuple[float, float]:
    """Return the warping error of a *painted* clip and its sharpness beside what was filmed."""
    tracks = measure_clip(
        [(pixels, 0.0) for pixels in shown], {"source": Source(), "painted": Playback(iter(painted))}
    )
    figures = summarize(tracks["painted"], tracks["source"])
    return figures["warping_error"], figures["sharpness"]


def as_sharp(*clips: list[Pixels]) -> list[list[Pixels]]:
    """Return *clips* with the sharper ones blurred until all have as much fine detail as the softest."""
    least = min(fmean(map(detail, clip)) for clip in clips)
    return [soften(clip, least) for clip in clips]


def soften(clip: list[Pixels], wanted: float) -> list[Pixels]:
    """Return *clip* blurred until its ``detail`` is *wanted*; itself where it has no more than that."""
    low, high, blurred = 0.0, 4.0, clip
    while high - low > 0.005:  # the deviation of the Gaussian, in pixels
        sigma = (low + high) / 2
        blurred = [cv2.GaussianBlur(pixels, (0, 0), sigma) for pixels in clip]  # type: ignore[misc]
        low, high = (sigma, high) if fmean(map(detail, blurred)) > wanted else (low, sigma)
    return blurred if low > 0 else clip


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Measure shipped styles beside Johnson's network.")
    parser.add_argument("given", nargs="+", metavar="NAME PAINTING WEIGHTS")
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--clip", type=Path, nargs="+", default=[])
    args = parser.parse_args()
    if args.photos:
        files = sorted(path for path in args.photos.iterdir() if path.suffix.lower() in SUFFIXES)
        pictures = [read_picture(path) for path in files]
    else:
        pictures = shown_photos()
    photos = [fit_still(picture) for picture in pictures]
    given = [
        (name, Path(painting), list_painters(name, Path(weights)))
        for name, painting, weights in zip(*[iter(args.given)] * 3, strict=True)
    ]
    titles = [FIGURES[key].title for key in SHOWN]
    print("| style | network | " + " | ".join(titles) + " | sharpness |")
    print("| --- " * (len(titles) + 3) + "|")
    for name, painting, painters in given:
        peer: Mapping[str, float] = {}
        for who, candidate in compare(painters, painting, photos):
            peer = peer or candidate.figures
            print(row(name, who, candidate.figures, peer), flush=True)
    if args.clip:
        print(
            "\n| style | clip | network | E_warp ×1e-3 | sharpness | equally sharp: ours, Johnson's | ratio |"
        )
        print("| --- " * 7 + "|")
    for clip in args.clip:
        for name, _, painters in given:
            for line in flicker(name, painters, clip):
                print(line, flush=True)


if __name__ == "__main__":
    main()
