"""What is heard beside the frames: Audio, and the AudioTrack that hands it from a source to its listeners."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from livestyle.handoff import Handoff

RATE = 48_000
"""Samples per second, everywhere outside the parts that read and write media."""

CHANNELS = 2

LISTENER_PIECES = 512
"""How many pieces wait for a listener, about ten seconds; then the oldest is forgotten."""

Samples = NDArray[np.int16]
"""Audio outside of media: int16, (samples, ``CHANNELS``), ``RATE`` a second."""


@dataclass(frozen=True, eq=False)
class Audio:
    """A piece of sound and when it begins. Never changed in place.

    Attributes:
        samples: as ``Samples`` says.
        pts_seconds: of the first sample, on the clock of the source's frames.
    """

    samples: Samples = field(repr=False)
    pts_seconds: float


class AudioTrack:
    """Hands each piece of sound to all who listen; with nobody listening it is forgotten."""

    def __init__(self) -> None:
        self._listeners: list[Handoff[Audio]] = []
        self._changing = threading.Lock()

    def listen(self) -> Handoff[Audio]:
        """Return where pieces will be left from now on, in order, until that is ended."""
        listener: Handoff[Audio] = Handoff(LISTENER_PIECES, drop_oldest=True)
        with self._changing:
            self._listeners.append(listener)
        return listener

    def put(self, piece: Audio) -> None:
        """Leave *piece* for each listener."""
        with self._changing:
            self._listeners = [listener for listener in self._listeners if listener.put(piece)]
