import io

import av
import numpy as np
import pytest

from livestyle.audio import RATE, Audio
from livestyle.sinks.audio import AudioEncoder


def encode(pieces, fill=0.0):
    """Return what is heard, at 48 kHz, of *pieces*: (begin, end, level) in seconds."""
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as container:
        encoder = AudioEncoder(container)
        for begin, end, level in pieces:
            samples = np.full((round((end - begin) * RATE), 2), round(level * 32767), np.int16)
            samples[np.arange(len(samples)) % 48 < 24] *= -1  # 1 kHz
            container.mux(list(encoder.add(Audio(samples, begin), 0.0)))
        container.mux([*encoder.fill(fill), *encoder.finish()])
    written.seek(0)
    with av.open(written) as container:
        frames = list(container.decode(audio=0))
    heard = np.zeros(round(frames[-1].time * RATE) + 2048)
    for frame in frames:
        at = round(frame.time * RATE)
        heard[at : at + frame.samples] = np.abs(frame.to_ndarray()[0])
    return heard


def level(heard, begin, end):
    return float(heard[round(begin * RATE) : round(end * RATE)].mean())


def test_gaps_are_silent_and_nothing_is_heard_twice():
    heard = encode([(0.0, 0.5, 0.4), (1.0, 1.5, 0.4), (1.2, 2.0, 0.4)], fill=3.0)
    assert len(heard) / RATE == pytest.approx(3.0, abs=0.06)
    assert level(heard, 0.1, 0.45) > 0.02
    assert level(heard, 0.6, 0.9) < 0.005
    assert level(heard, 1.1, 1.9) > 0.02
    assert level(heard, 2.1, 2.8) < 0.005


def test_the_last_moment_is_heard():
    heard = encode([(0.0, 1.0, 0.4)])
    assert level(heard, 0.98, 0.999) > 0.02


def test_what_was_before_the_first_picture_is_left_out():
    heard = encode([(-1.0, -0.5, 0.4), (-0.5, 0.5, 0.4)], fill=1.0)
    assert len(heard) / RATE == pytest.approx(1.0, abs=0.06)
    assert level(heard, 0.1, 0.4) > 0.02
    assert level(heard, 0.6, 0.9) < 0.005
