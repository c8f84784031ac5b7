"""FileSource: the frames of a video file."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import NoReturn

import av

from livestyle.clip import Clip
from livestyle.colour import BT709, FULL, LIMITED, RGB, UNKNOWN, Colour
from livestyle.errors import SourceUnavailable, UsageError
from livestyle.frame import Bookmark, Frame, StreamInfo, digest_of
from livestyle.numbering import Numbering, name_files
from livestyle.settings import ReadSettings
from livestyle.sources.decode import USUAL_RATE, Decoder
from livestyle.sources.dolby import check_dolby_vision
from livestyle.sources.mastering import read_mastering
from livestyle.sources.numbered import widen
from livestyle.sources.planes import read_original
from livestyle.sources.upright import apply, choose_filters, deinterlace, fit, parse_size, resample

log = logging.getLogger(__name__)

LEAD_SECONDS = 1.0
"""Before a frame that is sought: filters look at its neighbours."""

LONGEST_SECONDS = 1e9
"""Of a cut: thirty years, which all clocks of files have room for."""


class FileSource:
    """Yields the frames of a video file, each once, upright, at the time that the file gives it.

    A file that is damaged or breaks off is decoded as far as it goes, with a warning in the log.

    Attributes:
        info: size, rate and length.
        clip: what a copy of the file needs to know.

    Args:
        path: of the file, or with ``%05d`` for the numbers of pictures.
        settings: what to change on the way; nothing, unless said.
        start_seconds: leave out what comes before, counted from the start of the file.
        duration_seconds: leave out what comes after so many seconds; None: to the end.
        bookmark: begin after this frame: all up to it were painted before.

    Raises:
        SourceUnavailable: no such file, not a video, or not one frame in it can be decoded.
        UsageError: a setting makes no sense.
    """

    def __init__(
        self,
        path: Path,
        settings: ReadSettings = ReadSettings(),  # noqa: B008 (frozen)
        *,
        start_seconds: float = 0.0,
        duration_seconds: float | None = None,
        bookmark: Bookmark | None = None,
    ) -> None:
        check_cut(start_seconds, duration_seconds)
        self.path = path
        self._settings = settings
        self._bookmark = bookmark
        if Numbering.of(path):
            rate = Fraction(settings.fps or 0).limit_denominator(1001)
            self._decoder = Decoder(path, rate or USUAL_RATE)
            self._settings = replace(settings, fps=None)
            if not rate:
                log.warning("pictures tell no rate: 25 frames per second are taken; --fps says another")
        else:
            self._decoder = Decoder(path)
        with ExitStack() as undo:
            undo.callback(self.close)
            check_dolby_vision(self._decoder.stream, path)
            begin = self._decoder.begin_seconds
            self._start_seconds = begin + start_seconds if start_seconds else None
            self._end_seconds = None if duration_seconds is None else begin + start_seconds + duration_seconds
            decoded = self._decode(self._start_seconds)
            first = next(decoded, None) or self._nothing_to_see(start_seconds)
            self._model = first = widen(first, name_files(path)) if Numbering.of(path) else first
            self._colour = read_colour(first, self._decoder.colour)
            self._shown = self._shape(chain([first], decoded), first)
            self._first = next(self._shown, None) or self._nothing_to_see(start_seconds)
            kind = self._first.format.name
            if self._colour.hdr and settings.hdr == "keep" and not kind.startswith("yuv"):
                raise UsageError(f"HDR can be kept of YUV alone, not of {kind}; leave out --hdr keep")
            if self._first.height != first.height and self._colour.matrix != RGB:
                self._colour = self._colour.settled(first.height)  # else all would guess by the new height
            undo.pop_all()
        self._shown = chain([self._first], self._shown)
        self.clip = self._describe(first)
        self.info = StreamInfo(
            self._first.width, self._first.height, float(self.clip.rate), False, self._count()
        )

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames in order of presentation; once only."""
        return self._frames(self._shown) if self._bookmark is None else self._frames_after(self._bookmark)

    def _frames_after(self, mark: Bookmark) -> Iterator[Frame]:
        """Yield the frames after *mark*: the file is sought there, and read from its beginning if that fails.

        Not every file comes to the same pictures when it is sought in: the marked one must be found again.
        """
        near = max(mark.pts_seconds - LEAD_SECONDS, self._start_seconds or -math.inf)
        frames = self._frames(self._shape(self._decode(near), self._model))
        last = next((frame for frame in frames if frame.pts_seconds >= mark.pts_seconds), None)
        if not (last and last.pts_seconds == mark.pts_seconds and digest_of(last.pixels) == mark.digest):
            frames = self._frames(self._shape(self._decode(self._start_seconds), self._model))
            next(islice(frames, mark.frames - 1, None), None)
        for index, frame in enumerate(frames, mark.frames):
            yield replace(frame, index=index)

    def _frames(self, shown: Iterator[av.VideoFrame]) -> Iterator[Frame]:
        """Yield *shown* as frames, counted from 0."""
        for index, (decoded, pts, duration) in enumerate(self._timed(shown)):
            original = read_original(decoded, self._colour)
            kept = original if original.colour.hdr == self.clip.colour.hdr else None
            yield Frame(
                pixels=original.pixels,
                index=index,
                pts_seconds=float(pts * self.clip.time_base),
                captured_at=time.perf_counter(),
                duration_seconds=float(duration * self.clip.time_base),
                original=kept,
            )

    def close(self) -> None:
        """Let go of the file."""
        self._decoder.close()

    def _decode(self, start_seconds: float | None) -> Iterator[av.VideoFrame]:
        ends = (start_seconds, self._end_seconds)
        start, end = (None if seconds is None else self._decoder.ticks(seconds) for seconds in ends)
        return self._decoder.frames(start, end)

    def _shape(self, decoded: Iterator[av.VideoFrame], first: av.VideoFrame) -> Iterator[av.VideoFrame]:
        """Return *decoded* as they are to be seen; *first* is the first of them."""
        frames = fit(decoded, first, (first.width, first.height))  # some files change midway
        if self._settings.deinterlace:
            frames = deinterlace(frames)
        filters = choose_filters(first)
        self._sideways = any("transpose" in text for text in filters)
        if filters:
            frames = apply(filters, frames, first)
        if self._settings.size:
            first = next(frames, None) or self._nothing_to_see(0)
            frames = fit(
                chain([first], frames), first, parse_size(self._settings.size, first.width, first.height)
            )
        return frames

    def _timed(self, shown: Iterator[av.VideoFrame]) -> Iterator[tuple[av.VideoFrame, int, int]]:
        """Yield the frames *shown* with time and duration, in units of the clip's time base."""
        if not self._settings.fps:
            for frame in shown:
                yield frame, frame.pts or 0, frame.duration or 0
            return
        rate, unit = self._decoder.rate or Fraction(25), self._decoder.time_base
        for index, (frame, tick) in enumerate(resample(shown, self.clip.rate, round(1 / rate / unit))):
            if index and self._end_seconds is not None and tick / self.clip.rate >= self._end_seconds:
                return  # what is seen there goes on beyond the cut
            yield frame, tick, 1

    def _describe(self, first: av.VideoFrame) -> Clip:
        """Return what a copy of the file needs to know; *first* as it was decoded."""
        decoder, settings = self._decoder, self._settings
        rate = Fraction(settings.fps).limit_denominator(1001) if settings.fps else decoder.rate
        unit = 1 / rate if settings.fps else decoder.time_base
        first_seconds = float((first.pts or 0) * decoder.time_base)
        origin = self._start_seconds or (
            min(decoder.begin_seconds, first_seconds) if decoder.broadcast else 0.0
        )
        aspect = decoder.sample_aspect_ratio
        clip = Clip(
            path=self.path,
            stream=decoder.index,
            time_base=unit,
            rate=rate,
            colour=self._colour,
            format=self._first.format.name,
            sample_aspect_ratio=1 / aspect if aspect and self._sideways else aspect,
            origin=round(origin / unit) if settings.fps else decoder.ticks(origin),
            start_seconds=self._start_seconds,
            end_seconds=self._end_seconds,
            first_seconds=first_seconds,
            sought=decoder.sought,
            mastering=read_mastering(first),
        )
        if self._colour.hdr and not clip.format.startswith("yuv"):
            log.warning("HDR in %s is not tone-mapped: its numbers are taken as they are", clip.format)
            return replace(clip, colour=replace(self._colour, transfer=BT709), mastering=None)
        if self._colour.hdr and settings.hdr == "tone-map":
            sampling = "420" if "420" in clip.format else "422" if "422" in clip.format else "444"
            log.warning("HDR is tone-mapped to SDR (BT.709); --hdr keep keeps it")
            sdr = Colour(BT709, BT709, BT709, LIMITED)
            return replace(clip, colour=sdr, format=f"yuv{sampling}p", mastering=None)
        return clip

    def _count(self) -> int | None:
        """Return how many frames to expect, about; None when nobody knows."""
        decoder = self._decoder
        if (
            self._start_seconds is None
            and self._end_seconds is None
            and not self._settings.fps
            and decoder.count
        ):
            return decoder.count
        begin, last = (
            self._start_seconds or decoder.begin_seconds,
            decoder.begin_seconds + decoder.duration_seconds,
        )
        ends = [
            end for end in (self._end_seconds, last if decoder.duration_seconds else None) if end is not None
        ]
        end = min(ends, default=begin)
        return max(round((end - begin) * self.clip.rate), 1) if end > begin and self.clip.rate else None

    def _nothing_to_see(self, start_seconds: float) -> NoReturn:
        beyond = 0 < self._decoder.duration_seconds <= start_seconds
        if self._end_seconds is not None and not beyond:
            raise SourceUnavailable(
                f"{self.path} shows nothing between {start_seconds:g} s and "
                f"{self._end_seconds - self._decoder.begin_seconds:g} s; give a longer --duration"
            )
        if start_seconds:
            raise SourceUnavailable(
                f"{self.path} has no frame after {start_seconds:g} s; give an earlier --start"
            )
        raise SourceUnavailable(f"not one frame in {self.path} can be decoded; is the file damaged?")


