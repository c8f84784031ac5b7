"""Landscape: a lake among mountains, drawn by code: looks like a photograph and truly moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.frame import Pixels

Floats = NDArray[np.float32]

SHORE = 0.66
"""Where the water begins, as a share of the height."""


@dataclass(frozen=True)
class Layer:
    """One sheet of scenery, twice as wide as the picture, that slides to the left and comes round again.

    Attributes:
        colour: premultiplied by alpha, in [0, 255], (rows, 2 W, 3).
        clear: what shines through, 1 - alpha, in [0, 1], (rows, 2 W, 3).
        top: the row of the picture where the sheet begins.
        speed: picture widths per second.
    """

    colour: Floats
    clear: Floats
    top: int
    speed: float

    def lay_over(self, picture: Floats, seconds: float) -> None:
        """Blend the sheet, as it stands at *seconds*, over *picture*, in place."""
        rows, width = self.colour.shape[0], picture.shape[1]
        target = picture[self.top : self.top + rows]
        shift = seconds * self.speed * width % self.colour.shape[1]
        cv2.multiply(target, slide(self.clear, shift, width), dst=target)
        cv2.add(target, slide(self.colour, shift, width), dst=target)


class Landscape:
    """A scene of *width* × *height* pixels; the same for the same *seed*, at any time.

    Sky, clouds, mountains, hills and a balloon move at speeds of their own, so near things pass far ones;
    the lake mirrors them in slow ripples.
    """

    def __init__(self, width: int, height: int, seed: int = 7) -> None:
        rng = np.random.default_rng(seed)
        self._width, self._height, self._shore = width, height, round(height * SHORE)
        self._sky = paint_sky(width, self._shore)
        self._layers = [
            paint_clouds(rng, width, self._shore),
            paint_range(rng, width, self._shore, 0.52, 0.30, (126, 132, 160), (214, 206, 212), 0.012),
            paint_range(rng, width, self._shore, 0.70, 0.20, (66, 88, 104), (128, 132, 116), 0.025),
            paint_range(rng, width, self._shore, 0.88, 0.10, (26, 46, 30), (112, 124, 52), 0.05),
        ]
        self._balloon = paint_balloon(max(height // 5, 8))
        self._meadow = paint_range(rng, width, height, 0.94, 0.06, (34, 40, 14), (176, 150, 60), 0.11)
        self._columns = np.arange(width, dtype=np.float32)
        self._rows = np.arange(height - self._shore, dtype=np.float32)[:, None]

    def draw(self, seconds: float) -> Pixels:
        """Return the scene at *seconds*: uint8 RGB, (height, width, 3)."""
        picture = np.empty((self._height, self._width, 3), np.float32)
        land = picture[: self._shore]
        land[:] = self._sky
        for layer in self._layers[:2]:
            layer.lay_over(land, seconds)
        self._fly(land, seconds)
        for layer in self._layers[2:]:
            layer.lay_over(land, seconds)
        picture[self._shore :] = self._mirror(land, seconds)
        self._meadow.lay_over(picture, seconds)
        return cv2.convertScaleAbs(picture).astype(np.uint8, copy=False)

    def _fly(self, land: Floats, seconds: float) -> None:
        """Lay the balloon over *land*: it drifts to the right, rising and sinking."""
        size = self._balloon.shape[0]
        x = (0.2 + 0.04 * seconds) % 1.3 * self._width - size
        y = (0.22 + 0.07 * np.sin(0.5 * seconds)) * self._height
        place = floats([[1, 0, x], [0, 1, y]])
        moved = cv2.warpAffine(self._balloon, place, (self._width, self._shore), flags=cv2.INTER_CUBIC)
        rows = slice(max(int(y) - 2, 0), int(y) + size + 3)
        land[rows] *= 1 - moved[rows, :, 3:]
        land[rows] += moved[rows, :, :3]

    def _mirror(self, land: Floats, seconds: float) -> Floats:
        """Return the water: *land* upside down, rippled, darker and bluer."""
        depth = self._rows / max(self._rows.shape[0], 1)
        phase = 60 * depth**0.6 - np.float32(2.2 * seconds)
        swing = (0.2 + 1.8 * depth) * np.float32(self._height / 360)
        across = self._columns + swing * (2 * np.sin(phase) + sin_of_sum(0.02 * self._columns, 2 * phase))
        higher = 2 * swing * (1 + sin_of_sum(0.015 * self._columns, 1.3 * phase))
        up = self._shore - 1 - self._rows * np.float32(1.25) - higher
        water = cv2.remap(land, across, up, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        tint = np.diag([0.62, 0.72, 0.80])
        return cv2.transform(water, np.column_stack([tint, [6, 16, 26]]))  # type: ignore[return-value]


def sin_of_sum(across: Floats, down: Floats) -> Floats:
    """Return sin(*across* + *down*) for a row and a column, by the addition theorem: few sines to take."""
    return np.cos(down) * np.sin(across) + np.sin(down) * np.cos(across)


def slide(sheet: Floats, shift: float, width: int) -> Floats:
    """Return *width* columns of *sheet* from column *shift* on, which may lie between two; it wraps round."""
    whole, part = int(shift), shift % 1
    columns = np.arange(whole, whole + width + 1) % sheet.shape[1]
    taken = sheet[:, columns] if columns[-1] < columns[0] else sheet[:, whole : whole + width + 1]
    return cv2.addWeighted(taken[:, :-1], 1 - part, taken[:, 1:], part, 0)  # type: ignore[return-value]


def make_noise(
    rng: np.random.Generator, height: int, width: int, coarsest: int, stretch: float = 1
) -> Floats:
    """Return fractal noise in [0, 1], (height, width), without a seam from the right edge to the left.

    The largest waves are *coarsest* pixels apart; all are *stretch* times longer across than up.
    """
    total, weight, scale = np.zeros((height, width), np.float32), 1.0, float(coarsest)
    while scale >= 1.5:
        cells = rng.random(
            (max(round(height / scale), 1) + 2, max(round(width / scale / stretch), 1)), np.float32
        )
        cells = np.hstack([cells, cells, cells])
        octave = cv2.resize(cells, (3 * width, height), interpolation=cv2.INTER_CUBIC)
        total += weight * octave[:, width : 2 * width]
        weight, scale = weight * 0.55, scale / 2
    low, high = np.percentile(total, [1, 99])
    return np.clip((total - low) / (high - low + 1e-6), 0, 1)


def floats(values: Any) -> Floats:
    """Return *values* as an array."""
    return np.array(values, np.float32)


def mix(dark: tuple[int, int, int], bright: tuple[int, int, int], share: Floats) -> Floats:
    """Return colours between *dark* (share 0) and *bright* (share 1), (..., 3)."""
    return floats(dark) + (floats(bright) - floats(dark)) * share[..., None]


def paint_sky(width: int, rows: int) -> Floats:
    """Return an evening sky with the sun low on the left, (rows, width, 3)."""
    y, x = np.mgrid[0:rows, 0:width].astype(np.float32)
    sky = mix((52, 96, 168), (250, 206, 150), (y / rows) ** 1.3)
    away = np.hypot(x / width - 0.24, (y / rows - 0.55) * rows / width)
    return (
        sky
        + mix((0, 0, 0), (90, 70, 40), np.exp(-((away / 0.16) ** 2)))
        + 160 * (np.clip(1 - away / 0.03, 0, 1) > 0)[..., None]
    )


def paint_clouds(rng: np.random.Generator, width: int, rows: int) -> Layer:
    """Return clouds, thicker high up, lit from below."""
    noise = make_noise(rng, rows, 2 * width, max(rows // 2, 4), stretch=2.5)
    height = np.linspace(1, 0, rows, dtype=np.float32)[:, None]
    alpha = floats(np.clip((noise - 0.62 + 0.2 * height) * 3.2, 0, 0.92))
    colour = mix((196, 176, 188), (255, 244, 228), np.clip(1.4 * noise - 0.3, 0, 1))
    return layer_of(colour, alpha, 0, 0.008)


def paint_range(
    rng: np.random.Generator, width: int, rows: int, middle: float, swing: float,
    dark: tuple[int, int, int], bright: tuple[int, int, int], speed: float,
) -> Layer:  # fmt: skip
    """Return a range of hills that ends at row *rows* of the picture.

    Its crest runs around *middle* and may leave it by half of *swing*, both in shares of *rows*; its slopes
    are *dark* in the shade and *bright* in the light.
    """
    top = round(rows * (middle - swing / 2))
    crest = make_noise(rng, 1, 2 * width, max(width // 3, 4))[0] * swing * rows
    ground = make_noise(rng, rows - top, 2 * width, max(round(swing * rows / 2), 4), stretch=1.6)
    light = np.clip(0.5 + 9 * (ground - np.roll(ground, 2, axis=1)), 0, 1)
    depth = np.arange(rows - top, dtype=np.float32)[:, None] - crest
    haze = np.exp(-np.clip(depth, 0, None) / (0.5 * swing * rows + 1))
    colour = mix(dark, bright, np.clip(0.55 * light + 0.45 * ground * ground + 0.25 * haze - 0.15, 0, 1))
    return layer_of(colour, floats(np.clip(depth + 0.5, 0, 1)), top, speed)


def layer_of(colour: Floats, alpha: Floats, top: int, speed: float) -> Layer:
    """Return a layer of *colour*, (rows, W, 3), seen through *alpha*, (rows, W)."""
    return Layer(floats(colour * alpha[..., None]), np.repeat(1 - alpha[..., None], 3, axis=2), top, speed)


def paint_balloon(size: int) -> Floats:
    """Return a striped hot-air balloon, (size, size, 4): premultiplied colours, then alpha in [0, 1]."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size * 2 - 1
    across = x / np.sqrt(np.clip(1 - ((y + 0.3) / 0.7) ** 2, 0.02, 1)) / 0.62
    width = 0.62 * np.sqrt(np.clip(1 - ((y + 0.3) / 0.7) ** 2, 0, 1)) * np.where(y > 0, 1 - 0.4 * y, 1)
    envelope = np.clip((width - np.abs(x)) * size / 2 + 0.5, 0, 1) * (y < 0.4)
    basket = ((np.abs(x) < 0.11) & (y > 0.62) & (y < 0.84)).astype(np.float32)
    ropes = ((np.abs(np.abs(x) - 0.11) < 1.2 / size) & (y >= 0.3) & (y <= 0.62)).astype(np.float32)
    stripe = np.sin(np.arcsin(np.clip(across, -1, 1)) * 8) > 0
    shade = np.clip(1 - 0.45 * (x + 0.3) ** 2 - 0.25 * (across + 0.35) ** 2, 0.3, 1)[..., None]
    colour = np.where(stripe[..., None], floats([206, 44, 40]), floats([248, 222, 150])) * shade
    alpha = np.maximum(envelope, np.maximum(basket, 0.8 * ropes))[..., None]
    colour = np.where(envelope[..., None] > 0, colour, floats([74, 46, 26]))
    return np.dstack([colour * alpha, alpha]).astype(np.float32)
