"""Reads and writes picture files: any depth and kind in, what can be kept is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.errors import BadPicture, SinkUnavailable, UsageError, how_to_install
from livestyle.frame import Pixels
from livestyle.heif import HEIF_SUFFIXES, decode_heic, finish_avif, is_avif, is_heic
from livestyle.numbering import SUFFIXES
from livestyle.whole import refusal_told, whole_file

ORIENTATION_TAG, INK_TAG = 0x0112, 0x0106
"""Of TIFF, which EXIF is written in, too."""

CMYK = 5
"""What the second tag is then."""

KEEP_ALPHA = {".png", ".webp", ".tif", ".tiff"}
KEEP_PROFILE = {".jpg", ".jpeg", ".png", ".webp"}
LOSSY = {".jpg", ".jpeg", ".webp"}
UNTOLD = "does not say which kind of picture"


@dataclass(frozen=True)
class Picture:
    """What a picture file holds.

    Attributes:
        pixels: uint8 RGB, (H, W, 3), upright.
        alpha: uint8, (H, W), 255 where opaque; None when all of it is.
        profile: the ICC profile that says what the numbers mean; None when it is sRGB or unknown.
    """

    pixels: Pixels
    alpha: NDArray[np.uint8] | None = None
    profile: bytes | None = None


def read_picture(path: Path) -> Pixels:
    """Read a picture, upright (EXIF orientation honoured), without its transparency.

    Raises:
        BadPicture: there is none, or it cannot be decoded.
    """
    return load_picture(path).pixels


def load_picture(path: Path) -> Picture:
    """Read a picture with all that it holds; 16 bits become 8, grey and palettes RGB.

    Raises:
        BadPicture: there is none, or it cannot be decoded.
    """
    raw, metadata = decode(path)
    if raw.dtype != np.uint8:
        raise BadPicture(f"{path} holds {raw.dtype} numbers; give a picture of 8 or 16 bits per channel")
    raw = turn_upright(raw, exif_orientation(metadata.get(cv2.IMAGE_METADATA_EXIF, b"")))
    if raw.ndim == 2:
        return Picture(cv2.cvtColor(raw, cv2.COLOR_GRAY2RGB))  # type: ignore[arg-type]
    profile = metadata.get(cv2.IMAGE_METADATA_ICCP)
    if not profile or profile[16:20] != b"RGB ":  # of a grey or CMYK picture: the numbers are RGB now
        profile = None
    alpha = raw[:, :, 3].copy() if raw.shape[2] == 4 else None
    return Picture(np.ascontiguousarray(raw[:, :, 2::-1]), alpha, profile)


def decode(path: Path) -> tuple[NDArray[Any], dict[int, bytes]]:
    """Return what is stored at *path*, BGR with alpha or grey, and its metadata by kind.

    Raises:
        BadPicture: there is none, or it cannot be decoded, or needs a package that is not installed.
    """
    if not path.is_file():
        told = f"{path} is a folder; give one picture" if path.is_dir() else f"no picture at {path}"
        raise BadPicture(told)
    damaged = f"{path} is not a picture that can be read, or is damaged; give a JPEG, PNG or WebP"
    try:
        encoded = path.read_bytes()
        raw, kinds, blobs = cv2.imdecodeWithMetadata(
            np.frombuffer(encoded, np.uint8), flags=cv2.IMREAD_UNCHANGED
        )
        metadata = {int(kind): bytes(np.asarray(blob)) for kind, blob in zip(kinds, blobs, strict=True)}
        if raw is None and is_heic(encoded):
            raw, metadata[cv2.IMAGE_METADATA_ICCP] = decode_heic(encoded)
        elif raw is not None and is_avif(encoded):
            raw, metadata[cv2.IMAGE_METADATA_ICCP] = finish_avif(raw, encoded)
            metadata.pop(cv2.IMAGE_METADATA_EXIF, None)  # repeats how the camera was held
        elif raw is not None and raw.ndim == 3 and read_tag(encoded, INK_TAG) == CMYK:
            raw = raw[:, :, :3]  # OpenCV makes it opaque RGBA
    except OSError as error:
        raise BadPicture(f"{path} cannot be read: {error.strerror}") from error
    except ImportError as error:
        hint = f"{how_to_install('heic')}, or give a JPEG, PNG or WebP"
        raise BadPicture(f"{path} is HEIC, which needs a package that is not installed; {hint}") from error
    except (cv2.error, ValueError) as error:  # an empty file, or one larger than OpenCV's limit
        raise BadPicture(damaged) from error
    if raw is None or raw.ndim not in (2, 3) or raw.shape[2:] not in ((), (3,), (4,)):
        raise BadPicture(damaged)
    if raw.dtype == np.uint16:
        raw = (raw / 257).round().astype(np.uint8)
    return raw, metadata


def exif_orientation(exif: bytes) -> int:
    """Return how the camera was held, 1 to 8 as in EXIF 2.3; 1, upright, when *exif* does not say."""
    value = read_tag(exif, ORIENTATION_TAG)
    return value if 1 <= value <= 8 else 1


def read_tag(tiff: bytes, tag: int) -> int:
    """Return the number that *tag* has in *tiff*; 0 where it has none, or that is no TIFF."""
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(tiff[:4])
    if order is None:
        return 0

    def number(at: int, length: int) -> int:
        return int.from_bytes(tiff[at : at + length], order)  # type: ignore[arg-type]

    first = number(4, 4)
    for entry in range(first + 2, first + 2 + 12 * number(first, 2), 12):
        if number(entry, 2) == tag:
            return number(entry + 8, 2)
    return 0


def turn_upright(raw: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Return *raw*, (H, W, …), turned and mirrored as *orientation* asks."""
    quarters = {3: 2, 4: 2, 5: 3, 6: 3, 7: 1, 8: 1}.get(orientation, 0)
    raw = np.rot90(raw, quarters)
    return np.ascontiguousarray(raw[:, ::-1] if orientation in (2, 4, 5, 7) else raw)


