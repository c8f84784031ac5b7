"""Reads and writes picture files: any depth and kind in, what can be kept is kept."""

from __future__ import annotations

import contextlib
import io
import logging
import struct
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from livestyle.errors import BadPicture, SinkUnavailable, UsageError, how_to_install
from livestyle.frame import Pixels
from livestyle.gamut import KINDS, find_alpha, fit_clear_colour, to_srgb
from livestyle.heif import is_heic, open_heic
from livestyle.imprint import read_imprint, tags_of_tiff
from livestyle.numbering import READ_ONLY, SUFFIXES
from livestyle.whole import refusal_told, whole_file

log = logging.getLogger(__name__)

KEEP_ALPHA = {".png", ".webp", ".tif", ".tiff"}
LOSSY = {".jpg", ".jpeg", ".webp"}
UNTOLD = "does not say which kind of picture"

FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".tif": "TIFF", ".tiff": "TIFF"}
"""What Pillow calls them; it calls the others as their endings."""

READ = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000", "PPM")
"""Kinds of files that are read; Pillow would start Ghostscript for some others."""

Image.MAX_IMAGE_PIXELS = 2**29
"""Pillow warns from here on, and refuses twice as many: a billion. Large prints are above its own limit."""

BITS_TAG, PLANAR_TAG = 258, 284
"""Of TIFF: how many each channel has; how channels follow each other."""

PREDICTOR_TAG, BY_NEIGHBOUR = 317, 2
"""Of TIFF: LZW is told how pixels differ from those beside them, which takes less."""

BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    RuntimeError,
    EOFError,
    LookupError,
    AttributeError,
    TypeError,
    ArithmeticError,
    struct.error,
    Image.DecompressionBombError,
)
"""What Pillow raises of files that are damaged, or of no kind that it knows."""


@dataclass(frozen=True)
class Picture:
    """What a picture file holds.

    Attributes:
        pixels: uint8 RGB, (H, W, 3), upright, sRGB.
        alpha: uint8, (H, W), 255 where opaque; None when all of it is.
        kept: what else is kept of the file, as Pillow's ``save`` takes it.
    """

    pixels: Pixels
    alpha: NDArray[np.uint8] | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)


def read_picture(path: Path, *, quiet: bool = False) -> Pixels:
    """Read a picture, upright (EXIF orientation honoured), without its transparency.

    Args:
        path: of the file.
        quiet: as for ``load_picture``.

    Raises:
        BadPicture: there is none, or it cannot be decoded.
    """
    return load_picture(path, quiet=quiet).pixels


def load_picture(path: Path, *, quiet: bool = False) -> Picture:
    """Read a picture with all that it holds; 16 bits become 8, grey and palettes RGB, all colours sRGB.

    Args:
        path: of the file.
        quiet: what was told of it before, as that it holds several, is not told again.

    Raises:
        BadPicture: there is none, it cannot be decoded, or needs a package that is not installed.
    """
    if not path.is_file():
        told = f"{path} is a folder; give one picture" if path.is_dir() else f"no picture at {path}"
        raise BadPicture(told)
    try:
        encoded = path.read_bytes()
    except OSError as error:
        raise BadPicture(f"{path} cannot be read: {error.strerror}") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's do not say of which file
            return decode(encoded, path, quiet=quiet)
    except ImportError as error:
        hint = f"{how_to_install('heic')}, or give a JPEG, PNG or WebP"
        raise BadPicture(f"{path} is HEIC, which needs a package that is not installed; {hint}") from error
    except BROKEN as error:
        raise BadPicture(
            f"{path} is not a picture that can be read, or is damaged; "
            "give a JPEG, PNG or WebP, or a TIFF of 8 or 16 bits per channel"
        ) from error


def decode(encoded: bytes, path: Path, *, quiet: bool = False) -> Picture:
    """Return the picture whose file at *path* holds *encoded*; raises ImportError, or one of ``BROKEN``."""
    image = open_heic(encoded) if is_heic(encoded) else Image.open(io.BytesIO(encoded), formats=READ)
    refuse_planes(image, path)
    count = getattr(image, "n_frames", 1)
    if count > 1 and image.format != "MPO" and not quiet:  # phones hide what brightens a JPEG behind it
        hint = "; for animations: livestyle video" if image.format in ("GIF", "PNG") else ""
        log.warning("%s holds %d pictures; the first is taken%s", path, count, hint)
    fit_clear_colour(image)
    image.load()
    if image.mode not in KINDS:
        raise ValueError(f"a picture of the mode {image.mode}")
    kept: dict[str, Any] = {}
    with contextlib.suppress(*BROKEN):  # EXIF that is damaged
        kept = read_imprint(image)
    with contextlib.suppress(*BROKEN):
        ImageOps.exif_transpose(image, in_place=True)
    alpha = find_alpha(image)
    rgb, profile = to_srgb(image, "" if quiet else str(path))
    if profile:
        kept["icc_profile"] = profile
    return Picture(np.array(rgb), None if alpha is None else np.array(alpha), kept)


