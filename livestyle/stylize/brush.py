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

FINE_FROM = 0.7
"""From this part of the wanted size downwards, strokes half as broad come nearer to the wanted ones."""


def working_scale(side: int, brush: float, limit: float) -> float:
    """Return the size at which to paint a picture, as a part of its own.

    Args:
        side: its shorter one, in pixels.
        brush: from ``NARROWEST`` to ``BROADEST``; 0 paints at the picture's own size.
        limit: what the governor allows, in (0, 1]. A size below that stays as it is, and so does the brush;
            else strokes become broader in proportion, but for what ``calls_for_fine`` does about it.
    """
    wanted = wanted_scale(side, brush)
    return min(wanted, limit * max(wanted, 1.0))


def wanted_scale(side: int, brush: float) -> float:
    """Return the size that *brush* wants, see ``working_scale``, for a picture with that shorter *side*."""
    return min(REFERENCE / (brush * side), MOST) if brush else 1.0


def calls_for_fine(scale: float, side: int, brush: float) -> bool:
    """Return whether strokes at *scale* had better be half as broad; see ``working_scale``."""
    return scale <= FINE_FROM * wanted_scale(side, brush)


def own_brush(side: int) -> float:
    """Return the brush that paints a picture with that shorter *side* at its own size, or the nearest."""
    return min(max(REFERENCE / side, NARROWEST), BROADEST)
