"""Modes: the formats, sizes and rates that a camera offers, and whether it is one, asked of Video4Linux."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

FORMATS, SIZES, INTERVALS = 0xC0405602, 0xC02C564A, 0xC034564B
"""VIDIOC_ENUM_FMT, VIDIOC_ENUM_FRAMESIZES and VIDIOC_ENUM_FRAMEINTERVALS."""

CAPABILITIES = 0x80685600
"""VIDIOC_QUERYCAP."""

PICTURES_COME, PICTURES_GO_THROUGH, OF_ONE_NODE = 0x1001, 0xC000, 1 << 31
"""Of capabilities: a camera; a codec or scaler, of two kinds each; those of the node are told, too."""

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
    try:
        with open_ask(device) as ask:
            return list(read_modes(ask))
    except OSError:
        return []


def may_be_camera(device: str) -> bool:
    """Tell whether *device* is a camera, or cannot be asked now: busy, or not ours to open."""
    try:
        with open_ask(device) as ask:
            return gives_pictures(ask)
    except OSError:
        return True


@contextmanager
def open_ask(device: str) -> Iterator[Ask]:
    """Give what asks *device* while inside; raises OSError when it cannot be opened."""
    import fcntl  # not on Windows

    descriptor = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    try:
        yield lambda request, answer: fcntl.ioctl(descriptor, request, answer)
    finally:
        os.close(descriptor)


def gives_pictures(ask: Ask) -> bool:
    """Tell whether the device behind *ask* gives pictures of its own: codecs give what they were given."""
    answer = bytearray(104)
    ask(CAPABILITIES, answer)
    able, node = struct.unpack_from("=2I", answer, 84)
    able = node if able & OF_ONE_NODE else able
    return bool(able & PICTURES_COME) and not able & PICTURES_GO_THROUGH


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
