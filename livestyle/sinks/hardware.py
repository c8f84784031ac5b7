"""Encoders of graphics cards: their names, how quality is said to each, and how pixels are given to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Options = dict[str, str]


@dataclass(frozen=True)
class Family:
    """The encoders of one maker's hardware, all named alike: ``h264_nvenc``, ``hevc_nvenc`` …

    Attributes:
        options: for a quality from 1 (best) to 51 (smallest).
        device: what FFmpeg must open for them; empty when they do it themselves.
    """

    options: Callable[[int], Options]
    device: str = ""


def apple_quality(quality: int) -> Options:
    """Return what VideoToolbox calls *quality*: percents, in FFmpeg's own unit."""
    return {"flags": "+qscale", "global_quality": str(118 * round(100 * (1 - quality / 51)))}


FAMILIES = {
    "nvenc": Family(lambda quality: {"rc": "vbr", "cq": str(quality), "b": "0"}),
    "videotoolbox": Family(apple_quality),
    "qsv": Family(lambda quality: {"global_quality": str(quality)}),
    "amf": Family(lambda quality: {"rc": "cqp", "qp_i": str(quality), "qp_p": str(quality)}),
    "vaapi": Family(lambda quality: {"rc_mode": "CQP", "global_quality": str(quality)}, "vaapi"),
}
"""By the ending of the encoders' names, the best first."""

PACKED = {"yuv420p": "nv12", "yuv420p10le": "p010le"}
"""Formats with the same numbers, U and V in one plane: some encoders take only these."""


def packed_format(planar: str, offered: list[str], device: str) -> str:
    """Return the format in which pixels of format *planar* are given to an encoder; empty for none.

    Args:
        planar: as FFmpeg names it.
        offered: what the encoder takes.
        device: of its family.
    """
    packed = PACKED.get(planar, "")
    if planar in offered:
        return planar
    return packed if packed in offered or device in offered else ""
