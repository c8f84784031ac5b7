"""Opens video files and decodes them as far as they go."""

from __future__ import annotations

import logging
import math
import re
import stat
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import av.container
from av.stream import Discard, Disposition

from livestyle.address import hide_secrets
from livestyle.clip import LENIENT
from livestyle.colour import Colour
from livestyle.errors import SourceUnavailable
from livestyle.joins import BROADCAST, Joins
from livestyle.numbering import Numbering

log = logging.getLogger(__name__)

TEXT_FORMATS = {"tty", "bin", "xbin", "adf", "idf"}
"""FFmpeg shows text files as videos; we do not."""

SEEK_MARGIN_SECONDS = 1.0
"""Files are sought by the time of decoding, which may be some frames earlier than that of presentation."""

MISSING_SECONDS = 1.0
"""By which a file may end earlier than it says."""

ANIMATED = 20
"""Where a WebP says in a byte whether it moves."""

RAW_TIME_BASE = Fraction(1, 1_200_000)
"""That FFmpeg gives to what has no times."""

USUAL_RATE = Fraction(25)
"""Of pictures, in frames per second."""


def open_container(path: Path, rate: Fraction = USUAL_RATE) -> av.container.InputContainer:
    """Open the media file at *path*, or the pictures that it names; close what is returned.

    Args:
        path: of the file, or with ``%05d`` for the numbers of pictures.
        rate: of pictures, which tell none.

    Raises:
        SourceUnavailable: there is none, or it cannot be read.
    """
    numbering = Numbering.of(path)
    if numbering:
        return open_pictures(numbering, rate)
    check_file(path)
    try:
        container = av.open(
            f"file:{path}", **LENIENT
        )  # file: keeps a colon in the name from meaning a protocol
    except OSError as error:
        raise SourceUnavailable(f"cannot open {path}: {explain(error)}") from error
    except (ValueError, EOFError) as error:  # av's own InvalidDataError and EOFError are such
        raise SourceUnavailable(
            f"{path} is not a video, or is damaged from the start; give a video file"
        ) from error
    if container.format.name in TEXT_FORMATS:
        container.close()
        raise SourceUnavailable(f"{path} is not a video, it is text; give a video file")
    return container


def check_file(path: Path) -> None:
    """Raise SourceUnavailable unless *path* is a file, and perhaps a video, with what to do."""
    address = re.sub(r"^([a-z0-9+.-]{2,}):/+", r"\1://", path.as_posix())  # a path has lost a slash
    try:
        there = path.exists()
        if "://" in address and not there:
            raise SourceUnavailable(
                f"{hide_secrets(address)} is an address; videos are read from files: download it, or play it "
                "with: livestyle webcam --camera"
            )
        if path.is_dir():
            raise SourceUnavailable(f"{path} is a folder; give a video file, or pictures: {path}/%05d.png")
        if (str(path) == "-" and not there) or not stat.S_ISREG(path.stat().st_mode):
            raise SourceUnavailable(
                f"{path} is a pipe or a device; videos are read from files: write it to one first; cameras "
                "are painted by: livestyle webcam --camera"
            )
        with path.open("rb") as file:
            head = file.read(ANIMATED + 1)
    except OSError as error:
        raise SourceUnavailable(f"cannot open {path}: {explain(error)}") from error
    if not head:
        raise SourceUnavailable(f"{path} is empty; give a video file")
    if head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and head[ANIMATED:] and head[ANIMATED] & 0b10:
        raise SourceUnavailable(f"{path} is an animated WebP, which is not read; convert it to GIF or mp4")


def open_pictures(numbering: Numbering, rate: Fraction) -> av.container.InputContainer:
    """Open numbered pictures as a video; as ``open_container``."""
    numbers = numbering.there()
    if not numbers:
        raise SourceUnavailable(f"no pictures named {numbering.pattern}, like {numbering.name(1)}")
    missing = set(range(numbers[0], numbers[-1])) - set(numbers)
    if missing:
        first, last = (numbering.name(number) for number in (numbers[0], numbers[-1]))
        raise SourceUnavailable(
            f"of the pictures from {first} to {last} {len(missing)} are missing, the first is"
            f" {numbering.name(min(missing))}; number them without a gap"
        )
    options = {"framerate": str(rate), "start_number": str(numbers[0])}
    try:
        return av.open(f"file:{numbering.escaped}", format="image2", options=options)
    except (OSError, ValueError, EOFError) as error:
        raise SourceUnavailable(f"{numbering.name(numbers[0])} is not a picture that can be read") from error


