"""Re-encodes sound and subtitles that a container cannot hold as they are."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias, cast

import av
import av.container
from av.audio.resampler import AudioResampler
from av.stream import Stream
from av.subtitles.codeccontext import SubtitleCodecContext
from av.subtitles.stream import SubtitleStream

if TYPE_CHECKING:
    Packet: TypeAlias = av.Packet[Any]

TEXT = {"mov_text", "srt", "subrip", "ass", "ssa", "webvtt", "text"}
TEXT_OF = {"mp4": "mov_text", "mov": "mov_text", "matroska": "subrip", "webm": "webvtt"}
"""What text subtitles become, by container."""

LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
"""What so many channels usually are."""


class Recoder(Protocol):
    """Turns packets of one stream into packets of another."""

    target: Stream

    def recode(self, packet: Packet, origin: int) -> Iterator[Packet]:
        """Yield what is ready once *packet* is in; *origin*, in its unit, becomes time 0."""

    def finish(self) -> Iterator[Packet]:
        """Yield what is still held."""


class SoundRecoder:
    """Re-encodes sound; what cannot be decoded is silent.

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
        self._resampler = AudioResampler(self._encoder.format, layout, rate, frame_size=0)
        self._next: int | None = None

    @classmethod
    def of(cls, source: av.AudioStream, output: av.container.OutputContainer, encoder: str) -> Self | None:
        """Return a recoder for *source*; None when nothing decodes it, or *encoder* takes nothing like it."""
        if not source.rate:
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
        except ValueError:  # damaged
            return
        for frame in frames:
            unit = Fraction(frame.time_base or 1)
            for ready in self._resampler.resample(frame):
                if self._next is None:
                    first = (frame.pts or 0) * unit - origin * Fraction(packet.time_base)
                    self._next = round(first * ready.sample_rate)
                yield from self._encode(ready)

    def _encode(self, frame: av.AudioFrame) -> Iterator[Packet]:
        assert self._next is not None
        frame.pts, frame.time_base = self._next, Fraction(1, frame.sample_rate)
        self._next += frame.samples
        for packet in self._encoder.encode(frame):
            packet.stream = self.target
            yield packet

    def finish(self) -> Iterator[Packet]:
        """Yield what is still held."""
        if self._next is None:
            return
        for frame in self._resampler.resample(None):
            yield from self._encode(frame)
        for packet in self._encoder.encode(None):
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
    """Turns text subtitles of one kind into another.

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
        found = decoder.decode2(packet)
        if not found or not len(found):
            return
        made = self._encoder.encode_subtitle(found)
        made.stream, made.time_base = self.target, packet.time_base
        made.pts = made.dts = (packet.pts or 0) - origin
        made.duration = packet.duration
        yield made

    def finish(self) -> Iterator[Packet]:
        """Yield nothing: nothing is held."""
        return iter(())
