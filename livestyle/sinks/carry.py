"""Carry: takes sound, subtitles, chapters and all else from the source file to the painted one."""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import av
import av.container
from av.stream import Discard, Disposition, Stream

from livestyle.clip import LENIENT, Clip
from livestyle.joins import BROADCAST, demux
from livestyle.sinks.recode import LAYOUTS, Recoder, SoundRecoder, SubtitleRecoder
from livestyle.sinks.timecode import later

if TYPE_CHECKING:
    Packet: TypeAlias = av.Packet[Any]

log = logging.getLogger(__name__)

OURS = ("encoder", "rotate", "major_brand", "minor_version", "compatible_brands", "duration")
"""Metadata that the muxer writes itself, or that is no longer true; in lower case."""

FILM_ONLY = ("bps", "number_of_frames", "number_of_bytes", "_statistics")
"""Beginnings of what Matroska counts for each stream, in lower case."""

QUICKTIME = {"deu": "ger", "nld": "dut", "swe": "sve", "ell": "gre", "isl": "ice"}
"""Languages that QuickTime knows by another code only."""

STRICT = {"mp4", "mov"}
"""Containers that refuse two packets of a sound that are decoded at once."""

EDITED = {"mp4", "mov"}
"""Containers with edit lists, which say what of the packets is to be seen and heard."""

APART_SECONDS = 10.0
"""What is heard or read at a time is written at most so far apart in a file."""