def explain(error: OSError) -> str:
    """Return what the system says is wrong, in lower case."""
    return (error.strerror or str(error)).lower()


def choose_video(container: av.container.InputContainer, path: Path) -> av.VideoStream:
    """Return the video stream to paint: the first that is marked as default, never a cover picture.

    Raises:
        SourceUnavailable: there is none that can be decoded.
    """
    moving = [
        stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic
    ]
    if not moving:
        raise SourceUnavailable(f"{path} has no video, only {list_types(container)}; give a video file")
    known = [stream for stream in moving if stream.codec_context is not None]
    if not known:
        raise SourceUnavailable(
            f"the video in {path} is of a kind that FFmpeg does not know; convert it first"
        )
    return next((stream for stream in known if stream.disposition & Disposition.default), known[0])


def choose_rate(stream: av.VideoStream) -> Fraction:
    """Return how many frames of *stream* come in a second on average; 0 when unknown."""
    average, guessed = (Fraction(rate or 0) for rate in (stream.average_rate, stream.guessed_rate))
    # Raw DV names its clock where others name their average: 60000; raw H.264 and HEVC have neither.
    clock = stream.time_base and average * stream.time_base == 1
    clockless = stream.time_base == RAW_TIME_BASE and guessed
    return guessed if not average or clockless or (clock and 0 < guessed < average) else average


def list_types(container: av.container.InputContainer) -> str:
    """Return what kinds of streams there are, in words."""
    kinds = sorted(
        {"a cover picture" if stream.type == "video" else stream.type for stream in container.streams}
    )
    return " and ".join(kinds) or "unreadable streams"


