"""Pictures of the HEIF family (ISO/IEC 23008-12): HEIC, as phones take them, and the rest of AVIF."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
HEIF_SUFFIXES = {".heic", ".heif", ".avif"}
"""Endings of pictures that are read and not written."""


def is_heic(encoded: bytes) -> bool:
    """Tell whether the bytes of a file begin as those of a HEIC picture do."""
    return encoded[4:8] == b"ftyp" and encoded[8:12] in HEIC_BRANDS


def decode_heic(encoded: bytes) -> tuple[NDArray[np.uint8], dict[int, bytes]]:
    """Return what a HEIC picture shows, upright, BGR with alpha or grey, and its ICC profile by kind.

    Raises:
        ImportError: the package that reads them, which is an extra, is not installed.
        ValueError: the picture is damaged.
    """
    import pi_heif

    held = pi_heif.read_heif(encoded, bgr_mode=True)
    profile = held.info.get("icc_profile")
    pixels = np.array(held)  # a copy: memory that is only looked at goes with *held*
    return pixels, {cv2.IMAGE_METADATA_ICCP: profile} if profile else {}


def is_avif(encoded: bytes) -> bool:
    """Tell whether the bytes of a file that OpenCV could decode are those of an AVIF."""
    return encoded[4:8] == b"ftyp"


def finish_avif(raw: NDArray[Any], encoded: bytes) -> NDArray[Any]:
    """Return what OpenCV made of an AVIF, upright and with white at 255 or 65535.

    OpenCV leaves white at 1023 or 4095 where a channel has 10 or 12 bits, and the picture as it was taken.
    Boxes before the data tell both: ``av1C`` (AV1 in ISOBMFF 2.3.3), ``irot`` and ``imir`` (HEIF 6.5).
    """
    boxes = encoded.partition(b"mdat")[0]
    if raw.dtype == np.uint16:
        raw = raw << (4 if content_of(boxes, b"av1C", 2) & 0x20 else 6)
    raw = np.rot90(raw, content_of(boxes, b"irot") & 3)
    if b"imir" in boxes:
        raw = raw[:, ::-1] if content_of(boxes, b"imir") & 1 else raw[::-1]
    return np.ascontiguousarray(raw)


def content_of(boxes: bytes, kind: bytes, at: int = 0) -> int:
    """Return the byte *at* a place in the first box of that *kind*; 0 where there is none."""
    found = boxes.find(kind)
    place = found + len(kind) + at
    return boxes[place] if 0 <= found and place < len(boxes) else 0
