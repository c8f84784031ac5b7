"""Hearing: what a microphone hears, without holes, in step with frames."""

from __future__ import annotations

import av
import numpy as np
from av.audio.resampler import AudioResampler

from livestyle.audio import CHANNELS, RATE, Audio, AudioTrack
from livestyle.frame import Frame
from livestyle.sound import Microphone, Samples, Sound

GAP_SECONDS, LAG_SECONDS = 0.05, 0.012
"""How far one block may be from where it belongs, and all of late, before sound is cut or silence put in."""

EASING = 0.02
"""Share of each new block in the drift: about a second's blocks count, since their times jitter."""

PULL, MOST_PULL = 0.1, 0.002
"""Share of the drift that each block makes good, and the most, as a share of its length: nobody hears it."""


class HeardTrack(AudioTrack):
    """Hands on what *microphone* hears as sources hand on their sound: on the clock of the frames.

    So it waits for the picture to be painted that was seen when it was heard.

    Args:
        microphone: closed by ``close``.
    """

    def __init__(self, microphone: Microphone) -> None:
        super().__init__()
        self._microphone = microphone
        self._resampler = AudioResampler("s16", "stereo", RATE)
        self._line: Line | None = None
        self._begins_seconds = 0.0
        self._handed = 0  # samples

    def advance(self, frame: Frame, until_seconds: float) -> None:
        """Hand on what was heard up to *until_seconds*, a time of the source that *frame* comes from.

        The first frame given is the first of the picture: what was heard with it comes first.
        """
        if self._line is None:
            self._line, self._begins_seconds = (
                Line(self._microphone.rate, frame.captured_at),
                frame.pts_seconds,
            )
        for sound in self._microphone.take():
            self._line.add(sound)
        samples = self._line.take(until_seconds - self._begins_seconds)
        if not samples.size:
            return
        heard = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
        heard.sample_rate = self._microphone.rate
        for piece in self._resampler.resample(heard):
            taken = piece.to_ndarray().reshape(-1, CHANNELS).astype(np.int16, copy=False)
            self.put(Audio(taken, self._begins_seconds + self._handed / RATE))
            self._handed += len(taken)

    def close(self) -> None:
        """Hear no more."""
        self._microphone.close()


class Line:
    """Puts blocks of sound in a line without holes, each where it belongs by the time at which it was heard.

    The clock of a microphone runs a little fast or slow: blocks are bent by as little to make up for it.

    Args:
        rate: samples per second.
        begins_at: the clock of ``Sound.heard_at`` when the line begins.
    """

    def __init__(self, rate: int, begins_at: float) -> None:
        self._rate = rate
        self._begins_at = begins_at
        self._begun = False
        self._waiting: Samples = np.zeros(0, np.float32)
        self._length = 0  # samples that are in line, taken or not
        self._drift = 0.0  # samples by which the microphone seems to be behind

    def add(self, sound: Sound) -> None:
        """Put *sound* at the end, after as much silence as there was no sound."""
        late = (sound.heard_at - self._begins_at) * self._rate - self._length
        self._drift += EASING * (late - self._drift)
        if not self._begun or abs(late) > GAP_SECONDS * self._rate:
            samples = self._shift(sound.samples, round(late))
        elif abs(self._drift) > LAG_SECONDS * self._rate:
            samples = self._shift(sound.samples, round(self._drift))
        else:
            samples = self._bend(sound.samples)
        self._waiting = np.concatenate([self._waiting, samples])
        self._length += samples.size

    def take(self, seconds: float) -> Samples:
        """Take what is in line before *seconds* after its beginning."""
        taken_before = self._length - self._waiting.size
        count = max(round(seconds * self._rate) - taken_before, 0)
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    def _shift(self, samples: Samples, late: int) -> Samples:
        """Return *samples* after *late* samples of silence, or without the first when that is negative."""
        self._begun, self._drift = self._begun or samples.size > -late, 0.0
        return np.concatenate([np.zeros(max(late, 0), np.float32), samples[max(-late, 0) :]])

    def _bend(self, samples: Samples) -> Samples:
        """Return *samples*, one or two more or less of them when they drift."""
        most = MOST_PULL * samples.size
        more = round(min(max(PULL * self._drift, -most), most))
        if not more:
            return samples
        self._drift -= more
        places = np.linspace(0, samples.size - 1, samples.size + more)
        return np.interp(places, np.arange(samples.size), samples).astype(np.float32)