def refuse_planes(image: Image.Image, path: Path) -> None:
    """Raise BadPicture for what Pillow reads as noise: TIFF of 16 bits, uncompressed, channel by channel."""
    tags, tiles = (getattr(image, name, None) for name in ("tag_v2", "tile"))
    if not tags or tags.get(PLANAR_TAG) != 2 or max(tags[BITS_TAG]) <= 8:
        return
    if tiles and tiles[0].codec_name == "raw":
        raise BadPicture(f"{path} has 16 bits and its channels one after the other; save it interleaved")


def check_picture_name(path: Path, *, transparent: bool = False) -> None:
    """Raise UsageError unless the ending of *path* names a kind of picture that we write, *transparent*."""
    if path.suffix.lower() not in SUFFIXES:
        what = "is a kind that is read, not written" if path.suffix.lower() in READ_ONLY else UNTOLD
        raise UsageError(f"{path} {what}; end it in .png, .jpg or .webp")
    if transparent and path.suffix.lower() not in KEEP_ALPHA:
        raise UsageError(
            f"a {path.suffix} picture holds no transparency; these do: {', '.join(sorted(KEEP_ALPHA))}; "
            "or give --background green"
        )


def tell_of_white(path: Path, picture: Picture) -> None:
    """Tell in the log when the file *path* cannot hold that a part of *picture* is transparent."""
    if picture.alpha is not None and picture.alpha.min() < 255 and path.suffix.lower() not in KEEP_ALPHA:
        log.warning("%s holds no transparency: white is behind it; .png and .webp do", path)


def write_picture(path: Path, picture: Picture, quality: int = 95) -> None:
    """Write a picture, complete or not at all, in the format that the ending of *path* names.

    Args:
        path: replaced when it exists.
        picture: transparency is laid on white where the format has none.
        quality: of JPEG and WebP, 1–100.

    Raises:
        UsageError: the ending names no picture.
        SinkUnavailable: it cannot be written there, or is too large for the format.
    """
    check_picture_name(path)
    encoded = encode(path, picture, quality)
    with refusal_told(f"write {path}"), whole_file(path) as partial:
        partial.write_bytes(encoded)


def encode(path: Path, picture: Picture, quality: int) -> bytes:
    """Return the bytes of *picture* as a file named *path*."""
    suffix = path.suffix.lower()
    kind = FORMATS.get(suffix, suffix[1:].upper())
    image = Image.fromarray(picture.pixels)
    if picture.alpha is not None and suffix in KEEP_ALPHA:
        image.putalpha(Image.fromarray(picture.alpha))
    elif picture.alpha is not None:
        image = Image.fromarray(on_white(picture.pixels, picture.alpha))
    how: dict[str, Any] = {"quality": quality}
    if kind == "JPEG":
        how["subsampling"] = 0  # the colour of each pixel
    elif kind == "PNG":
        how["compress_level"] = 1  # more takes long, and saves little of what is painted
    elif kind == "TIFF":
        tags = {**tags_of_tiff(picture.kept.get("exif", b"")), PREDICTOR_TAG: BY_NEIGHBOUR}
        how = {"compression": "tiff_lzw", "tiffinfo": tags}
    encoded = io.BytesIO()
    try:
        image.save(encoded, kind, **how, **picture.kept)
    except BROKEN as error:
        told = f"{image.width}×{image.height} is too large for {suffix}; give .png"
        raise SinkUnavailable(f"cannot write {path}: {told}") from error
    return encoded.getvalue()


def on_white(pixels: Pixels, alpha: NDArray[np.uint8]) -> Pixels:
    """Return *pixels*, (H, W, 3), as it looks on paper where *alpha*, (H, W), lets it through."""
    opacity = alpha[:, :, None] / np.float32(255)
    return (pixels * opacity + 255 * (1 - opacity)).round().astype(np.uint8)
