"""A clip with a flash and a beep every second, and how far apart they are in what was received of it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 48_000
FPS = 30
SHORT = 0.1
"""Seconds of a flash and of a beep."""


def write_flashes(path: Path, seconds: int = 5, size: tuple[int, int] = (160, 96)) -> Path:
    """Write a clip that flashes white and beeps, each at the whole seconds but the first."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=FPS, options={"g": "30", "preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        sound = container.add_stream("aac", rate=RATE, layout="stereo")
        for index in range(seconds * FPS):
            lit = index >= FPS and index % FPS < SHORT * FPS
            pixels = np.full((size[1], size[0], 3), 255 if lit else 16, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            container.mux(sound.encode(tone(index)))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    return path


def tone(index: int) -> av.AudioFrame:
    """Return the sound of frame *index*."""
    count = RATE // FPS
    seconds = (index * count + np.arange(count)) / RATE
    wave = 0.5 * np.sin(2 * np.pi * 1000 * seconds) * ((seconds % 1 < SHORT) & (seconds >= 1))
    frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]).astype(np.float32), "fltp", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, index * count, Fraction(1, RATE)
    return frame


def measure_offsets(place: str | Path) -> list[float]:
    """Return, for each flash that was received, how many seconds later its beep is."""
    beeps = list(starts(loudness(place), 0.1))
    flashes = list(starts(brightness(place), 0.5))
    return [min((beep - flash for beep in beeps), key=abs) for flash in flashes if beeps]


def brightness(place: str | Path) -> Iterator[tuple[float, float]]:
    """Yield when each picture is, and how bright, 0 to 1."""
    with av.open(str(place)) as container:
        for frame in container.decode(video=0):
            yield frame.time or 0.0, float(frame.to_ndarray(format="gray").mean()) / 255


def loudness(place: str | Path) -> Iterator[tuple[float, float]]:
    """Yield when each millisecond of sound is, and how loud, 0 to 1."""
    with av.open(str(place)) as container:
        for frame in container.decode(audio=0):
            wave = np.abs(frame.to_ndarray()[0])
            for begin in range(0, len(wave), 48):
                yield (frame.time or 0.0) + begin / RATE, float(wave[begin : begin + 48].max())


def starts(values: Iterator[tuple[float, float]], level: float) -> Iterator[float]:
    """Yield when *values* rise over *level* after half a second below it."""
    last = float("-inf")
    for seconds, value in values:
        if value > level:
            if seconds - last > 0.5:
                yield seconds
            last = seconds
