"""Reads what frames carry beside their pixels: how they are turned, how HDR was made."""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import av
from av.buffer import Buffer
from av.sidedata.sidedata import Type

UNKNOWN_KINDS = range(len(Type), 64)
"""Numbers for which FFmpeg has kinds, or may get some, that PyAV does not know: EXIF is one."""


def read_side_data(frame: av.VideoFrame, kind: str) -> bytes | None:
    """Return what *frame* carries of *kind*, as PyAV's ``Type`` names it; None when it carries none."""
    try:
        data = frame.side_data.get(kind)
    except ValueError:  # of a frame with a kind that it does not know, PyAV tells nothing at all
        data = leave_known(frame).side_data.get(kind)
    return None if data is None else bytes(cast(Buffer, data))


def leave_known(frame: av.VideoFrame) -> av.VideoFrame:
    """Return *frame* without all that PyAV does not know."""
    graph = av.filter.Graph()
    unit = Fraction(frame.time_base or 1)
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=unit)
    delete = [graph.add("sidedata", f"mode=delete:type={kind}") for kind in UNKNOWN_KINDS]
    graph.link_nodes(source, *delete, graph.add("buffersink")).configure()
    graph.vpush(frame)
    return graph.vpull()
