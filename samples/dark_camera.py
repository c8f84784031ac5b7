"""Measure how steady a painting is when the camera is noisy, for docs/steady.md.

Usage: python samples/dark_camera.py [CLIP]

Adds noise of several kinds to a still photo: what cameras leave in the dark has a grain.
Prints how much a pixel deviates over time, in levels: of the camera, painted each frame by itself, and
painted with the smoother; and E_warp ×1e-3 of a clip's first frames with the same noise, in both ways.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from skimage import data

import livestyle
from livestyle.frame import Pixels
from livestyle.measure.flicker import Playback, Source, measure_clip, play, summarize
from livestyle.measure.trial import open_clip

FRAMES, WARM = 60, 40
"""Of a still, and how many of them do not count; of a clip the same number."""

NOISE = [(4, 0), (8, 0), (4, 1), (8, 1), (4, 2), (8, 2)]
"""Standard deviation in levels, and over how many pixels neighbours are alike (σ of a Gaussian)."""


def add_noise(pictures: Iterator[Pixels], deviation: float, grain: float) -> list[Pixels]:
    """Return *pictures* with noise, each its own."""
    random, noisy = np.random.default_rng(0), []
    for picture in pictures:
        noise = random.normal(0, 1, picture.shape)
        noise = cv2.GaussianBlur(noise, (0, 0), grain) if grain else noise
        noise *= deviation / noise.std()
        noisy.append(np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8))
    return noisy


def paint(pictures: list[Pixels], stability: float) -> list[Pixels]:
    """Return *pictures*, painted at 30 frames per second."""
    stylizer = livestyle.load("candy", stability=stability)
    return [stylizer.stylize(picture, 1 / 30) for picture in pictures]


def deviation_over_time(pictures: list[Pixels]) -> float:
    """Return the mean over the pixels, in levels."""
    return float(np.stack(pictures[WARM:]).astype(np.float32).std(0).mean())


def main() -> None:
    """Print a row for each kind of noise."""
    photo = cv2.resize(data.astronaut(), (640, 640))[60:420]
    still = (photo * 0.8 + 20).astype(np.uint8)  # else noise is cut off where the photo is black or white
    clip = [pixels.copy() for pixels, _ in play(open_clip(Path(sys.argv[1])), FRAMES)] if sys.argv[1:] else []
    for deviation, grain in NOISE:
        noisy = add_noise((still for _ in range(FRAMES)), deviation, grain)
        row = [deviation_over_time(pictures) for pictures in (noisy, paint(noisy, 0.0), paint(noisy, 0.6))]
        line = f"| {deviation} | {grain} | " + " | ".join(f"{value:.1f}" for value in row)
        if clip:
            noisy = add_noise(islice(clip, FRAMES), deviation, grain)
            painted = {f"{share}": Playback(iter(paint(noisy, share))) for share in (0.0, 0.6)}
            tracks = measure_clip([(pixels, 1 / 30) for pixels in clip], {"source": Source(), **painted})
            for name in painted:
                line += f" | {1e3 * summarize(tracks[name], tracks['source'])['warping_error']:.2f}"
        print(line, "|", flush=True)


if __name__ == "__main__":
    main()
