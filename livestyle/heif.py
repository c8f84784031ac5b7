"""Pictures of the HEIF family (ISO/IEC 23008-12): HEIC, as phones take them, and AVIF."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
FAMILY_BRANDS = {b"mif1", b"msf1"}
AVIF_BRANDS = {b"avif", b"avis"}

MOST_BYTES = 256
"""At the beginning of a file, in which it says of which kinds it is; most take 40."""


def is_heic(encoded: bytes) -> bool:
    """Tell whether the bytes of a file begin as those of a HEIC picture do."""
    if encoded[4:8] != b"ftyp":
        return False
    first, end = encoded[8:12], min(int.from_bytes(encoded[:4]), MOST_BYTES)
    others = {encoded[place : place + 4] for place in range(16, end, 4)}
    return first in HEIC_BRANDS or (first in FAMILY_BRANDS and not (others & AVIF_BRANDS))


def open_heic(encoded: bytes) -> Image.Image:
    """Return a HEIC picture, upright, whose pixels are read when they are asked for.

    Raises:
        ImportError: the package that reads them, which is an extra, is not installed.
        SyntaxError: the picture is damaged, or of a kind that the package does not know; later RuntimeError,
            EOFError or ValueError, too.
    """
    from pi_heif import HeifImageFile

    return HeifImageFile(io.BytesIO(encoded))
