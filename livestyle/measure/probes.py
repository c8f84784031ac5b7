"""Short clips made from one still, so that their true motion is known, and how a painter bears them.

Each probe resets the painter, paints its clip at 30 frames per second and returns one figure. The less, the
steadier. A painter that changes nothing scores 1, 1, 0, 0, 0, 0, 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import nan
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.frame import Pixels

Levels = NDArray[np.floating[Any]]
"""Pictures as float32 in [0, 1]: (H, W, 3), or (frames, H, W, 3)."""

WIDTH, HEIGHT = 640, 360
FRAME_SECONDS = 1 / 30
SHORT = 16
"""Frames of a short clip."""

NOISE = 2.0
"""Sensor noise of the still-noise probe: its standard deviation in levels of 255."""

SETTLED = 6
"""Frames of the still-noise probe that are not counted."""

RAMP_FRAMES = 24
PAN_STEP = 2
"""Pixels that the pan moves per frame."""

PAN_BORDER = 16
"""Pixels at the border of the pan that are not counted."""

DRIFT_FROM, DRIFT_TO = 20, 600
GONE_FRAMES = 6
"""Frames that the disc takes to roll out of the picture: 0.2 seconds."""


class Painter(Protocol):
    """What is probed: a Stylizer, or anything that paints pictures in order."""

    def stylize(self, pixels: Pixels, elapsed_seconds: float = 0.0) -> Pixels:
        """Paint the next picture of the clip, uint8 RGB, (H, W, 3)."""

    def reset(self) -> None:
        """Forget the past: what follows is a new clip."""


Probe = Callable[[Painter, Pixels], float]


def fit_still(picture: Pixels, width: int = WIDTH, height: int = HEIGHT) -> Pixels:
    """Return *picture*, scaled and cropped at its centre to *width* × *height*."""
    scale = max(width / picture.shape[1], height / picture.shape[0])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    size = (max(width, round(picture.shape[1] * scale)), max(height, round(picture.shape[0] * scale)))
    scaled = cv2.resize(picture, size, interpolation=method)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return np.ascontiguousarray(scaled[top : top + height, left : left + width])


def still_noise_gain(painter: Painter, picture: Pixels) -> float:
    """How much more a still scene shimmers once painted.

    The scene is *picture* with fresh Gaussian noise in each frame. Deviation over time, mean over pixels,
    output over input.
    """
    still = fit_still(picture)
    random = np.random.default_rng(0)
    clip = [to_pixels(still + random.normal(0, NOISE, still.shape)) for _ in range(SHORT)]
    before, after = as_levels(clip[SETTLED:]), as_levels(paint(painter, clip)[SETTLED:])
    return float(after.std(0).mean() / before.std(0).mean())


def light_ramp_gain(painter: Painter, picture: Pixels) -> float:
    """How much more the painting changes than the scene, whose light grows from 90 to 110 %: |ΔO| / |ΔI|.

    NaN when *picture* is so dark that nothing changes in it.
    """
    still = fit_still(picture).astype(np.float32)
    clip = [to_pixels(still * gain) for gain in np.linspace(0.9, 1.1, RAMP_FRAMES)]
    before, after = as_levels(clip), as_levels(paint(painter, clip))
    change = float(np.abs(np.diff(before, axis=0)).mean())
    return float(np.abs(np.diff(after, axis=0)).mean()) / change if change else nan


def pan_error(painter: Painter, picture: Pixels) -> float:
    """How much the painting boils under a pan: mean squared difference of neighbours, the pan undone."""
    wide = fit_still(picture, WIDTH + PAN_STEP * (SHORT - 1))
    clip = [np.ascontiguousarray(wide[:, PAN_STEP * n : PAN_STEP * n + WIDTH]) for n in range(SHORT)]
    painted = as_levels(paint(painter, clip))
    earlier, later = painted[:-1, :, PAN_STEP:], painted[1:, :, :-PAN_STEP]
    inner = slice(PAN_BORDER, -PAN_BORDER)
    return float(np.square(earlier - later)[:, inner, inner].mean())


def coupling(painter: Painter, picture: Pixels) -> float:
    """How much the left half changes, mean squared, because a bright slab slides in over the right third."""
    still = fit_still(picture)
    clip = []
    for covered in np.linspace(0, WIDTH // 3, SHORT).round().astype(int):
        scene = still.copy()
        scene[:, WIDTH - covered :] = 240
        clip.append(scene)
    painted = as_levels(paint(painter, clip)[:: SHORT - 1])
    return float(np.square(painted[-1] - painted[0])[:, : WIDTH // 2].mean())


def cut_error(painter: Painter, picture: Pixels) -> float:
    """How much of the old scene is left in the first frame after a cut: mean difference to no past."""
    still = fit_still(picture)
    new = np.ascontiguousarray(still[::-1, ::-1])
    after = paint(painter, [still] * SHORT + [new])[-1]
    return mean_difference(after, paint(painter, [new])[-1])


def drift(painter: Painter, picture: Pixels) -> float:
    """How far the painting of a scene without change wanders, frame 20 against frame 600: mean difference."""
    still = fit_still(picture)
    painter.reset()
    for number in range(1, DRIFT_TO + 1):
        painted = painter.stylize(still, FRAME_SECONDS)
        if number == DRIFT_FROM:
            early = painted.copy()
    return mean_difference(early, painted)


def ghost(painter: Painter, picture: Pixels) -> float:
    """What is left of a disc in its old area 0.2 s after it began to roll out of a still scene.

    It stood there for half a second. Mean absolute difference to the scene painted with no past.
    """
    still = fit_still(picture)
    radius, middle = HEIGHT // 6, WIDTH // 2
    exits = np.linspace(middle, -radius, GONE_FRAMES + 1).round().astype(int)[1:]
    clip = [with_disc(still, middle, radius)] * SHORT + [with_disc(still, int(x), radius) for x in exits]
    after = paint(painter, clip)[-1]
    area = np.s_[HEIGHT // 2 - radius : HEIGHT // 2 + radius, middle - radius : middle + radius]
    return mean_difference(after[area], paint(painter, [still])[-1][area])


def with_disc(still: Pixels, x: int, radius: int) -> Pixels:
    """Return *still* with an orange disc over it, its centre at column *x*, halfway down."""
    return cv2.circle(still.copy(), (x, HEIGHT // 2), radius, (230, 110, 30), cv2.FILLED, cv2.LINE_AA).astype(
        np.uint8
    )


def paint(painter: Painter, clip: Iterable[Pixels]) -> list[Pixels]:
    """Paint *clip* from its start, with no past."""
    painter.reset()
    return [painter.stylize(pixels, FRAME_SECONDS) for pixels in clip]


def to_pixels(levels: NDArray[np.floating[Any]]) -> Pixels:
    """Round values in [0, 255] to a picture."""
    pixels: Pixels = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    return pixels


def as_levels(clip: Iterable[Pixels]) -> Levels:
    """Return the pictures of *clip* as one array in [0, 1]."""
    return np.stack(list(clip)).astype(np.float32) / 255


def mean_difference(first: Pixels, second: Pixels) -> float:
    """Mean absolute difference of two pictures, in [0, 1]."""
    return float(cv2.absdiff(first, second).mean() / 255)
