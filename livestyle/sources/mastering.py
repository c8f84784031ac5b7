"""Reads what an HDR video says about the display that it was made on."""

from __future__ import annotations

import struct

import av

from livestyle.clip import Mastering
from livestyle.sources.sidedata import read_side_data


def read_mastering(frame: av.VideoFrame) -> Mastering | None:
    """Return the mastering display and light levels that *frame* tells; None when it tells neither.

    Layouts are those of FFmpeg's ``AVMasteringDisplayMetadata`` and ``AVContentLightMetadata``.
    """
    display = read_side_data(frame, "MASTERING_DISPLAY_METADATA")
    light = read_side_data(frame, "CONTENT_LIGHT_LEVEL")
    if display is None and light is None:
        return None
    primaries: tuple[int, ...] = ()
    luminance: tuple[int, ...] = ()
    if display is not None:
        numbers = struct.unpack_from("22i", display)
        fractions = list(zip(numbers[0:20:2], numbers[1:20:2], strict=True))
        values = [above / below if below else 0.0 for above, below in fractions]
        primaries = tuple(round(value * 50000) for value in values[:8]) if numbers[20] else ()
        luminance = tuple(round(value * 10000) for value in values[8:10]) if numbers[21] else ()
    levels = struct.unpack_from("2I", light) if light is not None else ()
    return Mastering(primaries, luminance, levels)