class Carry:
    """Copies packets bit for bit, in step with the painted frames.

    Sound and subtitles that the container cannot hold are re-encoded; what cannot be kept is told in the log.

    Args:
        clip: what the source is, and what is cut from it.
        output: the container to copy to; streams are added to it.
        sound: the encoder for sound that must be re-encoded; empty when the container holds none.
    """

    def __init__(self, clip: Clip, output: av.container.OutputContainer, sound: str) -> None:
        self._clip = clip
        self._output = output
        self._sound = sound
        self._input = av.open(f"file:{clip.path}", **LENIENT)
        self._targets: dict[int, Stream] = {}
        self._recoders: dict[int, Recoder] = {}
        self._free: dict[int, Fraction] = {}  # from when on each stream of the copy takes packets, in seconds
        for stream in self._input.streams:
            self._add(stream)
        output.metadata.update(self._kept(self._input))
        self._copy_chapters()
        self._packets = self._heard(self._read()) if self._targets else iter(())
        self._waiting: Packet | None = next(self._packets, None)

    def describe_video(self, target: Stream, index: int) -> None:
        """Give the painted stream *target* the names that the one at *index* had."""
        for clock in self._input.streams.data:  # of the timecode, which the muxer makes anew
            if "timecode" in clock.metadata and "reel_name" in clock.metadata:
                target.metadata["reel_name"] = clock.metadata["reel_name"]
        target.metadata.update(self._kept(self._input.streams[index]))
        target.disposition = self._input.streams[index].disposition

    def advance(self, seconds: float | None) -> None:
        """Copy all that begins before *seconds*, a time in the source; None: all there is."""
        while self._waiting is not None and (seconds is None or begin(self._waiting) < seconds):
            recoder = self._recoders.get(self._waiting.stream_index)
            if recoder:
                self._mux(recoder.recode(self._waiting, self._origin(self._waiting)))
            else:
                self._mux([self._shift(self._waiting)])
            self._waiting = next(self._packets, None)

    def finish(self) -> None:
        """Write what re-encoding still holds."""
        for recoder in self._recoders.values():
            self._mux(recoder.finish())

    def close(self) -> None:
        """Let go of the source."""
        self._input.close()

    def _add(self, stream: Stream) -> None:
        """Add to the output what is to become of *stream*."""
        cover = stream.type == "video" and stream.disposition & Disposition.attached_pic
        if stream.type == "attachment" or (cover and self._output.format.name == "matroska"):
            self._attach(stream)
        elif stream.type in ("audio", "subtitle") or (cover and self._output.format.name != "mov"):
            target = self._copy(stream) or self._recode(stream)
            if target is None:
                self._leave_out(stream)
                return
            target.metadata.update(self._kept(stream))
            language = stream.language or ""
            if self._output.format.name == "mov" and language in QUICKTIME:
                target.metadata["language"] = QUICKTIME[language]
            target.disposition = stream.disposition
            self._targets[stream.index] = target
        elif stream.type != "video" or stream.index != self._clip.stream:
            self._leave_out(stream)

    def _kept(self, thing: Stream | av.container.InputContainer) -> dict[str, str]:
        """Return the metadata of *thing* that is true of the copy, whose timecode is its first frame's."""
        clip, kept = self._clip, kept_metadata(thing)
        if clip.start_seconds is None:
            return kept
        picture = self._input.streams[clip.stream]
        begin_seconds = (picture.start_time or 0) * (picture.time_base or 0)
        frames = max(round((clip.first_seconds - begin_seconds) * clip.rate), 0)
        return {
            key: later(value, frames, clip.rate) if key.lower() == "timecode" else value
            for key, value in kept.items()
        }

    def _copy(self, stream: Stream) -> Stream | None:
        if not holds(self._output.format.name, stream):
            return None
        target = self._output.add_stream_from_template(stream, opaque=True)
        if isinstance(target, av.AudioStream) and target.layout.name == f"{target.channels} channels":
            # mp4 refuses at the very end what has no name, as PCM of mkv and avi.
            target.codec_context.layout = LAYOUTS.get(target.channels, target.layout)
        return target

    def _recode(self, stream: Stream) -> Stream | None:
        """Return the stream that *stream* is re-encoded into; None when it cannot be."""
        recoder: Recoder | None = None
        if isinstance(stream, av.AudioStream) and self._sound:
            recoder = SoundRecoder.of(stream, self._output, self._sound)
        elif isinstance(stream, av.subtitles.stream.SubtitleStream):
            recoder = SubtitleRecoder.of(stream, self._output)
        if recoder is None:
            return None
        log.warning(
            "%s stream %d is re-encoded: %s cannot hold %s",
            stream.type, stream.index, self._output.format.name, stream.codec_context.name,
        )  # fmt: skip
        self._recoders[stream.index] = recoder
        return recoder.target

    def _attach(self, stream: Stream) -> None:
        """Attach what *stream* is, a file or a cover: Matroska keeps both so."""
        if self._output.format.name != "matroska":
            self._leave_out(stream)
        elif isinstance(stream, av.stream.AttachmentStream):
            name = stream.metadata.get("filename", f"attachment-{stream.index}")
            self._output.add_attachment(name, stream.mimetype or "application/octet-stream", stream.data)
        else:
            kind = {"mjpeg": "jpeg"}.get(stream.codec_context.name, stream.codec_context.name)
            name = stream.metadata.get("filename", f"cover.{kind}".replace("jpeg", "jpg"))
            self._output.add_attachment(name, f"image/{kind}", read_cover(self._clip, stream.index))

    def _leave_out(self, stream: Stream) -> None:
        name = getattr(stream, "name", None)  # sound of a kind that FFmpeg does not know has none
        if "timecode" in stream.metadata or name == "bin_data":
            return  # not lost: the muxer makes it anew, of the metadata or the chapters
        what = stream.codec_context.name if stream.codec_context else name or "unknown"
        why = f"{self._output.format.name} cannot hold it"
        if stream.type == "video" and not stream.disposition & Disposition.attached_pic:
            why = f"stream {self._clip.stream} is the one that is painted"
        log.warning("%s stream %d (%s) is left out: %s", stream.type, stream.index, what, why)

    def _copy_chapters(self) -> None:
        clip, kept = self._clip, []
        origin = clip.origin * clip.time_base
        for chapter in self._input.chapters():
            unit = Fraction(chapter["time_base"] or 1)
            end = None if clip.end_seconds is None else Fraction(clip.end_seconds) - origin
            first, last = (Fraction(chapter[side] * unit - origin) for side in ("start", "end"))
            if last > 0 and (end is None or first < end):
                last = last if end is None else min(last, end)
                kept.append(
                    {**chapter, "start": round(max(first, Fraction(0)) / unit), "end": round(last / unit)}
                )
        if kept:
            self._output.set_chapters(kept)  # type: ignore[arg-type]

    def _read(self) -> Iterator[Packet]:
        """Yield the packets of the cut."""
        clip = self._clip
        if clip.sought is not None:
            self._input.seek(clip.sought, stream=self._input.streams[clip.stream])
        if self._input.format.name not in BROADCAST:
            for stream in self._input.streams:  # not before: not all can be sought by what is discarded
                if stream.index not in self._targets:
                    stream.discard = Discard.all
        packets = demux(self._input, self._input.streams[clip.stream], self._targets)
        timed = {index for index in self._targets if self._input.streams[index].type != "video"}
        past: set[int] = set()
        while True:
            try:
                packet = next(packets, None)
            except (OSError, ValueError):  # the file breaks off; the decoder has said so
                return
            if packet is None:
                return
            cover = self._input.streams[packet.stream_index].type == "video"
            if cover:
                packet.pts = packet.dts = 0  # it is of no time
            if packet.dts is None or packet.pts is None or not packet.size:
                continue
            if (
                not cover
                and clip.start_seconds is not None
                and begin(packet) + length(packet) <= clip.start_seconds
            ):
                continue
            if not cover and clip.end_seconds is not None and begin(packet) >= clip.end_seconds:
                past.add(packet.stream_index)
                if past >= timed or begin(packet) >= clip.end_seconds + APART_SECONDS:
                    return
                continue
            subtitle = self._input.streams[packet.stream_index].type == "subtitle"
            if subtitle and clip.start_seconds is not None and not begin_at(packet, self._origin(packet)):
                continue
            if subtitle and clip.end_seconds is not None and packet.duration:
                left = math.ceil(Fraction(clip.end_seconds) / Fraction(packet.time_base)) - packet.pts
                packet.duration = min(packet.duration, max(left, 1))
            yield packet

    def _heard(self, packets: Iterator[Packet]) -> Iterator[Packet]:
        """Yield *packets* without sound that an edit list cuts off, where the copy can have no such list.

        The last packet before what is heard stays: its decoder begins with it.
        """
        cut_off: dict[int, Packet] = {}
        for packet in packets:
            index = packet.stream_index
            sound = self._input.streams[index].type == "audio"
            if sound and packet.is_discard and self._output.format.name not in EDITED:
                cut_off[index] = packet
                continue
            if index in cut_off:
                yield cut_off.pop(index)
            yield packet

    def _origin(self, packet: Packet) -> int:
        """Return the time that is 0 in the copy, in the unit of *packet*."""
        if self._input.streams[packet.stream_index].type == "video":
            return 0  # a cover is of no time
        return round(self._clip.origin * self._clip.time_base / Fraction(packet.time_base))

    def _mux(self, packets: Iterable[Packet]) -> None:
        """Write *packets*; what comes too late for its stream is cut shorter, or left out."""
        for packet in packets:
            index, unit = packet.stream_index, Fraction(packet.time_base)
            free = self._free.get(index)
            if free is not None and not begin_at(packet, math.ceil(free / unit)):
                continue
            assert packet.dts is not None
            tick = Fraction(packet.stream.time_base or unit)  # the container may count in coarser ones
            strict = self._output.format.name in STRICT and packet.stream.type == "audio"
            ticks = round(packet.dts * unit / tick) + strict
            self._free[index] = ticks * tick
            self._output.mux_one(packet)

    def _shift(self, packet: Packet) -> Packet:
        """Return *packet* at its time in the copy, in its stream there."""
        origin = self._origin(packet)
        assert packet.pts is not None and packet.dts is not None
        packet.pts, packet.dts = packet.pts - origin, packet.dts - origin
        packet.stream = self._targets[packet.stream_index]
        return packet


