"""Sound track: what a microphone hears, in step with the frames of a recording."""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import av
import av.container
from av.audio.resampler import AudioResampler

from livestyle.frame import Frame
from livestyle.sinks.hearing import Hearing
from livestyle.sound import Microphone, Samples

OPUS_RATE = 48000


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
        self._hearing = Hearing(microphone)

    def advance(self, frame: Frame, until_seconds: float) -> None:
        """Encode what was heard by now, up to *until_seconds*, a time of the source that *frame* comes from.

        The first frame given is the first of the picture: what was heard with it comes first.
        """
        self._encode(self._hearing.take(frame, until_seconds))

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
