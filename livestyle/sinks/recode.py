"""Re-encodes sound and subtitles that a container cannot hold as they are."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias, cast

import av
import av.container
import numpy as np
from av.audio.resampler import AudioResampler
from av.stream import Stream
from av.subtitles.codeccontext import SubtitleCodecContext
from av.subtitles.stream import SubtitleStream

from livestyle.sinks.audio import keep_time

if TYPE_CHECKING:
    Packet: TypeAlias = av.Packet[Any]

log = logging.getLogger(__name__)

TEXT = {"mov_text", "srt", "subrip", "ass", "ssa", "webvtt", "text"}
TEXT_OF = {"mp4": "mov_text", "mov": "mov_text", "matroska": "subrip", "webm": "webvtt"}
"""What text subtitles become, by container."""

LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
"""What so many channels usually are."""


LONGEST_SILENCE_SECONDS = 600.0
"""Between two pieces of sound, as a single one may tell."""


class Recoder(Protocol):
    """Turns packets of one stream into packets of another."""

    target: Stream

    def recode(self, packet: Packet, origin: int) -> Iterator[Packet]:
        """Yield what is ready once *packet* is in; *origin*, in its unit, becomes time 0."""

    def finish(self) -> Iterator[Packet]:
        """Yield what is still held."""


class SoundRecoder:
    """Re-encodes sound; what is missing or cannot be decoded is silent.

    Args:
        output: gets a new stream, ``target``.
        encoder: as FFmpeg names it.
        rate: in samples per second.
        layout: of the channels.
    """

    def __init__(self, output: av.container.OutputContainer, encoder: str, rate: int, layout: str) -> None:
        target = cast(av.AudioStream, output.add_stream(encoder, rate=rate, layout=layout))
        self.target: Stream = target
        self._encoder = target.codec_context
        self._encoder.time_base = Fraction(1, rate)
        self._kind: tuple[str, str, int] | None = None
        self._resampler = AudioResampler()
        self._origin_seconds = Fraction(0)
        self._next: int | None = None
        self._doubted: int | None = None

    @classmethod
    def of(cls, source: av.AudioStream, output: av.container.OutputContainer, encoder: str) -> Self | None:
        """Return a recoder for *source*; None when nothing decodes it, or *encoder* takes nothing like it."""
        if source.codec_context is None or not source.rate:
            return None
        rates = av.Codec(encoder, "w").audio_rates or [source.rate]
        rate = min(rates, key=lambda known: (abs(known - source.rate), -known))
        channels = len(source.layout.channels) or source.channels
        for layout in (source.layout.name, LAYOUTS.get(channels, "stereo"), "stereo"):
            if sounds(encoder, rate, layout):
                return cls(output, encoder, rate, layout)
        return None

    def recode(self, packet: Packet, origin: int) -> Iterator[Packet]:
        """Yield what is ready once *packet* is in; *origin*, in its unit, becomes time 0."""
        try:
            frames = cast(list[av.AudioFrame], packet.decode())
        except av.error.FFmpegError:  # damaged
            return
        self._origin_seconds = origin * Fraction(packet.time_base)
        wanted = self._encoder
        for frame in frames:
            kind = (frame.format.name, frame.layout.name, frame.sample_rate)
            if kind != self._kind:  # the first, or the stream has changed midway
                yield from self._flush()
                self._kind = kind
                self._resampler = AudioResampler(wanted.format, wanted.layout, wanted.rate)
            for ready in self._resampler.resample(frame):
                yield from self._place(ready)

    def _flush(self) -> Iterator[Packet]:
        """Yield what is ready once the resampler holds nothing more."""
        for frame in self._resampler.resample(None):
            yield from self._place(frame)

    def _place(self, frame: av.AudioFrame) -> Iterator[Packet]:
        """Yield what is ready once *frame* is in, heard when it says, whatever is missing before it."""
        begins = self._next or 0
        if frame.pts is not None and frame.time_base is not None:
            begins = round((frame.pts * frame.time_base - self._origin_seconds) * frame.sample_rate)
        if self._next is None:
            self._next = begins
        elsewhere = self._doubted is None or abs(begins - self._doubted) > frame.sample_rate
        if elsewhere and begins - self._next > LONGEST_SILENCE_SECONDS * frame.sample_rate:
            self._doubted = begins  # its time is damaged, unless the next one is there, too
            return
        kind, layout, rate = frame.format, frame.layout, frame.sample_rate
        samples = frame.to_ndarray()
        samples = samples.T if kind.is_planar else samples.reshape(-1, layout.nb_channels)
        for piece in keep_time(samples, begins - self._next, rate):
            rows = np.ascontiguousarray(piece.T) if kind.is_planar else piece.reshape(1, -1)
            made = av.AudioFrame.from_ndarray(rows, kind.name, layout.name)
            made.sample_rate, made.pts, made.time_base = rate, self._next, Fraction(1, rate)
            self._next += made.samples
            yield from self._encode(made)

    def finish(self) -> Iterator[Packet]:
        """Yield what is still held."""
        if self._next is None:
            return
        yield from self._flush()
        yield from self._encode(None)

    def _encode(self, frame: av.AudioFrame | None) -> Iterator[Packet]:
        for packet in self._encoder.encode(frame):
            packet.stream = self.target
            yield packet


def sounds(encoder: str, rate: int, layout: str) -> bool:
    """Tell whether *encoder* can be opened for such sound."""
    try:
        context = av.CodecContext.create(encoder, "w")
        assert isinstance(context, av.AudioCodecContext)
        context.sample_rate, context.layout = rate, layout
        context.format = (av.Codec(encoder, "w").audio_formats or [av.AudioFormat("fltp")])[0]
        context.time_base = Fraction(1, rate)
        context.open()
    except (ValueError, OSError):
        return False
    return True


class SubtitleRecoder:
    """Turns text subtitles of one kind into another; those that cannot be decoded are left out.

    Args:
        source: the stream to read.
        output: gets a new stream, ``target``.
        encoder: as FFmpeg names it.
    """

    def __init__(self, source: SubtitleStream, output: av.container.OutputContainer, encoder: str) -> None:
        self.target: Stream = output.add_stream(encoder)
        self._encoder = cast(SubtitleCodecContext, self.target.codec_context)
        source.codec_context.open(strict=False)
        self._encoder.subtitle_header = source.codec_context.subtitle_header
        self._encoder.time_base = Fraction(1, 1000)
        self._lost = 0

    @classmethod
    def of(cls, source: SubtitleStream, output: av.container.OutputContainer) -> Self | None:
        """Return a recoder for what *output* holds; None when it holds none, or *source* is of pictures."""
        encoder = TEXT_OF.get(output.format.name)
        if encoder is None or source.codec_context is None or source.codec_context.name not in TEXT:
            return None
        return cls(source, output, encoder)

    def recode(self, packet: Packet, origin: int) -> Iterator[Packet]:
        """Yield what is ready once *packet* is in; *origin*, in its unit, becomes time 0."""
        decoder = cast(SubtitleCodecContext, packet.stream.codec_context)
        try:
            found = decoder.decode2(packet)
            if not found or not len(found):
                return
            made = self._encoder.encode_subtitle(found)
        except av.error.FFmpegError:  # damaged, or in letters of another kind than it should be
            self._lost += 1
            return
        made.stream, made.time_base = self.target, packet.time_base
        made.pts = made.dts = (packet.pts or 0) - origin
        made.duration = packet.duration
        yield made

    def finish(self) -> Iterator[Packet]:
        """Yield nothing: nothing is held. Tell in the log what was lost."""
        if self._lost:
            log.warning("subtitles that cannot be decoded are left out: %d", self._lost)
        return iter(())