class Decoder:
    """Decodes the video stream of a file, and knows what the file says about it.

    Args:
        path: of the file, or of numbered pictures.
        rate: of pictures.

    Attributes:
        stream: that is decoded; not to be asked once the file is closed.
        index: number of the stream in the file.
        colour: the tags of the file, where its frames have none.
        time_base: unit of the frames' times, in seconds.
        rate: frames per second on average; 0 when unknown.
        count: how many frames the file says it has; None when it does not.
        sample_aspect_ratio: width to height of one pixel; 0 when unknown.
        duration_seconds: of the file; 0 when it does not say.
        begin_seconds: when the first stream of the file begins.
        broadcast: whether the clock of the file starts anywhere.
        sought: the tick to go to for the frames that came last; None: the beginning of the file.

    Raises:
        SourceUnavailable: the file cannot be read, or has no video.
    """

    def __init__(self, path: Path, rate: Fraction = USUAL_RATE) -> None:
        self._path = path
        self._wanted_rate = rate
        self._read = False
        self.sought: int | None = None
        self._open()
        # All is read now: PyAV crashes when a stream is asked after its container was closed.
        stream = self.stream
        self.index = stream.index
        tags = stream.codec_context
        self.colour = Colour(tags.color_primaries, tags.color_trc, tags.colorspace, tags.color_range)
        self.time_base = Fraction(stream.time_base or Fraction(1, 90000))
        self.rate = choose_rate(stream)
        self.count = stream.frames or None
        self.sample_aspect_ratio = Fraction(stream.sample_aspect_ratio or 0)
        self.duration_seconds = (self._container.duration or 0) / 1_000_000
        self.begin_seconds = (self._container.start_time or 0) / 1_000_000
        self.broadcast = self._container.format.name in BROADCAST
        self._begins = stream.start_time or 0
        lasts = 0 if self.broadcast else stream.duration  # whose clock may begin anew midway
        self._ends = self._begins + (lasts or 0)

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()

    def ticks(self, seconds: float) -> int:
        """Return the first tick that is not before *seconds*."""
        return math.ceil(round(seconds / self.time_base, 6))

    def frames(self, start: int | None, end: int | None) -> Iterator[av.VideoFrame]:
        """Yield the frames from *start* to before *end*, in ticks, each later than the one before."""
        ends = None
        for frame in self._frames_around(start):
            assert frame.pts is not None
            if end is not None and frame.pts >= end:
                return
            ends = frame.pts + (frame.duration or 0)
            if start is None or frame.pts >= start:
                yield frame
        if ends is not None:
            self._tell_cut_off(ends, end)

    def _tell_cut_off(self, ends: int, wanted: int | None) -> None:
        """Tell in the log when there is much less in the file than it says, and than was *wanted*."""
        promised = self._ends if wanted is None else min(self._ends, wanted)
        if (promised - ends) * self.time_base > MISSING_SECONDS:
            done, all_of_it = (float((tick - self._begins) * self.time_base) for tick in (ends, self._ends))
            log.warning("%s is cut off: it ends after %.1f of %.1f s", self._path, done, all_of_it)

    def _open(self) -> None:
        self._container = open_container(self._path, self._wanted_rate)
        try:
            self.stream = choose_video(self._container, self._path)
        except SourceUnavailable:
            self._container.close()
            raise
        if self._container.format.name not in BROADCAST:  # whose sound tells where recordings were joined
            for stream in self._container.streams:
                if stream is not self.stream:  # else a file that breaks off ends where the first stream does
                    stream.discard = Discard.all
        self.stream.thread_type = "SLICE"  # by frames, PyAV loses those around a damaged one

    def _frames_around(self, start: int | None) -> Iterator[av.VideoFrame]:
        """Yield all frames from *start* on, and some before it."""
        if self._read and start is None:
            self._container.close()
            self._open()
        self._read, self.sought = True, None
        if start is not None:
            self.sought = max(start - self.ticks(SEEK_MARGIN_SECONDS), self.stream.start_time or 0)
            frames = self._seek(self.sought)
            first = next(frames, None)
            if first is not None and first.pts is not None and first.pts <= start:
                return chain([first], frames)
            self.sought = None
            self._container.close()  # a file that cannot be sought in: from its beginning then
            self._open()
        return self._all_frames()

    def _seek(self, tick: int) -> Iterator[av.VideoFrame]:
        """Return the frames from the key frame before *tick* on; none where the file cannot be sought in."""
        try:
            self._container.seek(tick, stream=self.stream)
        except (OSError, ValueError):
            return iter(())
        return self._all_frames()

    def _all_frames(self) -> Iterator[av.VideoFrame]:
        step = round(1 / self.rate / self.time_base) if self.rate else 1
        return put_in_order(decode(self._container, self.stream), max(step, 1))


def decode(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    """Yield each frame that can be decoded, in order; what is damaged is skipped and told at the end."""
    damaged = 0
    decoder = choose_decoder(stream)
    joins = Joins.of(container, stream)
    packets = container.demux([stream, *(container.streams.audio if joins else ())])
    while True:
        try:
            packet = next(packets, None)
        except (OSError, ValueError) as error:  # a file that breaks off
            log.warning("the file cannot be read to its end (%s); what comes before is used", error)
            return
        if packet is None:
            break
        if joins and packet.size:
            joins.place(packet)
        if packet.stream.index != stream.index:
            continue
        try:
            yield from decoder.decode(packet)
        except (ValueError, av.error.FFmpegError):
            damaged += 1
    if damaged:
        log.warning("damaged packets were skipped: %d", damaged)


def choose_decoder(stream: av.VideoStream) -> av.VideoCodecContext:
    """Return what decodes *stream*: for transparent VP8 and VP9 the decoder that knows of transparency."""
    name = {"vp8": "libvpx", "vp9": "libvpx-vp9"}.get(stream.codec_context.name)
    if name is None or stream.metadata.get("alpha_mode", stream.metadata.get("ALPHA_MODE")) != "1":
        return stream.codec_context
    decoder = av.CodecContext.create(name, "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.extradata = stream.codec_context.extradata
    return decoder


def put_in_order(frames: Iterator[av.VideoFrame], step: int) -> Iterator[av.VideoFrame]:
    """Yield *frames*, each with a time later than the one before; *step* apart where the file gives none."""
    last: int | None = None
    for frame in frames:
        given = frame.pts if frame.pts is not None else frame.dts
        if given is None:
            given = 0 if last is None else last + step
        frame.pts = last = given if last is None else max(given, last + 1)
        yield frame
