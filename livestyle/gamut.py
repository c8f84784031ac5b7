"""Gamut: what the numbers of a picture mean, whatever kind it is of; they become sRGB, 8 bits each."""

from __future__ import annotations

import io
import logging
from typing import Any

import numpy as np
from PIL import Image, ImageCms

log = logging.getLogger(__name__)

KINDS = {
    "1": "L",
    "L": "L",
    "LA": "L",
    "I;16": "L",
    "I;16L": "L",
    "I;16B": "L",
    "P": "RGB",
    "PA": "RGB",
    "RGB": "RGB",
    "RGBA": "RGB",
    "RGBX": "RGB",
    "RGBa": "RGB",
    "YCbCr": "RGB",
    "CMYK": "CMYK",
    "LAB": "LAB",
}
"""As which kind each that Pillow knows is looked at; numbers of more than 16 bits have none."""

WHITE_IS_ZERO = 0
"""What the tag PhotometricInterpretation of TIFF is then, which Pillow honours up to 8 bits."""

GREY_STEPS = {"L;2": 85, "L;4": 17}
"""From one grey to the next of the 4 and the 16 that Pillow reads so, in 8 bits."""

ROUNDING = 2
"""Of 255: profiles that change no number by more are sRGB's, of which there are many."""


def fit_clear_colour(image: Image.Image) -> None:
    """Bring the colour that a PNG says is transparent to the depth in which Pillow reads *image*.

    To be called before its pixels are read. Of RGB of 16 bits Pillow reads the upper 8: they alone count.
    """
    clear, tiles = image.info.get("transparency"), getattr(image, "tile", None)
    depth = tiles[0].args if image.format == "PNG" and tiles else ""
    if depth in GREY_STEPS and isinstance(clear, int):
        image.info["transparency"] = clear * GREY_STEPS[depth]
    elif depth == "RGB;16B" and isinstance(clear, tuple):
        image.info["transparency"] = tuple(number >> 8 for number in clear)


def find_alpha(image: Image.Image) -> Image.Image | None:
    """Return how opaque *image* is, of kind L; None when all of it is."""
    if not image.has_transparency_data:
        return None
    if image.mode.startswith("I;16"):  # which Pillow compares in 8 bits
        return Image.fromarray((np.asarray(image) != image.info["transparency"]).astype(np.uint8) * 255)
    return image.convert("RGBA").getchannel("A")


def to_srgb(image: Image.Image, name: str) -> tuple[Image.Image, bytes]:
    """Return *image* as RGB whose numbers mean sRGB, and sRGB's profile where it had one, to be kept.

    Args:
        image: of one of ``KINDS``.
        name: of its file, to warn that its profile is of no use, so its numbers stay; empty warns of nothing.
    """
    found = image.info.get("icc_profile", b"")
    plain = unpack(image)
    if plain.mode == "LAB" and not found:
        found = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    if not found:
        return plain.convert("RGB"), b""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(found))
        if profile.profile.xcolor_space == "RGB " and plain.mode == "L":
            plain = plain.convert("RGB")
        change = ImageCms.buildTransform(profile, srgb, plain.mode, "RGB")
    except (OSError, ImageCms.PyCMSError):
        if plain.mode == "LAB":
            raise
        if name:
            log.warning("%s has a colour profile that is of no use; its numbers are taken for sRGB", name)
        return plain.convert("RGB"), b""
    if plain.mode == "RGB" and changes_nothing(change):
        return plain, found
    return change.apply(plain), srgb.tobytes()


def unpack(image: Image.Image) -> Image.Image:
    """Return *image* in the kind that ``KINDS`` names, without its transparency."""
    if image.mode.startswith("I;16"):
        return to_8_bits(image)
    if image.mode in ("P", "RGBa"):  # of which transparency is a part
        image = image.convert("RGBA")
    return image.convert(KINDS[image.mode])


def to_8_bits(image: Image.Image) -> Image.Image:
    """Return the grey *image* of 16 bits in 8, black at 0."""
    numbers = (np.asarray(image) >> 8).astype(np.uint8)
    tags: Any = getattr(image, "tag_v2", {})
    return Image.fromarray(~numbers if tags.get(262) == WHITE_IS_ZERO else numbers)


def changes_nothing(change: ImageCms.ImageCmsTransform) -> bool:
    """Tell whether *change*, of RGB, leaves colours what they are."""
    colours = (np.indices((9, 9, 9)).reshape(3, 27, 27).transpose(1, 2, 0) * 31).astype(np.uint8)
    changed = np.asarray(change.apply(Image.fromarray(colours)))
    return bool(np.abs(changed.astype(int) - colours).max() <= ROUNDING)
