"""Modes: the formats, sizes and rates that a camera offers, asked of Video4Linux."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

FORMATS, SIZES, INTERVALS = 0xC0405602, 0xC02C564A, 0xC034564B
"""VIDIOC_ENUM_FMT, VIDIOC_ENUM_FRAMESIZES and VIDIOC_ENUM_FRAMEINTERVALS."""

CAPTURE, DISCRETE = 1, 1
"""Of a format: it is for pictures that come in. Of sizes and intervals: each is told by itself."""

Ask = Callable[[int, bytearray], None]
"""An ioctl on one device: the request, and the structure that it fills; raises OSError after the last."""


@dataclass(frozen=True)
class Mode:
    """One way in which a camera gives pictures.

    Attributes:
        format: four letters: ``MJPG``.
        width, height: in pixels.
        fps: the most frames per second; 0 when it does not tell.
    """

    format: str
    width: int
    height: int
    fps: float

    def __str__(self) -> str:
        rate = f" at {self.fps:.3g}" if self.fps else ""
        return f"{self.format} {self.width}x{self.height}{rate}"


def list_modes(device: str) -> list[Mode]:
    """Return what *device* offers; nothing when it cannot be asked."""
    import fcntl  # not on Windows

    try:
        descriptor = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return []
    try:

        def ask(request: int, answer: bytearray) -> None:
            fcntl.ioctl(descriptor, request, answer)

        return list(read_modes(ask))
    finally:
        os.close(descriptor)


def read_modes(ask: Ask) -> Iterator[Mode]:
    """Yield what the device behind *ask* offers, in its order; of sizes between two, the largest."""
    for told in each(ask, FORMATS, 64, struct.pack("=I", CAPTURE)):
        code = bytes(told[44:48])
        for size in each(ask, SIZES, 44, code):
            kind, width, height = struct.unpack_from("=3I", size, 8)
            if kind != DISCRETE:
                width, height = (struct.unpack_from("=I", size, at)[0] for at in (16, 28))
            yield Mode(
                code.decode("ascii", "replace").strip(), width, height, best_rate(ask, code, width, height)
            )
            if kind != DISCRETE:
                break  # one answer tells of all


def best_rate(ask: Ask, code: bytes, width: int, height: int) -> float:
    """Return the most frames per second of that format and size; 0 when the device does not tell."""
    rates = [0.0]
    for answer in each(ask, INTERVALS, 52, code + struct.pack("=2I", width, height)):
        kind, seconds, parts = struct.unpack_from("=3I", answer, 16)
        rates.append(parts / max(seconds, 1))
        if kind != DISCRETE:
            break  # a range, whose shortest interval comes first
    return max(rates)


def each(ask: Ask, request: int, size: int, question: bytes) -> Iterator[bytearray]:
    """Yield the answers to *question* number 0, 1, 2 … until there is none; no driver has more than 256."""
    for index in range(256):
        answer = bytearray((struct.pack("=I", index) + question).ljust(size, b"\0"))
        try:
            ask(request, answer)
        except OSError:
            return
        yield answer
