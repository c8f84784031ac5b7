"""Microphones through PortAudio, which macOS and Windows need; sounddevice brings it along."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import sounddevice

from livestyle.errors import SourceUnavailable
from livestyle.handoff import Handoff
from livestyle.sound import Samples, Sound

KEPT_BLOCKS = 1000
"""Ten seconds, for a writer that is busy."""


class PortAudioMicrophone:
    """Hears device *number*, which people call *name*.

    Raises:
        SourceUnavailable: it cannot be opened.
    """

    def __init__(self, number: int, name: str) -> None:
        self.name = name
        self._heard: Handoff[Sound] = Handoff(KEPT_BLOCKS, drop_oldest=True)
        try:
            self._stream = sounddevice.InputStream(
                device=number, channels=1, dtype="float32", callback=self._hear
            )
            self._stream.start()
        except sounddevice.PortAudioError as error:
            raise SourceUnavailable(
                f"cannot hear {name}: {error}; allow it in the system's privacy settings, or give "
                "--microphone none"
            ) from error
        self.rate = round(self._stream.samplerate)

    def take(self) -> list[Sound]:
        """Return what was heard since the last call, in order."""
        return list(iter(lambda: self._heard.take(0), None))

    def close(self) -> None:
        """Hear no more. What was heard can still be taken."""
        self._stream.close()
        self._heard.end()

    def _hear(self, samples: Samples, count: int, when: Any, status: object) -> None:
        """Hand over a block; PortAudio calls this, and reuses *samples*."""
        # Windows' usual way, MME, does not tell when the block began: it is at least as old as it is long.
        age_seconds = max(when.currentTime - when.inputBufferAdcTime, count / self._stream.samplerate)
        self._heard.put(Sound(np.array(samples[:, 0]), time.perf_counter() - age_seconds))


def list_devices() -> list[tuple[int, str]]:
    """Return the numbers and names of what the system's usual way into sound can hear, the default first."""
    default = sounddevice.default.device[0]
    usual = sounddevice.query_devices(default)["hostapi"] if default >= 0 else None
    found = [
        (number, device["name"])
        for number, device in enumerate(sounddevice.query_devices())
        if device["max_input_channels"] and device["hostapi"] == usual
    ]
    return sorted(found, key=lambda pair: pair[0] != default)
