"""URL source: rtsp, rtmp, http(s), hls, udp and srt streams."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import av
import av.error
import numpy as np

from livestyle.address import hide_secrets
from livestyle.audio import Audio, AudioTrack
from livestyle.colour import Colour
from livestyle.errors import SourceUnavailable
from livestyle.frame import Frame, Pixels, StreamInfo
from livestyle.sources.clock import StreamClock
from livestyle.sources.dial import PATIENT_SECONDS, Call, dial
from livestyle.sources.ear import Ear

UNTIMED = ("mpjpeg", "mjpeg", "image2pipe")
"""What FFmpeg calls streams whose pictures have no times of their own: they are when they come."""

LONGEST_PAUSE_SECONDS = 1.0
"""Between two pictures."""


class UrlSource:
    """Yields what a network stream shows, always its newest picture, and hands on what is heard.

    Args:
        given: ``rtsp://…``, ``rtmp://…``, ``http(s)://…``, ``udp://…`` or ``srt://…``.
        options: not used: a stream has the size and rate that it has.

    Attributes:
        info: size and rate.
        audio: what is heard; None when the stream has no sound.

    Raises:
        SourceUnavailable: nothing answers there, or it has no picture; so does iteration, when it is lost.
        MissingExtra: such streams need packages that are not installed.
    """

    def __init__(self, given: str, **options: int | float) -> None:
        self._name = hide_secrets(given)
        self._call: Call = dial(given, self._name)
        container = self._call.container
        picture = self._call.picture
        if picture is None:
            self.close()
            if self._call.waited:
                raise SourceUnavailable(
                    f"{self._name} gave no picture in {PATIENT_SECONDS:.0f} s; set the sender's key frame "
                    "interval to 2 s, or try again; does it send video?"
                )
            raise SourceUnavailable(f"{self._name} has no picture; give a stream with video")
        self._picture = picture
        self._picture.thread_type = "SLICE"  # threads by frame would each hold one back
        self._heard = container.streams.best("audio")
        self.audio = AudioTrack() if self._heard else None
        self.info = StreamInfo(
            self._picture.codec_context.width,
            self._picture.codec_context.height,
            float(self._picture.average_rate or 30),
            live=True,
        )

    def __iter__(self) -> Iterator[Frame]:
        started, index = time.perf_counter(), 0
        timed = self._call.container.format.name not in UNTIMED
        clock, ear = StreamClock(paced=self._call.paced), Ear()
        for packet in self._packets():
            if packet.stream is self._heard:
                self._hand_on(ear, packet, clock)
                continue
            for picture in decode(packet):
                came = time.perf_counter() - started
                due = clock.place(picture.time, came) if timed and picture.time is not None else came
                if self._call.paced:
                    time.sleep(min(max(due - came, 0.0), LONGEST_PAUSE_SECONDS))
                yield Frame(read_pixels(picture), index, due, time.perf_counter())
                index += 1

    def close(self) -> None:
        """Hang up."""
        self._call.hang_up()

    def _packets(self) -> Iterator[av.Packet[Any]]:
        wanted = [stream for stream in (self._picture, self._heard) if stream is not None]
        try:
            yield from self._call.container.demux(*wanted)
        except (av.error.FFmpegError, OSError) as error:
            raise SourceUnavailable(f"{self._name} was lost: {self._call.explain(error)}") from None

    def _hand_on(self, ear: Ear, packet: av.Packet[Any], clock: StreamClock) -> None:
        for piece in ear.hear(packet):
            when = clock.find(piece.pts_seconds)
            if when is not None and self.audio is not None:
                self.audio.put(Audio(piece.samples, when))


def read_pixels(picture: av.VideoFrame) -> Pixels:
    """Return the RGB picture of *picture*, (H, W, 3)."""
    matrix = Colour(matrix=picture.colorspace).settled(picture.height).matrix  # FFmpeg asks no height
    return picture.to_ndarray(format="rgb24", src_colorspace=matrix).astype(np.uint8, copy=False)


def decode(packet: av.Packet[Any]) -> Iterator[av.VideoFrame]:
    """Yield the pictures in *packet*; what is damaged on the way is left out."""
    try:
        yield from packet.decode()
    except (ValueError, av.error.FFmpegError):
        return
