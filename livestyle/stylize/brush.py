"""Brush: how broad the strokes are, whatever the size of the picture.

A network paints strokes of so many pixels. To have them as broad in a preview as in a large picture, both are
painted at one size and then scaled to their own.
"""

from __future__ import annotations

REFERENCE = 540
"""Shorter side, in pixels, at which pictures are painted with brush 1; with brush 2 it is half of that."""

MOST = 2.0
"""A picture is painted at so many times its own size at most, lest a small one takes for ever."""

NARROWEST, BROADEST = 0.5, 2.0


def working_scale(side: int, brush: float, limit: float) -> float:
    """Return the size at which to paint a picture, as a part of its own.

    Args:
        side: its shorter one, in pixels.
        brush: from ``NARROWEST`` to ``BROADEST``; 0 paints at the picture's own size.
        limit: what the governor allows, in (0, 1]. A size below that stays as it is, and so does the brush;
            else strokes become broader in proportion, which nothing but time can prevent.
    """
    if brush == 0:
        return limit
    wanted = min(REFERENCE / (brush * side), MOST)
    return min(wanted, limit * max(wanted, 1.0))


def own_brush(side: int) -> float:
    """Return the brush that paints a picture with that shorter *side* at its own size, or the nearest."""
    return min(max(REFERENCE / side, NARROWEST), BROADEST)
