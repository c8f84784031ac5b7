"""Sound encoder: pieces of sound in, one unbroken AAC or Opus track out."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, TypeAlias, cast

import av
import av.container
import numpy as np
from av.codec.context import Flags
from numpy.typing import NDArray

from livestyle.audio import CHANNELS, RATE, Audio, Samples
from livestyle.handoff import Handoff

BITRATE = 160_000

LATE_SECONDS = 1.0
"""By which sound may come after its picture; then there is silence instead."""

AHEAD_SECONDS = 10.0
"""By which sound may come before its picture; it is left out then: its clock has leapt."""

TOLERANCE_SECONDS = 0.02
"""By which a piece may be early or late and is yet taken as following the one before."""

AudioPackets: TypeAlias = "Iterator[av.Packet[av.AudioStream]]"


class AudioEncoder:
    """Encodes sound into a new stream of *output*: silence where there is none, nothing twice.

    Args:
        output: the container; the stream is added to it.
        codec: ``aac`` or ``libopus``.
        whole: whether sound is kept from the first sample on. The encoder runs in before it: players of
            streams would see a track that begins before 0, so these lack as much, about 20 ms.
    """

    def __init__(
        self, output: av.container.OutputContainer, codec: str = "aac", *, whole: bool = False
    ) -> None:
        added = output.add_stream(codec, rate=RATE, layout="stereo")
        self.stream = cast(av.AudioStream, added)
        self._context = self.stream.codec_context
        self._context.bit_rate = BITRATE
        self._context.format = av.AudioFormat("fltp" if codec == "aac" else "s16")
        self._context.flags |= Flags.global_header
        self._context.open()
        self._size = self._context.frame_size
        self._waiting: Samples = np.zeros((0, CHANNELS), np.int16)
        self._begins = 0 if whole else self._size
        self._ends = self._begins

    @property
    def ends_seconds(self) -> float:
        """Until when there is sound."""
        return self._ends / RATE

    def add(self, piece: Audio, origin_seconds: float) -> AudioPackets:
        """Yield the packets that are full once *piece* is in, counted from *origin_seconds*."""
        late = round((piece.pts_seconds - origin_seconds) * RATE) - self._ends
        for samples in keep_time(piece.samples, late, RATE):
            yield from self._encode(samples)

    def fill(self, seconds: float) -> AudioPackets:
        """Yield the packets that are full once there is silence until *seconds*, if nothing else is there."""
        missing = round(seconds * RATE) - self._ends
        if missing > 0:
            yield from self._encode(np.zeros((missing, CHANNELS), np.int16))

    def finish(self) -> AudioPackets:
        """Yield the last packets."""
        if len(self._waiting):
            yield from self._encode_frame(self._waiting)
        for packet in self._context.encode(None):
            packet.stream = self.stream
            yield packet

    def _encode(self, samples: Samples) -> AudioPackets:
        self._ends += len(samples)
        self._waiting = np.concatenate([self._waiting, samples])
        while len(self._waiting) >= self._size:
            taken, self._waiting = self._waiting[: self._size], self._waiting[self._size :]
            yield from self._encode_frame(taken)

    def _encode_frame(self, samples: Samples) -> AudioPackets:
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
        frame.pts = self._begins
        self._begins += len(samples)
        for packet in self._context.encode(frame):
            packet.stream = self.stream
            yield packet


class SyncedAudio:
    """Encodes what is heard in step with the picture into a new stream of *output*.

    Args:
        output, codec, whole: see ``AudioEncoder``.
        heard: where pieces are left; None leaves silence.
    """

    def __init__(
        self,
        output: av.container.OutputContainer,
        codec: str,
        heard: Handoff[Audio] | None,
        *,
        whole: bool = False,
    ) -> None:
        self._encoder = AudioEncoder(output, codec, whole=whole)
        self._heard = heard
        self._next: Audio | None = None

    def encode(self, until_seconds: float, origin_seconds: float) -> AudioPackets:
        """Yield the packets of what is heard before *until_seconds*, counted from *origin_seconds*."""
        while (piece := self._take()) is not None:
            ahead = piece.pts_seconds - until_seconds
            if 0 < ahead <= AHEAD_SECONDS:
                break
            if ahead <= 0:
                yield from self._encoder.add(piece, origin_seconds)
            self._next = None
        late = LATE_SECONDS if self._heard else 0.0
        yield from self._encoder.fill(until_seconds - origin_seconds - late)

    def finish(self) -> AudioPackets:
        """Yield the last packets, and listen no more."""
        if self._heard:
            self._heard.end(discard=True)
        yield from self._encoder.finish()

    def _take(self) -> Audio | None:
        """Return the piece of sound that is next, if there is one."""
        if self._next is None and self._heard is not None:
            self._next = self._heard.take(0)
        return self._next


def keep_time(samples: NDArray[Any], late: int, rate: int) -> Iterator[NDArray[Any]]:
    """Yield what to put after the end of a track for *samples* to be heard in time.

    Args:
        samples: (samples, channels), where 0 is silence.
        late: by so many samples they begin after that end, or before it if negative.
        rate: in samples per second.

    Returns:
        Silence up to their time, by the second, then *samples* without what is over; nothing empty.
    """
    tolerance = rate * TOLERANCE_SECONDS
    if late > tolerance:
        silence = np.zeros((rate, samples.shape[1]), samples.dtype)
        yield from (silence[: late - begin] for begin in range(0, late, rate))
    elif late < -tolerance:
        samples = samples[-late:]
    if len(samples):
        yield samples
