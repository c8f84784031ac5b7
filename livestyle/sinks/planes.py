"""Makes frames for an encoder: of painted pictures, or of the file's own planes where nothing was painted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.chroma import shrink
from livestyle.colour import Colour
from livestyle.frame import Alpha, Frame, Original, Pixels
from livestyle.hdr import SIGNAL_MAX, expand, read_signal

SHAPE = re.compile(r"(?P<kind>yuv|gbr|gray)(?P<alpha>a?)(?P<sampling>\d{3})?p?(?P<bits>\d+)?(le)?")
"""Reads the names of planar formats."""


def make_frame(frame: Frame, name: str, colour: Colour) -> av.VideoFrame:
    """Return *frame* for an encoder.

    Args:
        frame: painted, or as the source gave it.
        name: the format, planar, as FFmpeg names it.
        colour: what its numbers shall mean.
    """
    original = frame.original
    planes: Sequence[NDArray[Any]]
    alpha = split_alpha(frame, name)
    shown = frame.pixels if alpha else frame.on_black
    if (
        original is not None
        and original.pixels is frame.pixels
        and frame.alpha is None
        and fits(original.format, name)
        and colour == original.colour
    ):
        planes = original.planes
    elif (
        original is not None
        and colour.hdr
        and original.colour.hdr
        and frame.pixels.shape == original.pixels.shape
    ):
        planes = [*split_hdr(shown, original, name, colour), *alpha]
    else:
        planes = [*split(shown, name, colour), *alpha]
    height, width = frame.pixels.shape[:2]
    made = av.VideoFrame(width, height, name)
    for plane, values in zip(made.planes, planes, strict=False):
        lines = np.frombuffer(memoryview(plane), values.dtype).reshape(plane.height, -1)
        lines[:, : plane.width] = values
    return made


def fits(have: str, want: str) -> bool:
    """Tell whether planes of format *have* are those of *want*, perhaps with alpha beside them."""
    return have == want or (have.replace("yuva", "yuv") == want)


def read_alpha(planes: Sequence[NDArray[Any]], name: str, bits: int) -> Alpha | None:
    """Return the transparency among *planes*, uint8, (H, W); None when there is none."""
    if not name.startswith(("yuva", "gbrap")):
        return None
    alpha = planes[3]
    return alpha if bits <= 8 else cv2.convertScaleAbs(alpha, alpha=255 / (2**bits - 1)).astype(np.uint8)


def find_alpha(frame: Frame) -> Alpha | None:
    """Return the transparency that *frame* has from its file, from what was cut out, or both."""
    original = frame.original
    stored = read_alpha(original.planes, original.format, original.bits) if original else None
    if stored is None or frame.alpha is None:
        return stored if frame.alpha is None else frame.alpha
    return cv2.multiply(stored, frame.alpha, scale=1 / 255).astype(np.uint8, copy=False)


def split_alpha(frame: Frame, name: str) -> list[NDArray[Any]]:
    """Return the plane of transparency of *frame* in format *name*, if that has one."""
    shape = SHAPE.fullmatch(name)
    assert shape is not None, name
    if not shape["alpha"]:
        return []
    alpha = find_alpha(frame)
    if alpha is None:
        alpha = np.full(frame.pixels.shape[:2], 255, np.uint8)
    bits = int(shape["bits"] or 8)
    return [scale(alpha if bits == 8 else alpha.astype(np.uint16), bits)]


def split(pixels: Pixels, name: str, colour: Colour) -> list[NDArray[Any]]:
    """Return the planes of *pixels* in format *name*, without transparency."""
    shape = SHAPE.fullmatch(name)
    assert shape is not None, name
    bits = int(shape["bits"] or 8)
    wide = pixels if bits == 8 else pixels.astype(np.uint16)
    if shape["kind"] == "gbr":
        planes = [scale(wide[..., index], bits) for index in (1, 2, 0)]
    else:
        luma, *chroma = cv2.split(cv2.transform(wide, colour.rgb_to_yuv(pixels.shape[0], bits)))
        planes = [luma, *(shrink(plane, shape["sampling"] or "444") for plane in chroma)]
    return planes


def split_hdr(pixels: Pixels, original: Original, name: str, colour: Colour) -> list[NDArray[Any]]:
    """Return the planes of *pixels*, painted over a tone-mapped picture, as HDR again; no transparency."""
    shape = SHAPE.fullmatch(name)
    assert shape is not None, name
    bits = int(shape["bits"] or 8)
    signal = expand(pixels, read_signal(original.planes, original.bits, original.colour), colour.transfer)
    matrix = colour.rgb_to_yuv(pixels.shape[0], bits) * [[255 / SIGNAL_MAX] * 3 + [1]]
    luma, *chroma = cv2.split(cv2.transform(signal, matrix))
    return [luma, *(shrink(plane, shape["sampling"] or "444") for plane in chroma)]


def scale(plane: NDArray[Any], bits: int) -> NDArray[Any]:
    """Return *plane*, 0–255, spread over the range of *bits*."""
    if bits == 8:
        return plane
    return np.round(plane * ((2**bits - 1) / 255)).astype(np.uint16)


def choose_format(wanted: str, offered: Iterable[str], *, alpha: bool, odd: bool, lossless: bool) -> str:
    """Return which of the *offered* formats keeps most of *wanted*.

    Args:
        wanted: the format of the source.
        offered: what the encoder takes.
        alpha: the source has transparency.
        odd: width or height is odd, and the encoder cannot halve it.
        lossless: keep all the chroma of an RGB source, though fewer players show it.
    """
    there = list(offered)
    if "pal8" in there:
        return "pal8"
    shape = SHAPE.fullmatch(wanted.replace("yuvj", "yuv")) or SHAPE.fullmatch("gbrp")
    assert shape is not None
    bits = int(shape["bits"] or 8)
    sampling = (
        "444" if odd else shape["sampling"] or ("444" if lossless and shape["kind"] == "gbr" else "420")
    )
    depths = [f"{n}le" if n > 8 else "" for n in dict.fromkeys((bits, 12, 10, 8)) if n <= bits]
    depths += ["10le"]  # some know nothing less
    samplings = dict.fromkeys((sampling, *(["422"] if sampling == "420" else []), "444", "420"))
    names = (f"yuv{a}{s}p{d}" for a in ("a" if alpha else "", "") for d in depths for s in samplings)
    return next((name for name in names if name in there), "yuv420p")
