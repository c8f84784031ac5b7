"""Feed: what one connection carries, encoded: the picture, and the sound that belongs to it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import av.container
from av.codec.context import Flags

from livestyle.audio import Audio
from livestyle.frame import Frame, StreamInfo
from livestyle.handoff import Handoff
from livestyle.settings import EncodeSettings
from livestyle.sinks.audio import SyncedAudio
from livestyle.sinks.encoder import CAMERA_TIME_BASE, Encoder, Plan, make_plan

KEYFRAME_SECONDS = 2
"""Between frames that a viewer can begin with; what the large services ask for."""

BITS_PER_PIXEL = 0.2
"""Of each frame: paintings have much detail. 5.5 Mbit/s for 720p at 30 frames per second."""

LEAST_BITRATE, MOST_BITRATE = 2_000_000, 6_000_000
"""Unless told otherwise; more is refused by some of the large services."""


class Feed:
    """Encodes frames and the sound of their time, both counted from the first frame.

    Args:
        plan: of the picture.
        audio: what is heard; None leaves silence.
        codec: of the sound: ``aac``, or ``libopus`` for WebRTC.

    Attributes:
        header: with AAC, an AVI file without a packet, which tells of the streams: picture 0, sound 1.
    """

    def __init__(self, plan: Plan, audio: Handoff[Audio] | None, codec: str) -> None:
        self._origin_seconds: float | None = None
        self._last = -1
        self._next_key_seconds = 0.0
        written = io.BytesIO()
        self._container = av.open(written, "w", format="avi" if codec == "aac" else "mpegts")
        self._picture = Encoder(self._container, plan)
        if codec == "aac":  # else the headers go into each key frame
            self._picture.stream.codec_context.flags |= Flags.global_header
        self._sound = SyncedAudio(self._container, codec, audio)
        self._container.start_encoding()
        self.header = written.getvalue()

    def encode(self, frame: Frame) -> Iterator[av.Packet[Any]]:
        """Yield the packets of the frame before *frame*, after those of the sound until then."""
        if self._origin_seconds is None:
            self._origin_seconds = frame.pts_seconds
        seconds = frame.pts_seconds - self._origin_seconds
        yield from self._sound.encode(frame.pts_seconds, self._origin_seconds)
        key = seconds >= self._next_key_seconds
        if key:
            self._next_key_seconds = seconds + KEYFRAME_SECONDS - 1e-3
        self._last = max(round(seconds / CAMERA_TIME_BASE), self._last + 1)
        yield from self._picture.encode(frame, self._last, key=key)

    def finish(self) -> Iterator[av.Packet[Any]]:
        """Yield the packets of the last frame."""
        yield from self._picture.finish()


def plan_feed(info: StreamInfo, settings: EncodeSettings, *, plain: bool = False) -> Plan:
    """Return how to encode the picture for a network: a frame later, at an even rate.

    Args:
        info: size and rate of the frames.
        settings: its preset and bitrate are used.
        plain: leave out what browsers may not understand.
    """
    live = replace(settings, codec="h264", hardware=False)
    plan = make_plan(Path("stream.mp4"), info, None, live)
    fitting = round(BITS_PER_PIXEL * info.width * info.height * float(plan.rate))
    rate = plan.bitrate or min(max(fitting, LEAST_BITRATE), MOST_BITRATE)
    options = {
        "preset": settings.preset,
        "tune": "zerolatency",
        "profile": "baseline" if plain else "high",
        "b": str(rate),
        "maxrate": str(rate),
        "bufsize": str(rate),
        "x264-params": "force-cfr=0",  # else bits are counted as if all frames came; it awaits the next
        "forced-idr": "1",
        "sc_threshold": "0",  # a cut is no reason for a key frame: they cost a lot
        "g": str(round(2 * KEYFRAME_SECONDS * plan.rate)),  # never reached: feeds ask for key frames
    }
    return replace(plan, format="yuv420p", options=options, reorder=0, bitrate=0)
