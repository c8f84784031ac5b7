"""URL source: rtsp, rtmp, http(s), hls, udp and srt streams, and the screen."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import av
import av.error
import numpy as np

from livestyle.errors import SourceUnavailable
from livestyle.frame import Frame, StreamInfo

TIMEOUT_SECONDS = 5.0
"""For a server to answer; streams that have begun are given less."""

READ_SECONDS = 2.0
"""Between two packets of a stream that has begun."""

LOW_DELAY = {"fflags": "nobuffer", "flags": "low_delay", "analyzeduration": "5000000"}
"""Keeps FFmpeg from gathering frames before it gives the first; times in microseconds."""


class UrlSource:
    """Yields what a network stream shows, always its newest picture.

    Args:
        given: ``rtsp://…``, ``rtmp://…``, ``http(s)://…``, ``udp://…`` or ``screen``.
        options: not used: a stream has the size and rate that it has.

    Raises:
        SourceUnavailable: nothing answers there, or it has no picture; so does iteration, when it is lost.
    """

    def __init__(self, given: str, **options: int | float) -> None:
        self._name = given if given == "screen" else hide_password(given)
        place, container_format, wishes = describe(given)
        try:
            self._container = av.open(
                place, format=container_format, options=wishes, timeout=(TIMEOUT_SECONDS, READ_SECONDS)
            )
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise SourceUnavailable(
                f"cannot open {self._name}: {reason(error)}; is the address right?"
            ) from error
        if not self._container.streams.video or not self._container.streams.video[0].codec_context.width:
            self.close()
            raise SourceUnavailable(f"{self._name} has no picture; give a stream with video")
        stream = self._container.streams.video[0]
        stream.thread_type = "SLICE"  # threads by frame would each hold one back
        self.info = StreamInfo(
            stream.codec_context.width,
            stream.codec_context.height,
            float(stream.average_rate or 30),
            live=True,
        )

    def __iter__(self) -> Iterator[Frame]:
        started, index = time.perf_counter(), 0
        try:
            for picture in self._container.decode(video=0):
                now = time.perf_counter()
                pixels = picture.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
                yield Frame(pixels, index, now - started, now)
                index += 1
        except (av.error.FFmpegError, OSError) as error:
            raise SourceUnavailable(f"{self._name} was lost: {reason(error)}") from error

    def close(self) -> None:
        """Hang up."""
        self._container.close()


def describe(given: str) -> tuple[str, str | None, dict[str, str]]:
    """Return what FFmpeg opens for *given*: the place, the format unless it can tell, and options.

    Raises:
        SourceUnavailable: the screen was asked for where there is none to be had.
    """
    if given == "screen":
        if not sys.platform.startswith("linux") or not os.environ.get("DISPLAY"):
            raise SourceUnavailable("the screen can be taken on Linux with X11 ($DISPLAY); elsewhere use OBS")
        return os.environ["DISPLAY"], "x11grab", {"framerate": "30", "draw_mouse": "0"}
    if urlsplit(given).scheme in ("rtsp", "rtsps"):
        return given, None, {**LOW_DELAY, "rtsp_transport": "tcp"}
    return given, None, LOW_DELAY


def hide_password(address: str) -> str:
    """Return *address* fit to be shown: without user, password and query, where keys are kept."""
    parts = urlsplit(address)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, place, parts.path, "", ""))


def reason(error: Exception) -> str:
    """Return what *error* says, without the address."""
    return (getattr(error, "strerror", None) or str(error)).lower()