def check_cut(start_seconds: float, duration_seconds: float | None) -> None:
    """Raise UsageError when no cut begins and lasts so long; NaN is in no range."""
    longest = f"at most {LONGEST_SECONDS:.0f}"
    if not 0 <= start_seconds <= LONGEST_SECONDS:
        raise UsageError(f"--start must be at least 0 seconds, {longest}, not {start_seconds:g}")
    if duration_seconds is not None and not 0 < duration_seconds <= LONGEST_SECONDS:
        raise UsageError(f"--duration must be more than 0 seconds, {longest}, not {duration_seconds:g}")


def read_colour(frame: av.VideoFrame, file: Colour) -> Colour:
    """Return the colour tags of *frame*; where it has none, those of the *file*."""
    primaries = file.primaries if frame.color_primaries == UNKNOWN else frame.color_primaries
    transfer = file.transfer if frame.color_trc == UNKNOWN else frame.color_trc
    if frame.format.is_rgb or frame.format.has_palette:
        return Colour(primaries, transfer, RGB, FULL)
    matrix = file.matrix if frame.colorspace == UNKNOWN else frame.colorspace
    full = frame.format.name.startswith("yuvj") or frame.color_range == FULL
    return Colour(primaries, transfer, matrix, FULL if full else frame.color_range or file.range)
