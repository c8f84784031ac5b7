"""Brings pictures down to 256 colours, for GIF."""

from __future__ import annotations

from fractions import Fraction

import av
import av.filter

ANY_UNIT = Fraction(1, 1000)
"""Of time: one frame goes through a graph, and gets its time afterwards."""


def to_palette(frame: av.VideoFrame) -> av.VideoFrame:
    """Return *frame* with a palette made for it alone; what is half transparent or more becomes so whole."""
    graph = av.filter.Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=ANY_UNIT)
    split = graph.add("split")
    palette = graph.add("palettegen", "stats_mode=single:reserve_transparent=1")
    use = graph.add("paletteuse", "new=1:dither=sierra2_4a")
    sink = graph.add("buffersink")
    source.link_to(split)
    split.link_to(palette, 0, 0)
    split.link_to(use, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    graph.vpush(frame)
    graph.vpush(None)
    return graph.vpull()
