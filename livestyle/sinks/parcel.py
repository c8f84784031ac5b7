"""Parcel: a packet on its way from one process to another."""

from __future__ import annotations

import struct
from collections.abc import Iterator
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


def unpack(stream: BinaryIO) -> Iterator[tuple[int, av.Packet[Any]]]:
    """Yield the packets that ``pack`` put into *stream*, each after the number of its own stream."""
    while len(head := stream.read(HEAD.size)) == HEAD.size:
        index, key, pts, dts, duration, numerator, denominator, size = HEAD.unpack(head)
        data = stream.read(size)
        if len(data) < size:
            return
        packet: av.Packet[Any] = av.Packet(data)
        packet.time_base = Fraction(numerator, denominator)
        packet.pts, packet.dts, packet.duration = pts, dts, duration
        packet.is_keyframe = bool(key)
        yield index, packet
