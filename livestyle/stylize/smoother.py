"""Smoother: removes flicker between frames.

Before the network it takes sensor noise out of what stands still; after it, it pulls each pixel of the
painting towards what was painted there before, wherever that was. Every constant is in seconds: frames may
be dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.frame import Pixels
from livestyle.stylize.motion import Map, Motion, mean_size, measure_motion, shrink, warp

USUAL_SECONDS = 1 / 30
"""Between two frames whose times are unknown or equal."""

PAINTING_SECONDS = 0.14
"""After this long half of the painting is new, at stability 1, where the scene is surely the same."""

IN_MOTION = 0.5
"""Part of ``PAINTING_SECONDS`` that holds for what moves: each step of following blurs a little."""

SHARPENING = 0.3
"""How much of the detail that following blurs is put back."""

CONTENT_SECONDS = 0.3
"""After this long half of the picture is new, at stability 1, where nothing changes but noise."""

RESTING, CHANGING = 1.0, 3.0
"""Mean change of a neighbourhood, in levels, up to which it is noise, and from which it is surely not."""

NEIGHBOURHOOD = (5, 5)
"""Pixels of the small picture that are judged together."""

MOST_NOISE = 8.0
"""Levels; what differs more between frames is motion."""


@dataclass
class Past:
    """What the smoother remembers: all of it, to be kept or restored whole.

    Attributes:
        content: the last picture without its noise, float32 RGB in [0, 255], (H, W, 3).
        small: its small picture, uint8.
        noise: how much a pixel of small pictures at rest differs between frames, in levels.
        painting: the last result, float32 RGB in [0, 255], (H, W, 3); None before the first.
    """

    content: NDArray[np.floating[Any]]
    small: Pixels
    noise: float = 0.0
    painting: NDArray[np.floating[Any]] | None = None


class Smoother:
    """Steadies one clip or camera, frame by frame: ``prepare``, paint, ``smooth``.

    Attributes:
        past: what it remembers; None at the start of a clip.
    """

    def __init__(self) -> None:
        self.past: Past | None = None
        self._motion: Motion | None = None
        self._keep = (0.0, 0.0)

    def reset(self) -> None:
        """Forget the past: what follows is a new clip."""
        self.past = None

    def prepare(self, content: Pixels, elapsed_seconds: float, stability: float) -> Pixels:
        """Take the noise out of *content* where nothing moves, and find out what moves.

        Args:
            content: the next picture, uint8 RGB, (H, W, 3). Another size starts a new clip.
            elapsed_seconds: since the last one; frames may have been dropped. 0 when unknown.
            stability: how steady, in [0, 1]; 0 forgets the past.

        Returns:
            The picture to paint, same shape.
        """
        past = self.past
        if stability == 0 or past is None or past.content.shape != content.shape:
            self.past = Past(content.astype(np.float32), shrink(content)) if stability else None
            return content
        elapsed = elapsed_seconds if elapsed_seconds > 0 else USUAL_SECONDS
        change, noise = measure_change(shrink(content), past.small)
        fresh = 1 - kept(elapsed, CONTENT_SECONDS * stability)
        share = fresh + (1 - fresh) * change
        calm = mix(content.astype(np.float32), past.content, share)
        pixels = to_pixels(calm)
        small = shrink(pixels)
        self._motion = measure_motion(small, past.small, past.noise)
        half_life = PAINTING_SECONDS * stability
        self._keep = kept(elapsed, half_life), kept(elapsed, half_life * IN_MOTION)
        if self._motion.cut:
            self.past = Past(content.astype(np.float32), shrink(content))
            return content
        past.content, past.small = calm, small
        past.noise += (noise - past.noise) * fresh
        return pixels

    def smooth(self, styled: Pixels) -> Pixels:
        """Pull *styled* towards the result before, wherever the scene that was prepared is the same.

        Args:
            styled: what the network made of the picture that ``prepare`` returned; same shape.

        Returns:
            The steadied painting, same shape. Remembered for the next call.
        """
        past, motion = self.past, self._motion
        if past is None:
            return styled
        painting = styled.astype(np.float32)
        if past.painting is None or motion is None:
            past.painting = painting
            return styled
        before = past.painting
        resting, moving = self._keep
        keep = motion.trust * (resting + motion.moving * (moving - resting))
        if motion.moving.any():
            before = warp(before, enlarge_flow(motion.flow, styled), cv2.INTER_CUBIC)
        past.painting = mix(before, painting, keep)
        if not motion.moving.any():
            return to_pixels(past.painting)
        return to_pixels(mix(sharpen(past.painting), past.painting, motion.trust * motion.moving))


def kept(elapsed_seconds: float, half_life_seconds: float) -> float:
    """Return the share of the past that is left after *elapsed_seconds*, in (0, 1)."""
    return float(0.5 ** (elapsed_seconds / half_life_seconds))


def measure_change(now: Pixels, before: Pixels) -> tuple[Map, float]:
    """Tell change from noise between two small pictures.

    Noise differs in sign from pixel to pixel: it leaves the mean of a neighbourhood alone, change does not.

    Returns:
        From 0, at rest, to 1, changed, (h, w); and how much a pixel at rest differs, in levels.
    """
    difference = cv2.subtract(now, before, dtype=cv2.CV_32F)
    coherent = mean_size(cv2.blur(difference, NEIGHBOURHOOD))
    restless = cv2.blur(mean_size(difference), NEIGHBOURHOOD)
    noise = min(float(np.median(restless[::4, ::4])), MOST_NOISE)
    level = coherent + np.maximum(restless - 2 * noise - 1, 0)
    change = np.clip((level - RESTING) / (CHANGING - RESTING), 0, 1)
    return cv2.dilate(change, np.ones((3, 3), np.uint8)), noise


def mix(first: NDArray[Any], second: NDArray[Any], share: Map) -> NDArray[Any]:
    """Return *first* as far as *share*, in [0, 1], of any size, and *second* for the rest; float32."""
    height, width = first.shape[:2]
    full = cv2.resize(share.astype(np.float32, copy=False), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.blendLinear(first, second, full, 1 - full)


def enlarge_flow(flow: Map, picture: Pixels) -> Map:
    """Return *flow* for pictures of the size of *picture*."""
    height, width = picture.shape[:2]
    scale = np.array((width / flow.shape[1], height / flow.shape[0]), np.float32)
    return cv2.resize(flow * scale, (width, height), interpolation=cv2.INTER_LINEAR)


def sharpen(picture: NDArray[Any]) -> NDArray[Any]:
    """Return *picture*, float32, with its finest detail raised by ``SHARPENING``."""
    return cv2.addWeighted(picture, 1 + SHARPENING, cv2.blur(picture, (3, 3)), -SHARPENING, 0)


def to_pixels(levels: NDArray[Any]) -> Pixels:
    """Round values in [0, 255] to a picture."""
    return cv2.convertScaleAbs(levels).astype(np.uint8, copy=False)
