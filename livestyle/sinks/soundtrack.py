"""Sound track: what a microphone hears, in step with the frames of a recording."""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import av
import av.container
import numpy as np
from av.audio.resampler import AudioResampler

from livestyle.frame import Frame
from livestyle.sound import Microphone, Samples, Sound

OPUS_RATE = 48000

GAP_SECONDS, LAG_SECONDS = 0.05, 0.012
"""How far one block may be from where it belongs, and all of late, before sound is cut or silence put in."""

EASING = 0.02
"""Share of each new block in the drift: about a second's blocks count, since their times jitter."""

PULL, MOST_PULL = 0.1, 0.002
"""Share of the drift that each block makes good, and the most, as a share of its length: nobody hears it."""


class SoundTrack:
    """Encodes what *microphone* hears into a stream of *output*, at the times at which it was heard.

    Args:
        microphone: left open.
        output: the stream is added to it.
        encoder: as FFmpeg names it.
    """

    def __init__(self, microphone: Microphone, output: av.container.OutputContainer, encoder: str) -> None:
        self._microphone = microphone
        self._output = output
        self._rate = OPUS_RATE if encoder == "libopus" else microphone.rate
        self._stream = cast(av.AudioStream, output.add_stream(encoder, rate=self._rate, layout="mono"))
        self._resampler = AudioResampler(self._stream.codec_context.format, "mono", self._rate)
        self._encoded = 0
        self._line: Line | None = None
        self._first: Frame | None = None

    def advance(self, frame: Frame, until_seconds: float) -> None:
        """Encode what was heard by now, up to *until_seconds*, a time of the source that *frame* comes from.

        The first frame given is the first of the picture: what was heard with it comes first.
        """
        if self._first is None or self._line is None:
            self._first, self._line = frame, Line(self._microphone.rate, frame.captured_at)
        for sound in self._microphone.take():
            self._line.add(sound)
        self._encode(self._line.take(until_seconds - self._first.pts_seconds))

    def finish(self) -> None:
        """Write what the encoder still holds."""
        self._mux(self._resampler.resample(None))
        self._output.mux(self._stream.encode(None))

    def _encode(self, samples: Samples) -> None:
        if not samples.size:
            return
        frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
        frame.sample_rate, frame.time_base = self._microphone.rate, Fraction(1, self._microphone.rate)
        self._mux(self._resampler.resample(frame))

    def _mux(self, frames: list[av.AudioFrame]) -> None:
        for frame in frames:
            frame.pts, frame.time_base = self._encoded, Fraction(1, self._rate)
            self._encoded += frame.samples
            self._output.mux(self._stream.encode(frame))


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
