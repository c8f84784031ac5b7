"""Clip: what a video file is beyond its frames, so that a painted copy can be the same."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import Any

from livestyle.colour import Colour

TRANSPARENT = ("yuva", "gbra", "rgba", "bgra", "argb", "abgr", "ya", "pal8")
"""Beginnings of the names of formats that have transparency."""

LENIENT: dict[str, Any] = {"metadata_errors": "replace"} if version("av") < "19" else {}
"""What lets PyAV open files whose tags are no UTF-8; from 19 on it does so by itself."""


@dataclass(frozen=True)
class Mastering:
    """What an HDR video says about its making; each empty when it does not say.

    Attributes:
        primaries: x and y of red, green, blue and white, in units of 1/50000.
        luminance: least and greatest of the display, in units of 0.0001 cd/m².
        levels: greatest light of a pixel and greatest average of a frame, in cd/m².
    """

    primaries: tuple[int, ...] = ()
    luminance: tuple[int, ...] = ()
    levels: tuple[int, ...] = ()


@dataclass(frozen=True)
class Clip:
    """A video file, or a cut from it.

    Attributes:
        path: of the file.
        stream: number of the video stream in it.
        time_base: unit of its frames' times, in seconds.
        rate: frames per second on average; 0 when unknown.
        colour: what its pixels mean.
        format: how it stores them, as FFmpeg names it: ``yuv420p10le``.
        sample_aspect_ratio: width to height of one pixel, upright; 0 when unknown.
        origin: the time in the file, in time_base units, that is 0 in a copy.
        mastering: of HDR.
        start_seconds, end_seconds: of the cut, as times in the file; end None: to the end of the file.
        first_seconds: when its first frame is shown, as a time in the file.
        sought: the tick of the video stream to go to for the start; None: the beginning of the file.
    """

    path: Path
    stream: int
    time_base: Fraction
    rate: Fraction
    colour: Colour
    format: str
    sample_aspect_ratio: Fraction
    origin: int = 0
    start_seconds: float | None = None
    end_seconds: float | None = None
    first_seconds: float = 0.0
    sought: int | None = None
    mastering: Mastering | None = None

    @property
    def alpha(self) -> bool:
        """True when the format has transparency."""
        return self.format.startswith(TRANSPARENT)
