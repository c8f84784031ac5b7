"""Takes decoded frames apart: the planes as the file stores them, and the RGB picture."""

from __future__ import annotations

import re
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.chroma import merge
from livestyle.colour import Colour
from livestyle.frame import Original, Pixels
from livestyle.hdr import read_signal, tone_map

PLANAR = re.compile(r"(yuv[aj]?(420|422|444)p|gbra?p|gray)((9|10|12|14|16)le)?")
"""The formats that are taken as they are; all others are brought to the nearest of these."""


def read_original(frame: av.VideoFrame, colour: Colour) -> Original:
    """Return the picture of *frame*: its planes, and the RGB picture made of them; HDR is tone-mapped."""
    frame = make_planar(frame)
    bits = max(component.bits for component in frame.format.components)
    planes = tuple(read_plane(frame, index, bits) for index in range(len(frame.planes)))
    name = frame.format.name.replace("yuvj", "yuv")  # the j says full range, as the tag does
    if colour.hdr and name.startswith("yuv"):
        pixels = tone_map(read_signal(planes, bits, colour), colour.transfer)
    else:
        pixels = make_pixels(planes, name, bits, colour)
    return Original(pixels, planes, name, bits, colour)


def make_planar(frame: av.VideoFrame) -> av.VideoFrame:
    """Return *frame* in a format of ``PLANAR``, with as many bits and as much chroma."""
    if not PLANAR.fullmatch(frame.format.name):
        frame = frame.reformat(format=nearest_planar(frame.format))
    if any(plane.line_size < 0 for plane in frame.planes):  # stored bottom up: PyAV would read outside
        graph = av.filter.Graph()
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
        )
        graph.link_nodes(source, graph.add("copy"), graph.add("buffersink")).configure()
        graph.vpush(frame)
        frame = graph.vpull()
    return frame


def nearest_planar(given: av.VideoFormat) -> str:
    """Return the planar format that holds all that *given* holds."""
    parts = given.components
    alpha = "a" if given.has_palette or any(part.is_alpha for part in parts) else ""
    bits = max(part.bits for part in parts)
    deep = "" if bits <= 8 else f"{next(n for n in (10, 12, 14, 16) if n >= min(bits, 16))}le"
    chroma = [part for part in parts if not (part.is_luma or part.is_alpha)]
    if given.is_rgb or given.has_palette or (alpha and not chroma):
        return f"gbr{alpha}p{deep}"
    if not chroma:
        return f"gray{deep}"
    halves = (
        2 * chroma[0].width >= given.width > chroma[0].width,
        2 * chroma[0].height >= given.height > chroma[0].height,
    )
    sampling = {(True, True): "420", (True, False): "422"}.get(halves, "444")
    return f"yuv{alpha}{sampling}p{deep}"


def read_plane(frame: av.VideoFrame, index: int, bits: int) -> NDArray[Any]:
    """Return plane *index* without copying, uint8 or uint16, (H, W)."""
    plane = frame.planes[index]
    dtype = np.dtype(np.uint8 if bits <= 8 else np.uint16)
    lines = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return lines[:, : plane.width * dtype.itemsize].view(dtype)


def make_pixels(planes: tuple[NDArray[Any], ...], name: str, bits: int, colour: Colour) -> Pixels:
    """Return the RGB picture of *planes*, (H, W, 3).

    Chroma is repeated, not interpolated: so it can be averaged back exactly.
    """
    if name.startswith("gbr"):
        green, blue, red = planes[:3]
        return to_bytes(cv2.merge([red, green, blue]), 255 / (2**bits - 1))
    to_rgb = colour.yuv_to_rgb(planes[0].shape[0], bits)
    if name.startswith("gray"):
        grey = cv2.transform(
            np.ascontiguousarray(planes[0])[..., None],
            to_rgb[:1, [0, 3]] + [[0, to_rgb[0, 1:3].sum() * 2 ** (bits - 1)]],
        )
        return np.repeat(to_bytes(grey, 1)[..., None], 3, axis=2)
    return to_bytes(cv2.transform(merge(planes), to_rgb), 1)


def to_bytes(picture: NDArray[Any], scale: float) -> Pixels:
    """Return *picture* times *scale*, rounded and held in 0–255."""
    if picture.dtype == np.uint8:
        return picture
    return cv2.convertScaleAbs(picture, alpha=scale).astype(np.uint8, copy=False)
