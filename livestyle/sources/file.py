"""FileSource: the frames of a video file."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import NoReturn

import av

from livestyle.clip import Clip
from livestyle.colour import FULL, RGB, Colour
from livestyle.errors import SourceUnavailable, UsageError
from livestyle.frame import Frame, StreamInfo
from livestyle.sources.decode import choose_video, decode, open_container
from livestyle.sources.planes import read_original

SEEK_MARGIN_SECONDS = 1.0
"""Files are sought by the time of decoding, which may be some frames earlier than that of presentation."""

BROADCAST = {"mpegts", "mpeg", "vob"}
"""Containers whose clock starts anywhere: their copies start at 0."""


class FileSource:
    """Yields the frames of a video file, each once, at the time that the file gives it.

    A file that is damaged or breaks off is decoded as far as it goes, with a warning in the log.

    Attributes:
        info: size, rate and length.
        clip: what a copy of the file needs to know.

    Args:
        path: of the file.
        start_seconds: leave out what comes before, counted from the start of the file.
        duration_seconds: leave out what comes after so many seconds; None: to the end.

    Raises:
        SourceUnavailable: no such file, not a video, or not one frame in it can be decoded.
    """

    def __init__(
        self, path: Path, *, start_seconds: float = 0.0, duration_seconds: float | None = None
    ) -> None:
        if start_seconds < 0 or (duration_seconds is not None and duration_seconds <= 0):
            raise UsageError("--start must be at least 0 seconds, and --duration more than 0")
        self.path = path
        self._container = open_container(path)
        with ExitStack() as undo:
            undo.callback(self.close)
            self._stream = choose_video(self._container, path)
            begin = (self._container.start_time or 0) / 1_000_000
            self._start_seconds = begin + start_seconds if start_seconds else None
            self._end_seconds = None if duration_seconds is None else begin + start_seconds + duration_seconds
            self._decoded = self._cut()
            self._first = next(self._decoded, None) or self._nothing_to_see(start_seconds)
            undo.pop_all()
        # All is read now: PyAV crashes when a stream is asked after its container was closed.
        self._time_base, self._colour = self._read_time_base(), read_colour(self._first)
        self.info = self._read_info()
        self.clip = self._read_clip()
        self._decoded = chain([self._first], self._decoded)

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames in order of presentation; once only."""
        for index, decoded in enumerate(self._decoded):
            original = read_original(self._fit(decoded), self._colour)
            yield Frame(
                pixels=original.pixels,
                index=index,
                pts_seconds=float((decoded.pts or 0) * self._time_base),
                captured_at=time.perf_counter(),
                duration_seconds=float((decoded.duration or 0) * self._time_base),
                original=original,
            )

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()

    def _read_info(self) -> StreamInfo:
        """Return size, rate and length."""
        cut = self._start_seconds is not None or self._end_seconds is not None
        count = None if cut else self._stream.frames or None
        return StreamInfo(self._first.width, self._first.height, float(self._read_rate()), False, count)

    def _read_clip(self) -> Clip:
        """Return what a copy of the file needs to know."""
        return Clip(
            path=self.path,
            time_base=self._time_base,
            rate=self._read_rate(),
            colour=self._colour,
            format=self._first.format.name,
            sample_aspect_ratio=Fraction(self._stream.sample_aspect_ratio or 0),
            origin=self._origin(),
            start_seconds=self._start_seconds,
            end_seconds=self._end_seconds,
        )

    def _read_time_base(self) -> Fraction:
        return Fraction(self._stream.time_base or Fraction(1, 90000))

    def _read_rate(self) -> Fraction:
        return Fraction(self._stream.average_rate or self._stream.guessed_rate or 0)

    def _ticks(self, seconds: float) -> int:
        """Return the first tick that is not before *seconds*."""
        return math.ceil(round(seconds / self._read_time_base(), 6))

    def _origin(self) -> int:
        """Return the time in the file that is 0 in a copy, in units of its time base."""
        if self._start_seconds is not None:
            return self._ticks(self._start_seconds)
        if self._container.format.name in BROADCAST:
            return self._ticks((self._container.start_time or 0) / 1_000_000)
        return 0

    def _cut(self) -> Iterator[av.VideoFrame]:
        """Yield the decoded frames from start to end."""
        start = None if self._start_seconds is None else self._ticks(self._start_seconds)
        end = None if self._end_seconds is None else self._ticks(self._end_seconds)
        for frame in self._decode_from(start):
            assert frame.pts is not None
            if end is not None and frame.pts >= end:
                return
            if start is None or frame.pts >= start:
                yield frame

    def _decode_from(self, start: int | None) -> Iterator[av.VideoFrame]:
        """Yield the frames from *start* or some time before it, each later than the one before."""
        if start is not None:
            self._container.seek(start - self._ticks(SEEK_MARGIN_SECONDS), stream=self._stream)
            frames = self._decode()
            first = next(frames, None)
            if first is not None and first.pts is not None and first.pts <= start:
                return chain([first], frames)
            self._container.close()  # a file that cannot be sought in: from its beginning then
            self._container = open_container(self.path)
            self._stream = choose_video(self._container, self.path)
        return self._decode()

    def _decode(self) -> Iterator[av.VideoFrame]:
        self._stream.thread_type = "SLICE"  # by frames, PyAV loses those around a damaged one
        rate = self._read_rate()
        step = round(1 / rate / self._read_time_base()) if rate else 1
        return put_in_order(decode(self._container, self._stream), max(step, 1))

    def _fit(self, decoded: av.VideoFrame) -> av.VideoFrame:
        """Return *decoded* in the size and format of the first frame: some files change midway."""
        first = self._first
        if (decoded.width, decoded.height, decoded.format.name) == (
            first.width,
            first.height,
            first.format.name,
        ):
            return decoded
        return decoded.reformat(first.width, first.height, first.format.name)

    def _nothing_to_see(self, start_seconds: float) -> NoReturn:
        if start_seconds:
            raise SourceUnavailable(
                f"{self.path} has no frame after {start_seconds:g} s; give an earlier --start"
            )
        raise SourceUnavailable(f"not one frame in {self.path} can be decoded; is the file damaged?")


def put_in_order(frames: Iterator[av.VideoFrame], step: int) -> Iterator[av.VideoFrame]:
    """Yield *frames*, each with a time later than the one before; *step* apart where the file gives none."""
    last: int | None = None
    for frame in frames:
        given = frame.pts if frame.pts is not None else frame.dts
        if given is None:
            given = 0 if last is None else last + step
        frame.pts = last = given if last is None else max(given, last + 1)
        yield frame


def read_colour(frame: av.VideoFrame) -> Colour:
    """Return the colour tags of *frame*."""
    if frame.format.is_rgb or frame.format.has_palette:
        return Colour(frame.color_primaries, frame.color_trc, RGB, FULL)
    full = frame.format.name.startswith("yuvj") or frame.color_range == FULL
    return Colour(
        frame.color_primaries, frame.color_trc, frame.colorspace, FULL if full else frame.color_range
    )
