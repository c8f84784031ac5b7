"""Where each pixel was a frame ago, and how sure that is.

Works on small pictures: the flow is dense inverse search (Kroeger et al. 2016, arXiv:1603.03590), there and
back, and a pixel is trusted as far as both agree and its colour was the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.frame import Pixels

Map = NDArray[Any]
"""One float32 per pixel, (h, w), or two for x and y, (h, w, 2)."""

SMALL_SIDE = 960
"""The longer side of a small picture is at most this, and at most half of the full one."""

LEAST_SIDE = 16
"""Of a small picture, twice a patch: where it is shorter nothing moves, for OpenCV crashes."""

STILL = 0.125
"""Motion in pixels of the small picture up to which nothing moves, at most; in full it moves from twice that.

Sampling between pixels blurs, so what stands still is copied, not sampled.
"""

CREEPING = 4.0
"""The same in pixels per second: at a high frame rate what moves must not smear."""

SHAKY, FIRM = 2.5, 1.5
"""Noise with a grain shakes the flow: nothing moves up to ``SHAKY`` times as much as usual per level of the
grain, less ``FIRM`` times; unless all around moves on, which noise does not do."""

CELL, CELLS = 5, 7
"""What is around: so many cells each way, of so many pixels of the small picture."""

DRIFT_SECONDS = 0.1
"""After this long half of what is known of how it moves on is new."""

SAME, OTHER = 3.0, 10.0
"""Difference in colour, in levels, up to which a pixel is surely the same; from which, surely not."""

EXPOSURE = 4.0
"""Levels by which the whole picture may have become lighter or darker and still be the same."""

FINE = 4
"""Steps of a level in which 8 bits hold how far colours are apart: as far as matters, to a quarter."""

CUT = 0.3
"""Share of trusted pixels below which nothing of the scene is left."""


@dataclass(frozen=True)
class Motion:
    """How a small picture came out of the one before.

    Attributes:
        flow: where each pixel was, as x and y to add, in pixels of the small picture, (h, w, 2).
        moving: from 0, at rest, to 1, moving, (h, w).
        trust: from 0, not seen before, to 1, surely the same, (h, w).
        cut: the scene is another one.
        expected: the small picture before, moved, and as light as the one now, uint8 RGB, (h, w, 3).
        drift: the mean flow around each cell, in this and the last frames, (h / 5, w / 5, 2); 0 without grain
    """

    flow: Map
    moving: Map
    trust: Map
    cut: bool
    expected: Pixels
    drift: Map


def shrink(pixels: Pixels) -> Pixels:
    """Return the small picture of *pixels*."""
    while True:  # by halves: any other scale costs more than all the rest
        height, width = (max(1, -(-side // 2)) for side in pixels.shape[:2])
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA).astype(
            np.uint8, copy=False
        )
        if max(height, width) <= SMALL_SIDE:
            return pixels


def measure_motion(
    now: Pixels,
    before: Pixels,
    elapsed_seconds: float,
    noise: float,
    grain: float = 0.0,
    drift: Map | None = None,
) -> Motion:
    """Find where the pixels of *now* were in *before*.

    Args:
        now: a small picture, uint8 RGB.
        before: the one before, same size.
        elapsed_seconds: between them, more than 0.
        noise: how much a pixel at rest differs between frames, in levels.
        grain: how much the mean of a neighbourhood does.
        drift: that of the frame before; None when there was none.
    """
    flow = find_flow(now, before)
    still = min(STILL, CREEPING * elapsed_seconds)
    shaking = max(SHAKY * grain - FIRM, 1.0)
    far = cv2.magnitude(*cv2.split(flow)) / (still * shaking)
    if drift is None or shaking == 1:
        drift = np.zeros((*count_cells(*flow.shape[:2]), 2), np.float32)
    if shaking > 1:
        share = 1 - 0.5 ** (elapsed_seconds / DRIFT_SECONDS)
        drift = drift + (find_drift(flow) - drift) * np.float32(share)
        around = cv2.resize(cv2.magnitude(*cv2.split(drift)), far.shape[::-1])
        far = np.maximum(far, around / still)
    moving = np.clip(far - 1, 0, 1)
    flow = cv2.multiply(flow, cv2.merge([moving, moving]))
    places = cv2.add(flow, make_grid(*flow.shape[:2]))
    warped = cv2.remap(before, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    lighter = np.clip(np.subtract(cv2.mean(now), cv2.mean(warped)), -EXPOSURE, EXPOSURE)
    expected = cv2.add(warped, lighter).astype(np.uint8, copy=False)
    apart = cv2.blur(mean_channels(cv2.absdiff(now, expected), FINE), (3, 3))
    same = cv2.bitwise_and(cv2.LUT(apart, judge_colours(noise)), find_inside(places))
    trust = cv2.blur(cv2.erode(same, np.ones((3, 3), np.uint8)), (3, 3)).astype(np.float32) / 255
    return Motion(flow, moving, trust, float(trust.mean()) < CUT, expected, drift)


def count_cells(height: int, width: int) -> tuple[int, int]:
    """Return how many cells a small picture has, down and across; at least one."""
    return max(height // CELL, 1), max(width // CELL, 1)


def find_drift(flow: Map) -> Map:
    """Return the mean of *flow* around each cell, (h / 5, w / 5, 2)."""
    drift: Map = cv2.blur(mean_cells(flow), (CELLS, CELLS))
    return drift


def mean_cells(values: Map) -> Map:
    """Return the mean of *values* in each cell, (h / 5, w / 5, …)."""
    high, wide = count_cells(*values.shape[:2])
    whole = values[: high * CELL, : wide * CELL]
    return cv2.resize(whole, (wide, high), interpolation=cv2.INTER_AREA)


def mean_channels(sizes: NDArray[Any], scale: float) -> NDArray[np.uint8]:
    """Return *scale* times the mean over the channels of *sizes*, at most 255, (h, w)."""
    return cv2.transform(sizes, np.full((1, 3), scale / 3)).astype(np.uint8, copy=False)


def judge_colours(noise: float) -> NDArray[np.uint8]:
    """Return how surely a pixel is the same, 0 to 255, by how far apart it is in steps of ``FINE``."""
    apart = np.arange(256) / FINE
    other = np.clip((apart - SAME - 2 * noise) / (OTHER - SAME + noise), 0, 1)
    return np.rint(255 * (1 - other)).astype(np.uint8)


def find_flow(now: Pixels, before: Pixels) -> Map:
    """Return where pixels of *now* were in *before*, as x and y to add, (h, w, 2)."""
    height, width = now.shape[:2]
    if min(height, width) < LEAST_SIDE:
        return np.zeros((height, width, 2), np.float32)
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    search.setFinestScale(1)  # what follows costs a third of the preset at this scale, and is as exact
    search.setPatchStride(5)
    search.setGradientDescentIterations(4)
    search.setVariationalRefinementIterations(0)
    greys = (cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) for pixels in (now, before))
    flow: Map = search.calc(*greys, None)  # type: ignore[call-overload]
    return flow


def find_inside(places: Map) -> NDArray[np.uint8]:
    """Return 255 where *places*, (h, w, 2), are inside the picture of this size, else 0, (h, w)."""
    height, width = places.shape[:2]
    return cv2.inRange(places, (-0.5, -0.5, 0, 0), (width - 0.5, height - 0.5, 0, 0)).astype(
        np.uint8, copy=False
    )


@lru_cache(maxsize=4)
def make_grid(height: int, width: int) -> Map:
    """Return x and y of each pixel, float32, (height, width, 2)."""
    return np.ascontiguousarray(np.indices((height, width), np.float32)[::-1].transpose(1, 2, 0))
