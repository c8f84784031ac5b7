"""Encoder: painted frames in, packets of a video stream out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import av.container
from av.codec.context import Flags

from livestyle.clip import Clip
from livestyle.colour import BT709, LIMITED, RGB, UNKNOWN, Colour
from livestyle.frame import Frame, StreamInfo
from livestyle.settings import EncodeSettings
from livestyle.sinks.planes import choose_format, make_frame

CAMERA_TIME_BASE = Fraction(1, 90000)


@dataclass(frozen=True)
class Plan:
    """How a video stream is to be encoded: all that follows from the source and the settings."""

    codec: str
    format: str
    width: int
    height: int
    time_base: Fraction
    rate: Fraction
    colour: Colour
    sample_aspect_ratio: Fraction
    options: dict[str, str]


def make_plan(info: StreamInfo, clip: Clip | None, settings: EncodeSettings) -> Plan:
    """Return how to encode what *info* and *clip* describe."""
    codec = "libx264"
    options = {"preset": settings.preset, **({"qp": "0"} if settings.lossless else {"crf": settings.quality})}
    offered = [item.name for item in av.Codec(codec, "w").video_formats or ()]
    odd = bool(info.width % 2 or info.height % 2)
    wanted = clip.format if clip else "yuv420p"
    colour = clip.colour if clip else Colour(BT709, BT709, BT709, LIMITED)
    if colour.matrix == RGB:
        colour = Colour(
            BT709 if colour.primaries == UNKNOWN else colour.primaries,
            BT709 if colour.transfer == UNKNOWN else colour.transfer,
            BT709,
            LIMITED,
        )
    return Plan(
        codec=codec,
        format=choose_format(wanted, offered, odd=odd, lossless=settings.lossless),
        width=info.width,
        height=info.height,
        time_base=clip.time_base if clip else CAMERA_TIME_BASE,
        rate=(clip.rate if clip else Fraction(info.fps).limit_denominator(1001)) or Fraction(25),
        colour=colour,
        sample_aspect_ratio=clip.sample_aspect_ratio if clip else Fraction(0),
        options=options,
    )


class Encoder:
    """Encodes frames into a new video stream of *output*.

    Args:
        output: the container; the stream is added to it.
        plan: how.
    """

    def __init__(self, output: av.container.OutputContainer, plan: Plan) -> None:
        self._plan = plan
        added = output.add_stream(
            plan.codec, rate=plan.rate, options=dict(plan.options), time_base=plan.time_base
        )
        self.stream = cast(av.VideoStream, added)
        context = self.stream.codec_context
        context.width, context.height, context.pix_fmt = plan.width, plan.height, plan.format
        context.color_primaries, context.color_trc = plan.colour.primaries, plan.colour.transfer
        context.colorspace, context.color_range = plan.colour.matrix, plan.colour.range
        if plan.sample_aspect_ratio:
            context.sample_aspect_ratio = plan.sample_aspect_ratio
        context.flags |= Flags.frame_duration

    def encode(self, frame: Frame, pts: int) -> Iterator[av.Packet[av.VideoStream]]:
        """Yield the packets that are ready once *frame* is in.

        Args:
            frame: of the size in the plan.
            pts: when it is shown, in units of the plan's time base.
        """
        made = make_frame(frame, self._plan.format, self._plan.colour)
        made.pts, made.time_base = pts, self._plan.time_base
        made.duration = round(frame.duration_seconds / self._plan.time_base)
        colour = self._plan.colour
        made.color_primaries, made.color_trc = colour.primaries, colour.transfer
        made.colorspace, made.color_range = colour.matrix, colour.range
        yield from self.stream.encode(made)

    def finish(self) -> Iterator[av.Packet[av.VideoStream]]:
        """Yield the packets that the encoder still holds."""
        yield from self.stream.encode(None)
