"""Smoother: removes flicker between frames.

Before the network it takes sensor noise out of what stands still; after it, it pulls each pixel of the
painting towards what was painted there before, wherever that was. Every constant is in seconds: frames may
be dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from livestyle.frame import Pixels
from livestyle.stylize.canvas import Canvas, Levels, MovingCanvas, to_pixels
from livestyle.stylize.motion import Map, Motion, measure_motion, shrink
from livestyle.stylize.noise import DOUBT, find_residual, find_rest, is_again, measure_change, measure_grain

USUAL_SECONDS = 1 / 30
"""Between two frames whose times are unknown or equal."""

PAINTING_SECONDS = 0.14
"""After this long half of the painting is new, at stability 1, where the scene is surely the same."""

CONTENT_SECONDS = 0.3
"""After this long half of the picture is new, at stability 1, where nothing changes but noise."""


@dataclass
class Past:
    """What the smoother remembers of a scene: all of it, to be kept or restored whole.

    Attributes:
        content: the last picture without its noise, float32 RGB in [0, 255], (H, W, 3).
        small: its small picture, uint8.
        seen: the same, as it came.
        rest: mean change of a neighbourhood of the small picture up to which it is noise, in levels, (h, w).
        noise: how much a pixel of small pictures at rest differs between frames, in levels.
        residual: by how much neighbourhoods of it differed from what was expected; see ``find_residual``.
        grain: how much they do by noise alone.
        drift: how what is around moves on; see ``Motion``.
        painting: the last result, float32 RGB in [0, 255], (H, W, 3); None before the first.
        painted: the same, rounded, uint8: a copy, as who got it may draw on it.
    """

    content: Levels
    small: Pixels
    seen: Pixels
    rest: Map
    residual: Map
    drift: Map
    noise: float = 0.0
    grain: float = 0.0
    painting: Levels | None = None
    painted: Pixels | None = None


class Prepared(NamedTuple):
    """A picture that is ready to be painted, and what its painting is to be pulled towards.

    Attributes:
        content: the picture without its noise, uint8 RGB, (H, W, 3).
        past: what is remembered of its scene; None at stability 0.
        motion: since the picture before; None for the first of a scene.
        keep: share of the painting before that is kept where the scene is surely the same.
    """

    content: Pixels
    past: Past | None
    motion: Motion | None = None
    keep: float = 0.0


class Smoother:
    """Steadies one clip or camera, frame by frame: ``prepare``, paint, ``smooth``.

    The next pictures may be prepared before one is smoothed: on one thread, while another one smooths.

    Attributes:
        past: what it remembers; None at the start of a clip.
    """

    def __init__(self) -> None:
        self.past: Past | None = None
        self._before, self._after = Canvas(0, 0), MovingCanvas(0, 0)  # the network

    def reset(self) -> None:
        """Forget the past: what follows is a new clip."""
        self.past = None

    def prepare(self, content: Pixels, elapsed_seconds: float, stability: float) -> Prepared:
        """Take the noise out of *content* where nothing moves, and find out what moves.

        Args:
            content: the next picture, uint8 RGB, (H, W, 3). Another size starts a new clip.
            elapsed_seconds: since the last one; frames may have been dropped. 0 when unknown.
            stability: how steady, in [0, 1]; 0 forgets the past.

        Returns:
            The picture to paint, same shape, with what ``smooth`` needs.
        """
        past = self.past
        if stability == 0 or past is None or past.content.shape != content.shape:
            return self._begin(content, stability)
        self._before = self._before.of_size(*content.shape[:2])
        elapsed = elapsed_seconds if elapsed_seconds > 0 else USUAL_SECONDS
        seen = shrink(content)
        change, noise = measure_change(seen, past.small, past.rest)
        fresh = 1 - kept(elapsed, CONTENT_SECONDS * stability)
        self._before.pull(past.content, content, fresh + (1 - fresh) * change)
        calm = to_pixels(past.content)
        small = shrink(calm)
        motion = measure_motion(small, past.small, elapsed, past.noise, past.grain, past.drift)
        past.drift = motion.drift
        if is_again(seen, past.seen):
            past.grain *= 1 - fresh * DOUBT
        else:
            residual = find_residual(seen, motion.expected)
            past.grain += (measure_grain(residual, past.residual) - past.grain) * fresh
            past.residual = residual
        if motion.cut:
            return self._begin(content, stability, past.grain)
        past.small, past.seen = small, seen
        past.rest = find_rest(past.grain, motion.moving)
        past.noise += (noise - past.noise) * fresh
        return Prepared(calm, past, motion, kept(elapsed, PAINTING_SECONDS * stability))

    def smooth(self, styled: Pixels, prepared: Prepared) -> Pixels:
        """Pull *styled* towards the result before, wherever the scene is the same.

        Args:
            styled: what the network made of ``prepared.content``; same shape.
            prepared: what ``prepare`` returned, of each picture in turn.

        Returns:
            The steadied painting, same shape. Remembered for the next call.
        """
        _, past, motion, share = prepared
        if past is None:
            return styled
        if past.painting is None or past.painted is None or motion is None:
            past.painting, past.painted = styled.astype(np.float32), styled.copy()
            return styled
        keep = motion.trust * share
        following = keep * motion.moving
        self._after = self._after.of_size(*styled.shape[:2])
        self._after.follow(past.painting, styled, past.painted, motion.flow, following, 1 - keep + following)
        steady = to_pixels(past.painting)
        np.copyto(past.painted, steady)
        return steady

    def _begin(self, content: Pixels, stability: float, grain: float = 0.0) -> Prepared:
        """Remember nothing but *content* and the camera's *grain*; at *stability* 0 not even that."""
        self.past = None
        if stability:
            small = shrink(content)
            rest = find_rest(grain, np.zeros(small.shape[:2], np.float32))
            whole, residual = content.astype(np.float32), find_residual(small, small)
            self.past = Past(whole, small, small, rest, residual, residual[:, :, :2].copy(), grain=grain)
        return Prepared(content, self.past)


def kept(elapsed_seconds: float, half_life_seconds: float) -> float:
    """Return the share of the past that is left after *elapsed_seconds*, in (0, 1)."""
    return float(0.5 ** (elapsed_seconds / half_life_seconds))
