"""Pictures of the HEIF family (ISO/IEC 23008-12): HEIC, as phones take them, and the rest of AVIF."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
HEIF_SUFFIXES = {".heic", ".heif", ".hif", ".avif"}
"""Endings of pictures that are read and not written."""


def is_heic(encoded: bytes) -> bool:
    """Tell whether the bytes of a file begin as those of a HEIC picture do."""
    return encoded[4:8] == b"ftyp" and encoded[8:12] in HEIC_BRANDS


def decode_heic(encoded: bytes) -> tuple[NDArray[Any], bytes]:
    """Return what a HEIC picture shows, upright, BGR with alpha or grey, and its ICC profile, if any.

    Raises:
        ImportError: the package that reads them, which is an extra, is not installed.
        ValueError: the picture is damaged, or of a kind that the package does not know.
    """
    import pi_heif

    try:
        held = pi_heif.read_heif(encoded, bgr_mode=True)
        raw: NDArray[Any] = np.array(held)  # a copy: the pixels are gone with *held*
    except (SyntaxError, RuntimeError, EOFError, IndexError, OSError) as error:
        raise ValueError(str(error)) from error
    if held.premultiplied_alpha:
        opacity = np.maximum(raw[:, :, 3:], 1) / np.float32(255)
        raw[:, :, :3] = np.minimum(raw[:, :, :3] / opacity, 255).round()
    return raw, held.info.get("icc_profile") or b""


def is_avif(encoded: bytes) -> bool:
    """Tell whether the bytes of a file that OpenCV could decode are those of an AVIF."""
    return encoded[4:8] == b"ftyp"


def finish_avif(raw: NDArray[Any], encoded: bytes) -> tuple[NDArray[Any], bytes]:
    """Return what OpenCV made of an AVIF, upright, white at 255 or 65535, and its ICC profile, if any.

    OpenCV leaves white at 1023 or 4095 where a channel has 10 or 12 bits, the picture as it was taken, and
    the profile out. The box ``meta`` tells all: in ``av1C`` (AV1 in ISOBMFF 2.3.3), ``irot``, ``imir`` and
    ``colr`` (HEIF 6.5).
    """
    boxes = find_meta(encoded)
    if raw.dtype == np.uint16:
        raw = raw << (4 if content_of(boxes, b"av1C", 2) & 0x20 else 6)
    raw = np.rot90(raw, content_of(boxes, b"irot") & 3)
    if b"imir" in boxes:
        raw = raw[:, ::-1] if content_of(boxes, b"imir") & 1 else raw[::-1]
    at = boxes.find(b"colrprof")
    size = int.from_bytes(boxes[at - 4 : at]) if at >= 0 else 0
    return np.ascontiguousarray(raw), boxes[at + 8 : at - 4 + size] if size else b""


def find_meta(encoded: bytes) -> bytes:
    """Return the box ``meta`` of a file, which may stand behind the data; empty when there is none."""
    at = 0
    while at + 8 <= len(encoded):
        size = int.from_bytes(encoded[at : at + 4]) or len(encoded)
        if encoded[at + 4 : at + 8] == b"meta":
            return encoded[at : at + size]
        at += size if size > 1 else int.from_bytes(encoded[at + 8 : at + 16]) or len(encoded)
    return b""


def content_of(boxes: bytes, kind: bytes, at: int = 0) -> int:
    """Return the byte *at* a place in the first box of that *kind*; 0 where there is none."""
    found = boxes.find(kind)
    place = found + len(kind) + at
    return boxes[place] if 0 <= found and place < len(boxes) else 0
