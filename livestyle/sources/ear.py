"""Ear: decodes sound, as pieces of the one kind that all else knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np

from livestyle.audio import CHANNELS, RATE, Audio
from livestyle.joins import demux
from livestyle.sources.decode import open_container

AHEAD_SECONDS = 0.25
"""By which the sound of a file is read before its picture."""


class Ear:
    """Decodes packets of one stream of sound."""

    def __init__(self) -> None:
        self._resampler: av.AudioResampler | None = None

    def hear(self, packet: av.Packet[Any]) -> Iterator[Audio]:
        """Yield the pieces in *packet*, at the times that the stream gives; what is damaged is left out."""
        try:
            frames = packet.decode()
        except av.error.FFmpegError:  # damaged
            return
        for frame in frames:
            if not isinstance(frame, av.AudioFrame) or frame.pts is None or frame.time is None:
                continue
            self._resampler = self._resampler or av.AudioResampler("s16", "stereo", RATE)
            begins = frame.time
            try:
                pieces = self._resampler.resample(frame)
            except ValueError:  # the stream has changed its kind midway
                self._resampler = av.AudioResampler("s16", "stereo", RATE)
                pieces = self._resampler.resample(frame)
            for piece in pieces:
                samples = piece.to_ndarray().reshape(-1, CHANNELS)
                yield Audio(samples.astype(np.int16, copy=False), begins)
                begins += len(samples) / RATE


class FileSound:
    """Reads the sound of a file along with its picture; a file without sound is silent.

    Args:
        path: of the file.

    Raises:
        SourceUnavailable: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._container = open_container(path)
        stream = self._container.streams.best("audio")
        self._pieces = self._read(stream) if stream else iter(())
        self._next = next(self._pieces, None)

    @property
    def silent(self) -> bool:
        """Whether there is nothing to hear, or nothing more."""
        return self._next is None

    def read(self, until_seconds: float) -> Iterator[Audio]:
        """Yield the next pieces, up to shortly after *until_seconds* as the file counts them."""
        while self._next is not None and self._next.pts_seconds <= until_seconds + AHEAD_SECONDS:
            piece, self._next = self._next, next(self._pieces, None)
            yield piece

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()

    def _read(self, stream: Any) -> Iterator[Audio]:
        ear = Ear()
        packets = demux(self._container, self._container.streams.best("video"), [stream.index])
        while True:
            try:
                packet = next(packets, None)
            except (OSError, ValueError):  # a file that breaks off
                return
            if packet is None:
                return
            yield from ear.hear(packet)
