"""Pictures of the HEIF family (ISO/IEC 23008-12): HEIC, as phones take them, and AVIF."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def is_heic(encoded: bytes) -> bool:
    """Tell whether the bytes of a file begin as those of a HEIC picture do."""
    return encoded[4:8] == b"ftyp" and encoded[8:12] in HEIC_BRANDS


def open_heic(encoded: bytes) -> Image.Image:
    """Return a HEIC picture, upright, whose pixels are read when they are asked for.

    Raises:
        ImportError: the package that reads them, which is an extra, is not installed.
        SyntaxError: the picture is damaged, or of a kind that the package does not know; later RuntimeError,
            EOFError or ValueError, too.
    """
    from pi_heif import HeifImageFile

    return HeifImageFile(io.BytesIO(encoded))
