"""Brings decoded frames into the shape in which they are seen: deinterlaced, turned, mirrored, resized."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, islice

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from livestyle.errors import UsageError
from livestyle.sources.sidedata import read_side_data

TURNS = {
    (1, 0, 0, 1): (),
    (-1, 0, 0, 1): ("hflip",),
    (1, 0, 0, -1): ("vflip",),
    (-1, 0, 0, -1): ("hflip", "vflip"),
    (0, 1, -1, 0): ("transpose=clock",),
    (0, 1, 1, 0): ("transpose=cclock_flip",),
    (0, -1, 1, 0): ("transpose=cclock",),
    (0, -1, -1, 0): ("transpose=clock_flip",),
}
"""Filters that do what a display matrix says, by the signs of its first two rows and columns."""

LARGEST_SIDE = 16_000
"""In pixels, of what is resized: FFmpeg takes little more both ways."""

DEINTERLACE = "bwdif=mode=send_frame:deint=interlaced"


def deinterlace(frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """Yield *frames*, all of one size and format, those that are interlaced made whole."""
    before: list[av.VideoFrame] = []
    for frame in frames:
        if frame.interlaced_frame:  # none but a film that has such pays for the filter
            # It treats its first frame in another way. So that a film that is gone on with midway comes out
            # the same, it has seen one, and the frame before, when it begins.
            primed = [frame, *before] if before else []
            made = apply([DEINTERLACE], chain(primed, [frame], frames), frame)
            yield from islice(made, len(primed), None)
        else:
            before = [frame]
            yield frame


def choose_filters(first: av.VideoFrame) -> list[str]:
    """Return the filters that make frames like *first* upright."""
    turn = read_turn(first)
    if not turn:
        return []
    # turned, 4:2:2 would be a format that nobody knows
    sideways = any("transpose" in text for text in turn)
    whole = ["format=" + first.format.name.replace("422", "444")] if sideways else []
    return [*whole, *turn, "copy"]  # flips are views that PyAV cannot read: copied


def read_turn(frame: av.VideoFrame) -> tuple[str, ...]:
    """Return the filters for the display matrix of *frame*; none when it has none, or an odd angle."""
    data = read_side_data(frame, "DISPLAYMATRIX")
    if data is None:
        return ()
    matrix = np.frombuffer(data, np.int32).reshape(3, 3)
    return TURNS.get(tuple(int(sign) for sign in np.sign(matrix[:2, :2]).flat), ())  # type: ignore[arg-type]


def apply(
    filters: list[str], frames: Iterator[av.VideoFrame], first: av.VideoFrame
) -> Iterator[av.VideoFrame]:
    """Yield *frames*, which look like *first*, filtered; times stay in the unit that they had."""
    graph = av.filter.Graph()
    unit = Fraction(first.time_base or 1)
    nodes = [graph.add_buffer(width=first.width, height=first.height, format=first.format, time_base=unit)]
    for text in filters:
        name, _, arguments = text.partition("=")
        nodes.append(graph.add(name, arguments or None))
    nodes.append(graph.add("buffersink"))
    graph.link_nodes(*nodes).configure()
    for frame in frames:
        graph.vpush(frame)
        yield from pull(graph, unit)
    graph.vpush(None)
    yield from pull(graph, unit)


def fit(
    frames: Iterator[av.VideoFrame], first: av.VideoFrame, size: tuple[int, int]
) -> Iterator[av.VideoFrame]:
    """Yield *frames* in the format of *first* and of *size*, (width, height)."""
    shrinking = size[0] < first.width
    reformatter = VideoReformatter()  # one for all: FFmpeg keeps memory for each
    for frame in frames:
        if (frame.width, frame.height, frame.format.name) == (*size, first.format.name):
            yield frame
            continue
        fitted = reformatter.reformat(
            frame,
            *size,
            first.format.name,
            interpolation=Interpolation.AREA if shrinking else Interpolation.BICUBIC,
        )
        fitted.pts, fitted.time_base, fitted.duration = frame.pts, frame.time_base, frame.duration
        yield fitted


def parse_size(given: str, width: int, height: int) -> tuple[int, int]:
    """Return the size, (width, height), that *given* asks for a picture of *width* × *height*.

    Args:
        given: ``720p``: the shorter side; ``1280x720``: as large as fits in, in the shape that it has.
        width: of the picture.
        height: of the picture.

    Raises:
        UsageError: it is written otherwise, or is too small or too large.
    """
    lines = re.fullmatch(r"(\d+)p", given)
    box = re.fullmatch(r"(\d+)[x×](\d+)", given)
    if lines:
        scale = Fraction(int(lines[1]), min(width, height))
    elif box:
        scale = min(Fraction(int(box[1]), width), Fraction(int(box[2]), height))
    else:
        raise UsageError(f"no size: {given!r}; write 720p or 1280x720")
    if not scale:
        raise UsageError(f"no size: {given!r}; it must be at least 2 pixels wide and high")
    wide, high = (max(2 * round(side * scale / 2), 2) for side in (width, height))
    if max(wide, high) > LARGEST_SIDE:
        raise UsageError(
            f"no size: {given!r} is {wide}x{high} here; at most {LARGEST_SIDE} pixels either way"
        )
    return wide, high


def resample(
    frames: Iterator[av.VideoFrame], rate: Fraction, last: int
) -> Iterator[tuple[av.VideoFrame, int]]:
    """Yield the frame that is seen at each tick of a steady *rate*, and the number of the tick.

    Args:
        frames: with times.
        rate: in frames per second.
        last: how long the last frame is seen, where it does not say so itself, in its own unit.
    """
    seen: av.VideoFrame | None = None
    first = tick = 0
    for frame in frames:
        begin = seconds(frame, frame.pts or 0) * rate
        if seen is None:
            first = tick = math.ceil(begin)
        while seen is not None and tick < begin:
            yield seen, tick
            tick += 1
        seen = frame
    if seen is not None:
        end = seconds(seen, (seen.pts or 0) + (seen.duration or last)) * rate
        for number in range(tick, max(math.ceil(end), first + 1)):  # one at least
            yield seen, number


def seconds(frame: av.VideoFrame, ticks: int) -> Fraction:
    """Return how long *ticks* of *frame* are."""
    return Fraction(ticks * Fraction(frame.time_base or 1))


def pull(graph: av.filter.Graph, unit: Fraction) -> Iterator[av.VideoFrame]:
    """Yield what *graph* has ready, with times in *unit*."""
    while True:
        try:
            frame = graph.vpull()
        except (BlockingIOError, EOFError):
            return
        frame.pts = round(seconds(frame, frame.pts or 0) / unit)
        frame.duration = round(seconds(frame, frame.duration or 0) / unit)
        frame.time_base = unit
        yield frame
