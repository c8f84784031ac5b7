"""Carry: takes sound, subtitles, chapters and metadata from the source file to the painted one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import av
import av.container
from av.stream import Discard, Stream

from livestyle.clip import Clip

if TYPE_CHECKING:
    Packet: TypeAlias = av.Packet[Any]

log = logging.getLogger(__name__)

KEPT = ("audio", "subtitle")
OURS = ("encoder", "rotate", "major_brand", "minor_version", "compatible_brands", "creation_time")
"""Metadata that the muxer writes itself, or that is no longer true."""


class Carry:
    """Copies packets bit for bit, in step with the painted frames.

    Args:
        clip: what the source is, and what is cut from it.
        output: the container to copy to; streams are added to it.
    """

    def __init__(self, clip: Clip, output: av.container.OutputContainer) -> None:
        self._clip = clip
        self._output = output
        self._input = av.open(f"file:{clip.path}", metadata_errors="replace")
        self._targets: dict[int, Stream] = {}
        for stream in self._input.streams:
            if stream.type in KEPT:
                self._add(stream)
            if stream.index not in self._targets:
                stream.discard = Discard.all
        output.metadata.update({k: v for k, v in self._input.metadata.items() if k.lower() not in OURS})
        self._packets = self._read() if self._targets else iter(())
        self._waiting: Packet | None = next(self._packets, None)

    def advance(self, seconds: float | None) -> None:
        """Copy all that begins before *seconds*, a time in the source; None: all there is."""
        while self._waiting is not None and (seconds is None or begin(self._waiting) < seconds):
            self._output.mux_one(self._shift(self._waiting))
            self._waiting = next(self._packets, None)

    def close(self) -> None:
        """Let go of the source."""
        self._input.close()

    def _add(self, stream: Stream) -> None:
        name = stream.codec_context.name if stream.codec_context else "unknown"
        try:
            target = self._output.add_stream_from_template(stream)
        except ValueError:
            log.warning(
                "%s stream %d (%s) cannot be kept in %s and is left out; .mkv holds it",
                stream.type, stream.index, name, self._output.format.name,
            )  # fmt: skip
            return
        target.metadata.update(stream.metadata)
        target.disposition = stream.disposition
        self._targets[stream.index] = target

    def _read(self) -> Iterator[Packet]:
        """Yield the packets of the cut."""
        clip = self._clip
        if clip.start_seconds is not None:
            self._input.seek(int((clip.start_seconds - 1) * 1_000_000))
        packets = self._input.demux([self._input.streams[index] for index in self._targets])
        while True:
            try:
                packet = next(packets, None)
            except (OSError, ValueError):  # the file breaks off; the decoder has said so
                return
            if packet is None:
                return
            if packet.dts is None or packet.pts is None or not packet.size:
                continue
            if clip.start_seconds is not None and begin(packet) + length(packet) <= clip.start_seconds:
                continue
            if clip.end_seconds is None or begin(packet) < clip.end_seconds:
                yield packet

    def _shift(self, packet: Packet) -> Packet:
        """Return *packet* at its time in the copy, in its stream there."""
        origin = round(self._clip.origin * self._clip.time_base / Fraction(packet.time_base))
        assert packet.pts is not None and packet.dts is not None
        packet.pts, packet.dts = packet.pts - origin, packet.dts - origin
        packet.stream = self._targets[packet.stream_index]
        return packet


def begin(packet: Packet) -> float:
    """Return when *packet* begins, in seconds."""
    return float((packet.pts or 0) * packet.time_base)


def length(packet: Packet) -> float:
    """Return how long *packet* lasts, in seconds."""
    return float((packet.duration or 0) * packet.time_base)
