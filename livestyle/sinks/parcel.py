"""Parcel: a packet on its way from one process to another."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, BinaryIO

import av

HEAD = struct.Struct("<BBqqqqqI")
"""Stream, whether it is a key frame, pts, dts, duration, time base as a fraction; how many bytes follow."""


def pack(packet: av.Packet[Any]) -> bytes:
    """Return *packet* as bytes for ``unpack``."""
    assert packet.pts is not None
    assert packet.dts is not None
    unit = packet.time_base
    head = HEAD.pack(
        packet.stream.index,
        packet.is_keyframe,
        packet.pts,
        packet.dts,
        packet.duration or 0,
        unit.numerator,
        unit.denominator,
        packet.size,
    )
    return head + bytes(packet)


def unpack(stream: BinaryIO, streams: Sequence[av.stream.Stream]) -> Iterator[av.Packet[Any]]:
    """Yield the packets that ``pack`` put into *stream*, until it ends, as packets of *streams*."""
    while len(head := stream.read(HEAD.size)) == HEAD.size:
        index, key, pts, dts, duration, numerator, denominator, size = HEAD.unpack(head)
        data = stream.read(size)
        if len(data) < size:
            return
        packet: av.Packet[Any] = av.Packet(data)
        packet.stream, packet.time_base = streams[index], Fraction(numerator, denominator)
        packet.pts, packet.dts, packet.duration = pts, dts, duration
        packet.is_keyframe = bool(key)
        yield packet
