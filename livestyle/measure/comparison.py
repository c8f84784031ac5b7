"""Styles side by side on the same photos: how near the painting, how near the photo, how steady."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from livestyle.frame import Pixels
from livestyle.measure.flicker import FIGURES
from livestyle.measure.look import detail
from livestyle.measure.probes import Painter, paint
from livestyle.styles.store import find_style
from livestyle.stylize.stylizer import Controls, Stylizer

Comparer = Callable[[Pixels, Pixels], Mapping[str, float]]
"""Tells figures, by their names in ``FIGURES``, of a photo and what a style made of it."""

QUICK_PROBES = ("still_noise_gain", "pan_error")
"""Names in ``FIGURES`` of what is measured in a second."""


@dataclass(frozen=True)
class Candidate:
    """One style of a comparison.

    Attributes:
        name: of the style.
        figures: by name in ``FIGURES``; each frame painted by itself.
        painted: the photos as it paints them.
    """

    name: str
    figures: Mapping[str, float]
    painted: Sequence[Pixels]


def compare_styles(
    styles: Iterable[str], photos: Sequence[Pixels], compare: Comparer, device: str = "auto"
) -> Iterator[Candidate]:
    """Yield what was measured of each of *styles*, each frame painted by itself.

    Args:
        styles: names or files.
        photos: uint8 RGB, (H, W, 3); the probes see the first.
        compare: tells how well a photo was painted.
        device: what paints.

    Raises:
        UnknownName, BadStyleFile: there is no such style.
    """
    for given in styles:
        stylizer = Stylizer(Controls(given, stability=0.0), device)
        yield measure_painter(find_style(given).name, stylizer, photos, compare)


def measure_painter(
    name: str,
    painter: Painter,
    photos: Sequence[Pixels],
    compare: Comparer,
    probes: Sequence[str] = QUICK_PROBES,
) -> Candidate:
    """Return what was measured of *painter*; see ``compare_styles``.

    Args:
        name: that it is to have.
        painter: what paints.
        photos: uint8 RGB, (H, W, 3).
        compare: tells how well a photo was painted.
        probes: by their names in ``FIGURES``.
    """
    painted = [paint(painter, [photo])[0] for photo in photos]
    told = [compare(photo, picture) for photo, picture in zip(photos, painted, strict=True)]
    figures = {key: fmean(figures[key] for figures in told) for key in told[0]}
    figures["sharpness"] = fmean(map(detail, painted)) / max(fmean(map(detail, photos)), 1e-9)
    for key in probes:
        probe = FIGURES[key].probe
        assert probe is not None, f"{key} needs a clip"
        figures[key] = probe(painter, photos[0])
    return Candidate(name, figures, painted)