def read_cover(clip: Clip, index: int) -> bytes:
    """Return the picture file that is stream *index*."""
    with av.open(f"file:{clip.path}", **LENIENT) as container:
        return next(
            (bytes(packet) for packet in container.demux(container.streams[index]) if packet.size), b""
        )


def holds(container: str, stream: Stream) -> bool:
    """Tell whether *container*, a format as FFmpeg names it, can hold *stream* as it is.

    FFmpeg lists some that it then refuses; so an empty copy is begun in memory.
    """
    try:
        with av.open(io.BytesIO(), "w", format=container) as copy:
            copy.add_stream_from_template(stream, opaque=True)
            copy.start_encoding()
    except (av.error.FFmpegError, ValueError):  # or nobody knows what the stream is
        return False
    return True


def kept_metadata(thing: Stream | av.container.InputContainer) -> dict[str, str]:
    """Return the metadata of *thing* that is still true of a copy."""
    return {
        key: value
        for key, value in thing.metadata.items()
        if key.lower() not in OURS and not key.lower().startswith(FILM_ONLY)
    }


def begin_at(packet: Packet, earliest: int) -> bool:
    """Let *packet* begin no earlier, and end when it did; False when it would end before.

    Args:
        packet: with times; one that tells no duration has none to be cut.
        earliest: in its unit.
    """
    assert packet.pts is not None and packet.dts is not None
    late = earliest - packet.dts
    if late > 0:
        if packet.duration and late >= packet.duration:
            return False
        packet.pts, packet.dts = packet.pts + late, earliest
        packet.duration = max((packet.duration or 0) - late, 0)
    return True


def begin(packet: Packet) -> float:
    """Return when *packet* begins, in seconds."""
    return float((packet.pts or 0) * packet.time_base)


def length(packet: Packet) -> float:
    """Return how long *packet* lasts, in seconds."""
    return float((packet.duration or 0) * packet.time_base)
