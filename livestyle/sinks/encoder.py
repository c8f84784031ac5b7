"""Encoder: painted frames in, packets of a video stream out."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias, cast

import av
import av.container
import av.error
from av.codec.context import Flags
from av.codec.hwaccel import HWAccel
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter

from livestyle.clip import Clip, Mastering
from livestyle.colour import BT709, LIMITED, RGB, UNKNOWN, Colour
from livestyle.errors import UsageError
from livestyle.frame import Frame, StreamInfo
from livestyle.settings import EncodeSettings
from livestyle.sinks.codecs import (
    CODECS,
    check_alpha,
    choose_codec,
    make_options,
    parse_bitrate,
)
from livestyle.sinks.hardware import FAMILIES, packed_format
from livestyle.sinks.palette import to_palette
from livestyle.sinks.planes import SHAPE, choose_format, make_frame

log = logging.getLogger(__name__)

Packets: TypeAlias = "Iterator[av.Packet[av.VideoStream]]"

CAMERA_TIME_BASE = Fraction(1, 90000)
GIF_TIME_BASE = Fraction(1, 100)

GIF_SHORTEST = 2
"""Hundredths of a second: browsers show what is to be seen for less ten times as long."""

GIF_HEADER_BYTES = 13
"""Without a palette for all frames, which the encoder is told to leave out."""

HARDWARE_REORDER = 4
"""Frames by which encoders of graphics cards may decode ahead."""

MASTERING_OPTIONS = {
    "libx265": ("x265-params", "master-display", "max-cll"),
    "libx264": ("x264-params", "mastering-display", "cll"),
    "libsvtav1": ("svtav1-params", "mastering-display", "content-light"),
}
"""The option of each encoder that says how HDR was made, and the names in it of display and light."""

SEGMENT_FRAMES = 60
"""After so many frames a job can be resumed."""


@dataclass(frozen=True)
class Plan:
    """How a video stream is to be encoded: all that follows from the source and the settings."""

    encoder: str
    tag: str
    format: str
    width: int
    height: int
    time_base: Fraction
    rate: Fraction
    colour: Colour
    sample_aspect_ratio: Fraction
    bitrate: int
    reorder: int
    options: dict[str, str]
    packed: str = ""
    """The format that the encoder takes, when it is not ``format`` itself."""
    device: str = ""
    """What FFmpeg must open for the encoder."""
    shortest: int = 1
    """How long a frame is seen at least, in units of the time base."""


def tell_loss(codec: str, wanted: str, chosen: str, *, lossless: bool) -> None:
    """Tell in the log what of the format *wanted* is lost in the *chosen* one."""
    bits, left = (max(part.bits for part in av.VideoFormat(name).components) for name in (wanted, chosen))
    if bits > 8 >= left and chosen != "pal8":
        log.warning("%d bits per channel become 8 in %s", bits, codec)
    if lossless and av.VideoFormat(wanted).is_rgb and not av.VideoFormat(chosen).is_rgb:
        log.warning("RGB is kept as YUV, which is up to 2 levels off; numbered .png keep every value")


def make_plan(path: Path, info: StreamInfo, clip: Clip | None, settings: EncodeSettings) -> Plan:
    """Return how to encode into *path* what *info* and *clip* describe.

    Raises:
        UnknownName: there is no such codec or kind of file.
        UsageError: the two, or the source and they, do not go together.
    """
    wanted = clip.format if clip else "yuv420p"
    shape = SHAPE.fullmatch(wanted.replace("yuvj", "yuv"))
    deep = bool(shape and int(shape["bits"] or 8) > 8)
    alpha = info.cut_out or bool(clip and clip.alpha)
    if info.cut_out:
        check_alpha(path)
    name = choose_codec(path, settings, deep=deep, alpha=alpha)
    codec = CODECS[name]
    encoder = codec.encoder
    if encoder == "libsvtav1":
        os.environ.setdefault("SVT_LOG", "1")  # errors only: it would write pages to standard error
    listed = (item.name for item in av.Codec(encoder, "w").video_formats or ())
    offered = [name for name in listed if name not in codec.refused]
    odd = bool(info.width % 2 or info.height % 2) and not codec.odd
    format_ = choose_format(wanted, offered, alpha=alpha, odd=odd, lossless=settings.lossless)
    if alpha and "a" not in format_ and wanted != "pal8" and format_ != "pal8":
        if info.cut_out:
            raise UsageError(
                f"{name} has no transparency here; leave out --codec, or give --background green"
            )
        log.warning(
            "transparency, where there is any, is left out: %s has none here; .mov, .webm and .mkv keep it",
            name,
        )
    tell_loss(name, wanted, format_, lossless=settings.lossless)
    colour = choose_colour(clip)
    if colour.hdr and "10" not in format_ and "12" not in format_:
        raise UsageError(
            f"{name} has only 8 bits here, too few for HDR; --codec hevc has more, or leave out --hdr keep"
        )
    options = make_options(name, settings)
    if clip and clip.mastering and encoder in MASTERING_OPTIONS:
        option, *names = MASTERING_OPTIONS[encoder]
        told = describe_mastering(clip.mastering, *names, exact=encoder != "libsvtav1")
        options[option] = ":".join(filter(None, [options.get(option), *told]))
    plan = Plan(
        encoder=encoder,
        tag=codec.tag if path.suffix.lower() in (".mp4", ".m4v", ".mov") else "",
        format=format_,
        width=info.width,
        height=info.height,
        time_base=GIF_TIME_BASE if name == "gif" else clip.time_base if clip else CAMERA_TIME_BASE,
        rate=(clip.rate if clip else Fraction(info.fps).limit_denominator(1001)) or Fraction(25),
        colour=colour,
        sample_aspect_ratio=clip.sample_aspect_ratio if clip else Fraction(0),
        bitrate=parse_bitrate(settings.bitrate),
        reorder=codec.reorder,
        options=options,
        shortest=GIF_SHORTEST if name == "gif" else 1,
    )
    return on_hardware(plan, name, settings) if settings.hardware else plan


def on_hardware(plan: Plan, name: str, settings: EncodeSettings) -> Plan:
    """Return *plan* for the first encoder of a graphics card that opens and loses no more; else *plan*.

    Args:
        plan: for the codec's own encoder.
        name: of the codec.
        settings: whose quality, or bitrate, it shall have.
    """
    for ending, family in FAMILIES.items() if not settings.lossless else ():
        try:
            offered = [item.name for item in av.Codec(f"{name}_{ending}", "w").video_formats or ()]
        except ValueError:  # not in this FFmpeg
            continue
        options = {} if settings.bitrate else family.options(max(round(float(settings.quality)), 1))
        packed = packed_format(plan.format, offered, family.device)
        there = replace(
            plan,
            encoder=f"{name}_{ending}",
            options=options,
            packed=packed,
            device=family.device,
            reorder=HARDWARE_REORDER,
        )
        if packed and encodes(there):
            return there
    log.warning("no graphics card here encodes %s of this kind: %s does", name, plan.encoder)
    return plan


def encodes(plan: Plan) -> bool:
    """Tell whether the encoder of *plan* opens on this machine and takes a frame."""
    try:
        context = open_codec(plan)
        black = av.VideoFrame(plan.width, plan.height, plan.packed or plan.format)
        for plane in black.planes:
            plane.update(bytes(plane.buffer_size))
        black.pts, black.time_base = 0, plan.time_base
        context.encode(black)
        context.encode(None)
    except (av.error.FFmpegError, OSError, ValueError, RuntimeError, TypeError):  # PyAV says no in all ways
        return False
    return True


def open_codec(plan: Plan) -> av.VideoCodecContext:
    """Return the encoder of *plan*, set up; it opens with the first frame."""
    context = av.CodecContext.create(plan.encoder, "w", **hardware_of(plan))
    assert isinstance(context, av.VideoCodecContext)
    context.options = dict(plan.options)
    context.time_base, context.framerate = plan.time_base, plan.rate
    set_up(context, plan)
    return context


def hardware_of(plan: Plan) -> dict[str, Any]:
    """Return the arguments that open what the encoder of *plan* runs on."""
    return {"hwaccel": HWAccel(plan.device)} if plan.device else {}


def choose_colour(clip: Clip | None) -> Colour:
    """Return the tags to write: those of the source, or BT.709 for a camera and for RGB."""
    if clip is None:
        return Colour(BT709, BT709, BT709, LIMITED)
    colour = clip.colour
    if colour.matrix != RGB:
        return colour
    known = {"primaries": colour.primaries, "transfer": colour.transfer}
    told = {key: BT709 if value == UNKNOWN else value for key, value in known.items()}
    return replace(colour, **told, matrix=BT709, range=LIMITED)


def describe_mastering(mastering: Mastering, display: str, light: str, *, exact: bool) -> Iterator[str]:
    """Yield what an encoder wants to be told about *mastering*.

    Args:
        mastering: of the source.
        display: what the encoder calls the display.
        light: what it calls the levels of light.
        exact: numbers are in the units of *mastering*, not in shares and cd/m².
    """
    xy, nits = (1, 1) if exact else (50000, 10000)
    if mastering.primaries and mastering.luminance:
        red, green, blue, white = zip(mastering.primaries[0::2], mastering.primaries[1::2], strict=True)
        named = {"G": green, "B": blue, "R": red, "WP": white}
        points = "".join(f"{name}({x / xy:.15g},{y / xy:.15g})" for name, (x, y) in named.items())
        least, most = (value / nits for value in mastering.luminance)
        yield f"{display}={points}L({most:.15g},{least:.15g})"
    if mastering.levels:
        yield "{}={},{}".format(light, *mastering.levels)


class Encoder:
    """Encodes frames into a new video stream of *output*.

    After every ``SEGMENT_FRAMES`` frames the codec starts afresh, as it does after a break: so a job that
    was resumed has the same packets as one that was not.

    Args:
        output: the container; the stream is added to it.
        plan: how.
    """

    def __init__(self, output: av.container.OutputContainer, plan: Plan) -> None:
        self._plan = plan
        added = output.add_stream(
            plan.encoder,
            rate=plan.rate,
            options=dict(plan.options),
            time_base=plan.time_base,
            **hardware_of(plan),
        )
        self.stream = cast(av.VideoStream, added)
        self._context = self.stream.codec_context
        set_up(self._context, plan)
        self._global_header = bool(self._context.flags & Flags.global_header)
        self._in_segment = 0
        self._shown: deque[int] = deque()
        self._step = max(round(1 / plan.rate / plan.time_base), 1)
        self._first = True
        self._begun = False
        self._packer = VideoReformatter()

    def encode(self, frame: Frame, pts: int, *, key: bool = False) -> Packets:
        """Yield the packets that are ready once *frame* is in.

        Args:
            frame: of the size in the plan.
            pts: when it is shown, in units of the plan's time base.
            key: whether a viewer must be able to begin with it.
        """
        plan = self._plan
        if plan.encoder == "gif":
            made = to_palette(make_frame(frame, "gbrap", Colour(matrix=RGB)))
        else:
            made = make_frame(frame, plan.format, plan.colour)
            if plan.packed not in ("", plan.format):
                made = self._packer.reformat(made, format=plan.packed)
            made.color_primaries, made.color_trc = plan.colour.primaries, plan.colour.transfer
            made.colorspace, made.color_range = plan.colour.matrix, plan.colour.range
        made.pts, made.time_base = pts, plan.time_base
        if frame.duration_seconds:
            made.duration = max(round(frame.duration_seconds / plan.time_base), plan.shortest)
        if key:
            made.pict_type = PictureType.I
        self._in_segment += 1
        yield from self.place(self._context.encode(made), [pts])

    def skip(self) -> None:
        """Count a frame that is left out: segments are of so many frames of the source."""
        self._in_segment += 1

    @property
    def segment_is_full(self) -> bool:
        """True when ``finish`` and ``restart`` are due."""
        return self._in_segment >= SEGMENT_FRAMES

    def finish(self) -> Packets:
        """Yield the packets that the codec still holds."""
        yield from self.place(self._context.encode(None), [])

    def restart(self) -> None:
        """Let the codec start afresh; it must have finished."""
        context = open_codec(self._plan)
        if self._global_header:
            context.flags |= Flags.global_header
        self._context = context
        self._in_segment = 0

    def place(self, packets: Iterable[av.Packet[av.VideoStream]], shown: Iterable[int]) -> Packets:
        """Yield *packets* as packets of the stream, with times of decoding that never step back.

        Args:
            packets: in the order of decoding.
            shown: the times of frames that went in with them, in order.
        """
        for pts in shown:
            if self._first:  # decoding begins this much ahead of showing
                self._shown.extend(pts - self._step * early for early in range(self._plan.reorder, 0, -1))
                self._first = False
            self._shown.append(pts)
        for packet in map(unhinted, packets):
            if self._plan.encoder == "gif" and self._begun:
                packet = without_gif_header(packet)
            self._begun = True
            packet.stream, packet.time_base = self.stream, self._plan.time_base
            packet.dts = self._shown.popleft()
            yield packet


def unhinted(packet: av.Packet[av.VideoStream]) -> av.Packet[av.VideoStream]:
    """Return *packet* without the hint that no other needs it, which a resumed job cannot give again."""
    return remake(packet, bytes(packet)) if packet.is_disposable else packet


def without_gif_header(packet: av.Packet[av.VideoStream]) -> av.Packet[av.VideoStream]:
    """Return *packet* without the header of a whole file, which each fresh encoder of GIF begins with."""
    data = bytes(packet)
    return remake(packet, data[GIF_HEADER_BYTES:]) if data.startswith(b"GIF89a") else packet


def remake(packet: av.Packet[av.VideoStream], data: bytes) -> av.Packet[av.VideoStream]:
    """Return *data* as a packet with the times of *packet*, and without its hints."""
    made: av.Packet[Any] = av.Packet(data)
    made.pts, made.duration, made.is_keyframe = packet.pts, packet.duration, packet.is_keyframe
    return made


def set_up(context: av.VideoCodecContext, plan: Plan) -> None:
    """Give *context* what *plan* says."""
    context.width, context.height, context.pix_fmt = plan.width, plan.height, plan.packed or plan.format
    context.color_primaries, context.color_trc = plan.colour.primaries, plan.colour.transfer
    context.colorspace, context.color_range = plan.colour.matrix, plan.colour.range
    context.flags |= Flags.frame_duration
    if plan.sample_aspect_ratio:
        context.sample_aspect_ratio = plan.sample_aspect_ratio
    if plan.bitrate:
        context.bit_rate = plan.bitrate
    if plan.tag:
        context.codec_tag = plan.tag
