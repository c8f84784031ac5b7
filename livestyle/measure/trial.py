"""One trial: a style with its smoother off and on, or a clip that any program painted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from livestyle.errors import SourceUnavailable
from livestyle.frame import Frame, Pixels
from livestyle.measure.flicker import Playback, Source, Track, measure_clip, play, run_probes, summarize
from livestyle.sources import SOURCES, open_source
from livestyle.stylize.stylizer import Controls, Stylizer

Judge = Callable[[Pixels], float]
"""How far a picture is from the painting in style."""


@dataclass(frozen=True)
class Trial:
    """What was measured.

    Attributes:
        title: of what.
        facts: how, for people.
        figures: by column, then by name in ``FIGURES``.
        tracks: the clip, by painter; ``source`` is the clip itself.
    """

    title: str
    facts: str
    figures: dict[str, dict[str, float]]
    tracks: dict[str, Track]


def try_style(
    controls: Controls,
    clip: Path | None = None,
    stills: Sequence[Pixels] = (),
    frames: int = 60,
    device: str = "auto",
    judge: Judge | None = None,
    watch: Callable[[str], None] = lambda _: None,
) -> Trial:
    """Measure a style with its smoother off and on.

    Args:
        controls: the style, and the stability that is compared with 0.
        clip: a video file; None takes the test scene.
        stills: pictures for the probes, uint8 RGB; none takes the frame in the middle of the clip, as many
            begin and end in black.
        frames: how many frames of the clip at most.
        device: what paints.
        judge: tells the style distance, too.
        watch: told what is measured next; all of it can take a minute.

    Raises:
        UsageError: there is no such style or device.
        SourceUnavailable: there is no such clip, or its pictures are too few or too small.
    """
    scene = list(play(open_clip(clip), frames))
    painters = {
        f"stability {stability:g}": Stylizer(replace(controls, stability=stability), device)
        for stability in (0.0, controls.stability)
    }
    watch("the clip")
    tracks = measure_clip(scene, {"source": Source(), **painters})
    stills = stills or [scene[len(scene) // 2][0]]
    figures = {}
    for name, painter in painters.items():
        probed = run_probes(painter, stills, partial(report_probe, watch, name))
        figures[name] = probed | summarize(tracks[name], tracks["source"], judge)
    height, width, _ = scene[0][0].shape
    facts = (
        f"{len(scene)} frames of {clip.name if clip else 'the test scene'} at {width}×{height}; "
        f"probes on {len(stills)} still(s); {next(iter(painters.values())).description}"
    )
    return Trial(f"How steady is {controls.style}?", facts, figures, tracks)


def report_probe(watch: Callable[[str], None], painter: str, probe: str) -> None:
    """Tell *watch* which *probe* of which *painter* comes next."""
    watch(f"{probe}, {painter}")


def try_pair(original: Path, painted: Path, frames: int = 60, judge: Judge | None = None) -> Trial:
    """Measure what a painted clip shows beyond the motion of its original; see ``try_style``."""
    playback = Playback(frame.pixels for frame in open_clip(painted))
    tracks = measure_clip(play(open_clip(original), frames), {"source": Source(), painted.name: playback})
    figures = {name: summarize(track, tracks["source"], judge) for name, track in tracks.items()}
    facts = f"{len(tracks['source'].details)} frames of {original.name} and {painted.name}"
    return Trial(f"How steady is {painted.name}?", facts, figures, tracks)


def open_clip(path: Path | None) -> Iterator[Frame]:
    """Yield the frames of the file at *path*, or of the test scene.

    Raises:
        SourceUnavailable: there is no such file, or it is no video.
    """
    if path is None:
        source = SOURCES.load("pattern")(live=False)
    elif path.is_file():
        source = open_source(str(path))
    else:
        raise SourceUnavailable(f"no clip at {path}; give a video file")
    with closing(source):
        yield from source