def check_picture_name(path: Path, *, transparent: bool = False) -> None:
    """Raise UsageError unless the ending of *path* names a kind of picture that we write, *transparent*."""
    if path.suffix.lower() not in SUFFIXES:
        what = "is a kind that is read, not written" if path.suffix.lower() in HEIF_SUFFIXES else UNTOLD
        raise UsageError(f"{path} {what}; end it in .png, .jpg or .webp")
    if transparent and path.suffix.lower() not in KEEP_ALPHA:
        raise UsageError(
            f"a {path.suffix} picture holds no transparency; these do: {', '.join(sorted(KEEP_ALPHA))}; "
            "or give --background green"
        )


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
    bgr = picture.pixels[:, :, ::-1]
    if picture.alpha is not None:
        bgr = np.dstack((bgr, picture.alpha)) if suffix in KEEP_ALPHA else on_white(bgr, picture.alpha)
    kinds, blobs = [], []
    if picture.profile and suffix in KEEP_PROFILE:
        kinds.append(int(cv2.IMAGE_METADATA_ICCP))
        blobs.append(np.frombuffer(picture.profile, np.uint8))
    options: list[int] = []  # OpenCV complains of those that another format has
    if suffix == ".webp":
        options = [cv2.IMWRITE_WEBP_QUALITY, quality]
    elif suffix in (".jpg", ".jpeg"):
        full_colour = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
        options = [cv2.IMWRITE_JPEG_QUALITY, quality, *full_colour]
    try:
        done, encoded = cv2.imencodeWithMetadata(suffix, np.ascontiguousarray(bgr), kinds, blobs, options)
    except cv2.error:
        done = False
    if not done:
        height, width = picture.pixels.shape[:2]
        raise SinkUnavailable(f"cannot write {path}: {width}×{height} is too large for {suffix}; give .png")
    return bytes(encoded)


def on_white(bgr: NDArray[Any], alpha: NDArray[np.uint8]) -> NDArray[Any]:
    """Return *bgr*, (H, W, 3), as it looks on paper where *alpha*, (H, W), lets it through."""
    opacity = alpha[:, :, None] / np.float32(255)
    return (bgr * opacity + 255 * (1 - opacity)).round().astype(np.uint8)
