"""Where frames come from: the contract, the table, the opener."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import cv2  # noqa: F401 (before PyAV, whose parts of xcb would keep OpenCV's windows from opening)

from livestyle.errors import SourceUnavailable
from livestyle.frame import Frame, StreamInfo
from livestyle.registry import Part, Table


class Source(Protocol):
    """Yields frames.

    ``next`` returns or raises within about a second: a dead camera raises, it never blocks for ever.
    """

    @property
    def info(self) -> StreamInfo:
        """Size, rate, and whether frames are dropped (live) or waited for."""

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames in order of presentation; once only."""

    def close(self) -> None:
        """Let go of the file or device. May be called twice."""


SOURCES = Table(
    "source",
    {
        "camera": Part(
            "livestyle.sources.camera:CameraSource", "a webcam or capture card, by number or name"
        ),
        "file": Part("livestyle.sources.file:FileSource", "a video file"),
        "url": Part("livestyle.sources.url:UrlSource", "rtsp, rtmp, srt, http, hls and udp streams"),
        "screen": Part("livestyle.sources.screen:ScreenSource", "what an X server's screen shows"),
        "pattern": Part("livestyle.sources.pattern:PatternSource", "a moving test scene"),
    },
)


def open_source(given: str, **options: Any) -> Source:
    """Open what a user gave: a video file, a camera's number or name, an address, ``screen`` or ``pattern``.

    Args:
        given: as typed by the user.
        options: passed on to the class in the table.

    Raises:
        SourceUnavailable: it cannot be opened.
    """
    if not given:
        raise SourceUnavailable("the name of the source is empty; give a video file, a camera or 'pattern'")
    if given in ("pattern", "screen"):
        return SOURCES.load(given)(**options)
    if "://" in given:
        return SOURCES.load("url")(given, **options)
    if Path(given).is_dir():
        raise SourceUnavailable(f"{given} is a folder; give a video file, a camera or 'pattern'")
    if Path(given).is_file():
        return SOURCES.load("file")(Path(given), **options)
    return SOURCES.load("camera")(given, **options)
