"""The shape of pixels, in the head of a Matroska or WebM file.

FFmpeg's muxer looks for it where PyAV cannot put it. So it is put into the file that the muxer made.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

log = logging.getLogger(__name__)

Element: TypeAlias = tuple[bytes, bytes]
"""What it is, and what is in it."""

SEEK_HEAD, SEEK, SEEK_POSITION = b"\x11\x4d\x9b\x74", b"\x4d\xbb", b"\x53\xac"
INFO, TRACKS, TRACK, VIDEO = b"\x15\x49\xa9\x66", b"\x16\x54\xae\x6b", b"\xae", b"\xe0"
PIXEL_WIDTH, PIXEL_HEIGHT = b"\xb0", b"\xba"
DISPLAY_WIDTH, DISPLAY_HEIGHT, DISPLAY_UNIT = b"\x54\xb0", b"\x54\xba", b"\x54\xb2"
CRC, VOID = b"\xbf", b"\xec"

RATIO = 3
"""The unit in which width and height are but a ratio."""

HEAD_BYTES = 1 << 20
"""In which the description of the tracks ends, by far."""

LEAST_VOID = 9
"""Bytes that nothing takes, told in eight bytes."""


def write_pixel_shape(path: Path, aspect: Fraction) -> None:
    """Let the video at *path* say that its pixels are *aspect* times as wide as high; raises OSError.

    Nothing but the head of the file changes, and nothing moves that comes after it. A head that is not as
    FFmpeg writes it stays as it is, with a line in the log.
    """
    with path.open("rb+") as file:
        head = file.read(HEAD_BYTES)
        try:
            at, made = reshape(head, aspect)
        except (ValueError, IndexError, KeyError, OverflowError, StopIteration):
            log.warning("the file does not say that its pixels are %s times as wide as high", aspect)
            return
        file.seek(at)
        file.write(made)


def reshape(head: bytes, aspect: Fraction) -> tuple[int, bytes]:
    """Return what to write into a file that begins with *head*, and where; raises ValueError and the like.

    The muxer leaves room after the list of what is where. What comes in between, and the tracks, move up.
    """
    _, _, start, _ = list(elements(head, most=2))[1]
    places = {ident: (begin, body, end) for ident, begin, body, end in elements(head, start, most=4)}
    if list(places) != [SEEK_HEAD, VOID, INFO, TRACKS] or places[TRACKS][2] > len(head):
        raise ValueError
    (list_at, list_body, list_end), info_at = places[SEEK_HEAD], places[INFO][0]
    tracks_at, tracks_body, tracks_end = places[TRACKS]
    tracks = list(children(head[tracks_body:tracks_end]))
    number = next(
        n for n, (ident, body) in enumerate(tracks) if ident == TRACK and VIDEO in dict(children(body))
    )
    parts = [
        (ident, widen(body, aspect, whole=b"webm" in head[:start]) if ident == VIDEO else body)
        for ident, body in children(tracks[number][1])
    ]
    tracks[number] = TRACK, assemble(parts)
    moved = head[info_at:tracks_at] + element(TRACKS, assemble(tracks))
    growth = len(moved) - (tracks_end - info_at)
    listed = [
        (ident, shift(body, growth, tracks_end - start) if ident == SEEK else body)
        for ident, body in children(head[list_body:list_end])
    ]
    seek_head = element(SEEK_HEAD, assemble(listed))
    left = tracks_end - list_at - len(seek_head) - len(moved) - LEAST_VOID
    if left < 0:
        raise ValueError
    return list_at, seek_head + VOID + (1 << 56 | left).to_bytes(8) + bytes(left) + moved


def widen(video: bytes, aspect: Fraction, *, whole: bool) -> bytes:
    """Return the description *video* with the shape of pixels; *whole*: in pixels, all that WebM knows."""
    parts = dict(children(video))
    if DISPLAY_WIDTH in parts:
        return video  # of two pictures in one, which FFmpeg tells by itself
    width, height = (int.from_bytes(parts[key]) for key in (PIXEL_WIDTH, PIXEL_HEIGHT))
    ratio = (aspect * width / height).limit_denominator(HEAD_BYTES)
    shown = (round(width * aspect), height) if whole else (ratio.numerator, ratio.denominator)
    if not all(shown):
        raise ValueError  # so narrow that nothing is seen
    parts |= {DISPLAY_WIDTH: shown[0].to_bytes(4), DISPLAY_HEIGHT: shown[1].to_bytes(4)}
    if not whole:
        parts[DISPLAY_UNIT] = bytes([RATIO])
    return assemble(list(parts.items()))


def shift(seek: bytes, growth: int, end: int) -> bytes:
    """Return the entry *seek* of the list of what is where; what is before *end* has moved up by *growth*."""
    return assemble(
        [
            (ident, (place - growth).to_bytes(len(body)))
            if ident == SEEK_POSITION and (place := int.from_bytes(body)) < end
            else (ident, body)
            for ident, body in children(seek)
        ]
    )


def elements(data: bytes, at: int = 0, most: int | None = None) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield what each element from *at* on is, where it begins, where its body does, and where it ends."""
    while at < len(data) and most != 0:
        size_at = at + 9 - data[at].bit_length()
        body = size_at + 9 - data[size_at].bit_length()
        size = int.from_bytes(data[size_at:body]) & ((1 << 7 * (body - size_at)) - 1)
        yield data[at:size_at], at, body, body + size
        at, most = body + size, most and most - 1


def children(data: bytes) -> Iterator[Element]:
    """Yield the elements that *data* is."""
    for ident, _, body, end in elements(data):
        yield ident, data[body:end]


def element(ident: bytes, body: bytes) -> bytes:
    """Return *body* as an element, its size in as few bytes as can be."""
    size = next(size for size in range(1, 9) if len(body) < (1 << 7 * size) - 1)
    return ident + (1 << 7 * size | len(body)).to_bytes(size) + body


def assemble(parts: list[Element]) -> bytes:
    """Return *parts* one after the other; a sum of them that was first is made anew."""
    body = b"".join(element(*part) for part in parts if part[0] != CRC)
    return element(CRC, zlib.crc32(body).to_bytes(4, "little")) + body if parts[0][0] == CRC else body
