"""Makes samples/clip.mp4: four photos filmed with a moving camera, sensor noise, and a soft chord.

The photos are in the public domain or CC0 and come with scikit-image; see CREDITS.md. Run it with

    .venv/bin/python samples/make_samples.py

The same versions of the packages give the same file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray

WIDTH, HEIGHT, FPS = 640, 360, 24
SHOT_SECONDS, DISSOLVE_SECONDS = 1.75, 0.35
SAMPLE_RATE = 44_100
NOISE_SIGMA = 2.0
"""Of a small sensor in good light, in levels of 255."""


@dataclass(frozen=True)
class View:
    """Where the camera looks: the centre as shares of the photo, the width in its pixels, the roll."""

    x: float
    y: float
    width: float
    degrees: float


@dataclass(frozen=True)
class Shot:
    """One photo, the camera's way over it, and the notes that sound, in Hz."""

    photo: str
    start: View
    end: View
    notes: tuple[float, ...]


SHOTS = (
    Shot("astronaut", View(0.46, 0.32, 500, -1.0), View(0.44, 0.27, 350, 1.5), (220.0, 277.2, 329.6)),
    Shot("chelsea", View(0.56, 0.42, 330, 2.0), View(0.46, 0.46, 440, 0.0), (196.0, 246.9, 329.6)),
    Shot("coffee", View(0.36, 0.56, 420, -3.0), View(0.56, 0.48, 520, 3.0), (174.6, 220.0, 329.6)),
    Shot("rocket", View(0.50, 0.62, 420, 0.0), View(0.50, 0.45, 600, 0.0), (220.0, 277.2, 440.0)),
)


def ease(part: float) -> float:
    """Start and stop gently: 0 to 1."""
    return part * part * (3 - 2 * part)


def film(shot: Shot, part: float) -> NDArray[np.float32]:
    """Return what the camera sees at *part* of *shot*, RGB, (HEIGHT, WIDTH, 3) in 0–255."""
    photo = getattr(skimage.data, shot.photo)()
    t = ease(part)
    x, y, width, degrees = (
        (1 - t) * getattr(shot.start, name) + t * getattr(shot.end, name)
        for name in ("x", "y", "width", "degrees")
    )
    centre = (x * photo.shape[1], y * photo.shape[0])
    matrix = cv2.getRotationMatrix2D(centre, degrees, WIDTH / width)
    matrix[:, 2] += (WIDTH / 2 - centre[0], HEIGHT / 2 - centre[1])
    flags, border = cv2.INTER_CUBIC, cv2.BORDER_REFLECT_101
    seen = cv2.warpAffine(photo, matrix, (WIDTH, HEIGHT), flags=flags, borderMode=border)
    return seen.astype(np.float32)


def pictures() -> Iterator[NDArray[np.uint8]]:
    """Yield the frames of the clip; each shot dissolves into the next."""
    rng = np.random.default_rng(1)
    step = SHOT_SECONDS - DISSOLVE_SECONDS
    for index in range(round((step * len(SHOTS) + DISSOLVE_SECONDS) * FPS)):
        seconds = index / FPS
        number = min(int(seconds / step), len(SHOTS) - 1)
        since = seconds - number * step
        seen = film(SHOTS[number], since / SHOT_SECONDS)
        if number and since < DISSOLVE_SECONDS:
            before = film(SHOTS[number - 1], (since + step) / SHOT_SECONDS)
            seen = before + ease(since / DISSOLVE_SECONDS) * (seen - before)
        noisy = seen + rng.normal(0, NOISE_SIGMA, seen.shape)
        yield noisy.clip(0, 255).round().astype(np.uint8)


def chord(seconds: float) -> NDArray[np.float32]:
    """Return the sound, mono in [-1, 1]: the notes of each shot, swelling and fading with it."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    sound = np.zeros_like(time)
    step = SHOT_SECONDS - DISSOLVE_SECONDS
    for number, shot in enumerate(SHOTS):
        swell = np.sin(np.pi * ((time - number * step) / SHOT_SECONDS).clip(0, 1)) ** 2
        for note in shot.notes:
            sound += 0.06 * swell * (np.sin(2 * np.pi * note * time) + 0.3 * np.sin(4 * np.pi * note * time))
    return sound.astype(np.float32)


def write_clip(path: Path) -> None:
    """Write the clip to *path*: H.264 and AAC."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream(
            "libx264", rate=FPS, options={"crf": "25", "preset": "slow", "threads": "1"}
        )
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono", bit_rate=64_000)
        count = 0
        for count, pixels in enumerate(pictures(), 1):  # noqa: B007 (used below)
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(video.encode(None))
        sound = av.AudioFrame.from_ndarray(chord(count / FPS)[None], format="fltp", layout="mono")
        sound.sample_rate = SAMPLE_RATE
        container.mux(audio.encode(sound))
        container.mux(audio.encode(None))


if __name__ == "__main__":
    write_clip(Path(__file__).parent / "clip.mp4")
