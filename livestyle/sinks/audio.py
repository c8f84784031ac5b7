"""Sound encoder: pieces of sound in, one unbroken AAC or Opus track out."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TypeAlias, cast

import av
import av.container
import numpy as np
from av.codec.context import Flags

from livestyle.audio import CHANNELS, RATE, Audio, Samples

BITRATE = 160_000

TOLERANCE = RATE // 50
"""Samples by which a piece may be early or late and is yet taken as following the one before."""

AudioPackets: TypeAlias = "Iterator[av.Packet[av.AudioStream]]"


class AudioEncoder:
    """Encodes sound into a new stream of *output*: silence where there is none, nothing twice.

    Args:
        output: the container; the stream is added to it.
        codec: ``aac`` or ``libopus``.
    """

    def __init__(self, output: av.container.OutputContainer, codec: str = "aac") -> None:
        added = output.add_stream(codec, rate=RATE, layout="stereo")
        self.stream = cast(av.AudioStream, added)
        self._context = self.stream.codec_context
        self._context.bit_rate = BITRATE
        self._context.format = av.AudioFormat("fltp" if codec == "aac" else "s16")
        self._context.flags |= Flags.global_header
        self._context.open()
        self._size = self._context.frame_size
        self._waiting: Samples = np.zeros((0, CHANNELS), np.int16)
        # The encoder runs in before its first sample; so much is left out, or the track would begin before 0.
        self._begins = self._size
        self._ends = self._begins

    @property
    def ends_seconds(self) -> float:
        """Until when there is sound."""
        return self._ends / RATE

    def add(self, piece: Audio, origin_seconds: float) -> AudioPackets:
        """Yield the packets that are full once *piece* is in, counted from *origin_seconds*."""
        gap = round((piece.pts_seconds - origin_seconds) * RATE) - self._ends
        samples = piece.samples
        if gap > TOLERANCE:
            yield from self._encode(np.zeros((gap, CHANNELS), np.int16))
        elif gap < -TOLERANCE:
            samples = samples[-gap:]
        yield from self._encode(samples)

    def fill(self, seconds: float) -> AudioPackets:
        """Yield the packets that are full once there is silence until *seconds*, if nothing else is there."""
        missing = round(seconds * RATE) - self._ends
        if missing > 0:
            yield from self._encode(np.zeros((missing, CHANNELS), np.int16))

    def _encode(self, samples: Samples) -> AudioPackets:
        self._ends += len(samples)
        self._waiting = np.concatenate([self._waiting, samples])
        while len(self._waiting) >= self._size:
            taken, self._waiting = self._waiting[: self._size], self._waiting[self._size :]
            frame = av.AudioFrame.from_ndarray(taken.reshape(1, -1), format="s16", layout="stereo")
            frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
            frame.pts = self._begins
            self._begins += self._size
            for packet in self._context.encode(frame):
                packet.stream = self.stream
                yield packet
