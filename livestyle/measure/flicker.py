"""How steady a painter is: the probes on stills, the warping error on a clip, and what was paid for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isnan, nan
from statistics import fmean

import cv2
import numpy as np

from livestyle.errors import SourceUnavailable
from livestyle.frame import Frame, Pixels
from livestyle.measure import probes
from livestyle.measure.look import contrast, detail
from livestyle.measure.probes import Painter, Probe
from livestyle.measure.warping import LEAST_SIDE, Motion, measure_motion, pull_back, warping_error

LONGER_SIDE = probes.WIDTH
"""Pixels; larger clips are measured scaled down to this."""

MOST_MOMENTS = 12
"""Pictures of a clip that are kept to be looked at."""


@dataclass(frozen=True)
class Figure:
    """One figure of the table.

    Attributes:
        title: its name for people.
        meaning: what it says, in words.
        scale: what it is multiplied by to be read: 1000 for thousandths.
        good: at most this is good; None where no bound makes sense.
        probe: measures it on a still; None where a clip is needed.
    """

    title: str
    meaning: str
    scale: float = 1
    good: float | None = None
    probe: Probe | None = None

    def tell(self, value: float | None) -> str:
        """Return *value* as people read it; nothing for None, and for NaN, which could not be measured."""
        return "" if value is None or isnan(value) else f"{value * self.scale:.2f}"


FIGURES = {
    "still_noise_gain": Figure(
        "still noise", "shimmer of a still scene, painted / filmed", 1, 0.5, probes.still_noise_gain
    ),
    "light_ramp_gain": Figure(
        "light ramp", "change under slowly growing light, painted / filmed", 1, 1.2, probes.light_ramp_gain
    ),
    "pan_error": Figure("pan ×1e-3", "boiling under a pan", 1000, 1.0, probes.pan_error),
    "coupling": Figure(
        "coupling ×1e-3", "repainting of what is far from any change", 1000, 1.0, probes.coupling
    ),
    "cut": Figure("cut ×1e-3", "old scene left in the first frame after a cut", 1000, 10, probes.cut_error),
    "drift": Figure("drift ×1e-3", "wandering of a scene without change", 1000, 10, probes.drift),
    "ghost": Figure("ghost ×1e-3", "left of a disc 0.2 s after it began to leave", 1000, 20, probes.ghost),
    "warping_error": Figure("E_warp ×1e-3", "change of the clip beyond its motion", 1000),
    "sharpness": Figure("sharpness", "fine detail, painted / filmed"),
    "contrast": Figure("contrast", "light against dark, painted / filmed"),
    "style_distance": Figure("style distance", "to the painting: 0 equal, 1 and more unrelated"),
    "content_distance": Figure("content distance", "to the photo: 0 equal; styles that ship have 0.8 to 3"),
}
"""All figures, in the order of the table. Blur, weak contrast and weak style would buy steadiness."""


@dataclass
class Track:
    """What was measured of one painter on a clip, frame by frame.

    Attributes:
        errors: warping error between each frame and the next, in [0, 1]².
        details, contrasts: of each frame; see ``measure.look``.
        moments: index of a frame, the frame, and how it differs from the next one once motion is undone.
    """

    errors: list[float] = field(default_factory=list)
    details: list[float] = field(default_factory=list)
    contrasts: list[float] = field(default_factory=list)
    moments: list[tuple[int, Pixels, Pixels]] = field(default_factory=list)


class Playback:
    """A painter that plays an existing clip, frame by frame."""

    def __init__(self, pictures: Iterator[Pixels]) -> None:
        self._pictures = pictures

    def stylize(self, pixels: Pixels, elapsed_seconds: float = 0.0) -> Pixels:
        """Return the next picture of the clip, in the size of *pixels*; StopIteration after the last."""
        return fit(next(self._pictures), pixels.shape[1], pixels.shape[0])

    def reset(self) -> None:
        """Do nothing: what is painted already cannot change."""


class Source:
    """The painter that changes nothing: what the measure itself sees in a clip."""

    def stylize(self, pixels: Pixels, elapsed_seconds: float = 0.0) -> Pixels:
        """Return *pixels*."""
        return pixels

    def reset(self) -> None:
        """Do nothing."""


def run_probes(
    painter: Painter, stills: Iterable[Pixels], watch: Callable[[str], None] = lambda _: None
) -> dict[str, float]:
    """Return the figures of all probes, each the mean over *stills*; *watch* is told the title of each."""
    stills, figures = list(stills), {}
    for name, figure in FIGURES.items():
        if figure.probe:
            watch(figure.title)
            figures[name] = fmean(figure.probe(painter, still) for still in stills)
    return figures


def play(frames: Iterable[Frame], limit: int) -> Iterator[tuple[Pixels, float]]:
    """Yield up to *limit* pictures, scaled to be measured, with the seconds since the one before."""
    last: float | None = None
    for number, frame in enumerate(frames):
        if number == limit:
            return
        scale = min(1.0, LONGER_SIDE / max(frame.pixels.shape))
        height, width = (max(1, round(side * scale)) for side in frame.pixels.shape[:2])
        yield fit(frame.pixels, width, height), 0.0 if last is None else frame.pts_seconds - last
        last = frame.pts_seconds


def measure_clip(clip: Iterable[tuple[Pixels, float]], painters: Mapping[str, Painter]) -> dict[str, Track]:
    """Let each painter paint *clip* and measure what comes out.

    Args:
        clip: pictures of one size, uint8 RGB, and the seconds since the one before.
        painters: by the names that their tracks get. The first that has no more pictures ends the clip.

    Raises:
        SourceUnavailable: fewer than two pictures: nothing can flicker; or such small ones that no motion
            is found.
    """
    tracks = {name: Track() for name in painters}
    before: Pixels | None = None
    painted_before: dict[str, Pixels] = {}
    for index, (pixels, elapsed) in enumerate(clip):
        height, width = pixels.shape[:2]
        if min(height, width) < LEAST_SIDE:
            raise SourceUnavailable(
                f"no motion can be seen in {width}×{height}; each side needs {LEAST_SIDE} pixels"
            )
        try:
            painted = {name: painter.stylize(pixels, elapsed) for name, painter in painters.items()}
        except StopIteration:
            break
        for name, track in tracks.items():
            track.details.append(detail(painted[name]))
            track.contrasts.append(contrast(painted[name]))
        if before is not None:
            motion = measure_motion(before, pixels)
            for name, track in tracks.items():
                add_pair(track, motion, painted_before[name], painted[name], index - 1)
        before, painted_before = pixels, painted
    if not any(track.errors for track in tracks.values()):
        raise SourceUnavailable("a clip needs at least two frames to flicker")
    return tracks


def add_pair(track: Track, motion: Motion, earlier: Pixels, later: Pixels, index: int) -> None:
    """Add to *track* what two neighbouring frames show; keep a few of them, evenly spread."""
    track.errors.append(warping_error(motion, earlier, later))
    stride = 1 if len(track.moments) < 2 else track.moments[1][0] - track.moments[0][0]
    if index % stride:
        return
    expected = pull_back(later.astype(np.float32), motion.flow)
    apart = np.abs(earlier - expected) * motion.seen[..., None]
    track.moments.append((index, earlier, np.clip(np.rint(apart), 0, 255).astype(np.uint8)))
    if len(track.moments) > MOST_MOMENTS:
        del track.moments[1::2]


def summarize(
    track: Track, source: Track, judge: Callable[[Pixels], float] | None = None
) -> dict[str, float]:
    """Return the figures of a clip; the warping error is NaN where no two frames show the same.

    Args:
        track: of the painter.
        source: of ``Source`` on the same clip.
        judge: how far a picture is from the painting; None leaves style distance out.
    """
    known = [error for error in track.errors if not isnan(error)]
    figures = {
        "warping_error": fmean(known) if known else nan,
        "sharpness": fmean(track.details) / max(fmean(source.details), 1e-9),
        "contrast": fmean(track.contrasts) / max(fmean(source.contrasts), 1e-9),
    }
    if judge is not None:
        figures["style_distance"] = fmean(judge(picture) for _, picture, _ in track.moments)
    return figures


def fit(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return *pixels* scaled to *width* × *height*."""
    if pixels.shape[:2] == (height, width):
        return pixels
    method = cv2.INTER_AREA if pixels.shape[1] > width else cv2.INTER_CUBIC
    return cv2.resize(pixels, (width, height), interpolation=method).astype(np.uint8, copy=False)
