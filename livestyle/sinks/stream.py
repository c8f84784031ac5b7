"""Stream sink: sends frames to a server or a player: rtmp(s), rtsp, udp."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import av
import av.container

from livestyle.errors import SinkUnavailable, UnknownName
from livestyle.frame import Frame, StreamInfo
from livestyle.sinks import LIVE_ENCODING
from livestyle.sinks.encoder import CAMERA_TIME_BASE, Encoder, Plan, make_plan

log = logging.getLogger(__name__)

FORMATS = {"rtmp": "flv", "rtmps": "flv", "rtsp": "rtsp", "udp": "mpegts"}
"""Containers by the beginning of the address."""

KEYFRAME_SECONDS = 2
"""Between frames that a viewer can begin with; what the large services ask for."""

BITS_PER_PIXEL = 0.12
"""Of each frame; 4 Mbit/s for 720p at 30 frames per second."""

TIMEOUT_SECONDS = 5.0
"""For the server to answer."""

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 15.0
"""Before a lost server is called again, and at most; doubled in between."""


class StreamSink:
    """Sends frames as H.264, at the times at which they were captured. A server that is lost is called again.

    Args:
        address: ``rtmp://server/app/key`` and the like.
        info: size and rate of the frames that will come.

    Raises:
        UnknownName: streams are not sent to such addresses.
        SinkUnavailable: nothing answers there.
    """

    name = "stream"

    def __init__(self, address: str, info: StreamInfo) -> None:
        self._address = address
        self._info = info
        self._wait_seconds = FIRST_WAIT_SECONDS
        self._next_try_at = 0.0
        self._format = choose_format(address)
        self._output: av.container.OutputContainer | None = None
        self._connect()

    def write(self, frame: Frame) -> None:
        """Send *frame*; while the server is away, forget it."""
        if self._output is None and time.perf_counter() < self._next_try_at:
            return
        try:
            if self._output is None:
                self._connect()
            if self._output is not None:
                self._send(self._output, frame)
            self._wait_seconds = FIRST_WAIT_SECONDS
        except (SinkUnavailable, OSError) as error:
            self._lose(error)

    def close(self) -> None:
        """Send what is left and hang up."""
        if self._output is not None:
            with suppress(OSError):  # the server hung up first
                self._output.mux(list(self._encoder.finish()))
        self._hang_up()

    def _connect(self) -> None:
        options = {"flv": {"flvflags": "no_duration_filesize"}, "rtsp": {"rtsp_transport": "tcp"}}
        try:
            output = av.open(
                self._address,
                "w",
                format=self._format,
                options=options.get(self._format, {}),
                timeout=TIMEOUT_SECONDS,
            )
            self._encoder = Encoder(output, make_stream_plan(self._info))
            output.start_encoding()
        except OSError as error:
            place = urlsplit(self._address)._replace(path="", query="").geturl()  # without the secret key
            reason = (error.strerror or str(error)).lower()
            raise SinkUnavailable(f"cannot stream to {place}/…: {reason}; is the server running?") from error
        self._output = output
        self._origin_seconds: float | None = None

    def _send(self, output: av.container.OutputContainer, frame: Frame) -> None:
        if self._origin_seconds is None:
            self._origin_seconds = frame.pts_seconds
        pts = round((frame.pts_seconds - self._origin_seconds) / CAMERA_TIME_BASE)
        output.mux(list(self._encoder.encode(frame, pts)))

    def _lose(self, error: Exception) -> None:
        """Hang up, and say when the server will be called again."""
        log.warning("stream lost (%s); trying again in %.0f s", str(error).lower(), self._wait_seconds)
        self._hang_up()
        self._next_try_at = time.perf_counter() + self._wait_seconds
        self._wait_seconds = min(2 * self._wait_seconds, LONGEST_WAIT_SECONDS)

    def _hang_up(self) -> None:
        output, self._output = self._output, None
        if output is not None:
            with suppress(OSError):  # says once more that the server is gone
                output.close()


def choose_format(address: str) -> str:
    """Return the container that *address* asks for, as FFmpeg names it.

    Raises:
        UnknownName: streams are not sent to such addresses.
    """
    scheme = urlsplit(address).scheme.lower()
    if scheme not in FORMATS:
        raise UnknownName("kind of stream", scheme, FORMATS)
    return FORMATS[scheme]


def make_stream_plan(info: StreamInfo) -> Plan:
    """Return how to encode for a network: at once, at an even rate, with key frames now and then."""
    plan = make_plan(Path("stream.mp4"), info, None, LIVE_ENCODING)
    rate = round(BITS_PER_PIXEL * info.width * info.height * float(plan.rate))
    options = {
        "preset": LIVE_ENCODING.preset,
        "tune": "zerolatency",
        "b": str(rate),
        "maxrate": str(rate),
        "bufsize": str(rate),
        "forced-idr": "1",
        "g": str(round(KEYFRAME_SECONDS * plan.rate)),
    }
    return replace(plan, options=options, reorder=0)
