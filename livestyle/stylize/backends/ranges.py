"""Makes a network fit for 8 bits: what they are spread over, and channels that use them alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from livestyle.stylize.graph import Floats, Layer

TRIM_SUMS, TRIM = 0.45, 0.6
"""Parts of a range that 8 bits are spread over: what is cut off costs less than what the rest gains.

The sums of the body, through which all goes, gain the most.
"""

LEAST_REACH = 0.05
"""Of that of the widest channel: one that reaches less far counts as if it reached so far."""

STEM, DOWN, FIRST_SUM = 0, 1, 3
"""Places of a network's points, in the order of ``graph.connect``.

From the first sum of the body on each second one is another, as many as there are blocks.
"""


class Range(NamedTuple):
    """The lowest and the highest value met somewhere in the network."""

    low: float
    high: float


def fit_for_8_bits(
    layers: Mapping[str, Layer], extremes: Sequence[Floats]
) -> tuple[dict[str, Layer], list[Range | None]]:
    """Return layers that paint the same as *layers*, and what 8 bits are to be spread over at each point.

    One step of 8 bits serves all channels of a sum. So those of the body are scaled to reach equally far:
    all that writes the sums writes them so, all that reads them divides (Xiao et al. 2023,
    https://arxiv.org/abs/2211.10438). There is no range at the first point: there the faint contrasts of a
    sky are, which 8 bits make into stripes.

    Args:
        layers: of the network.
        extremes: at each point the lowest and the highest values, (pictures, 2, channels).

    Returns:
        The layers, and the range at each point; None runs it in floats.
    """
    sums = range(FIRST_SUM, FIRST_SUM + 2 * sum(name.endswith(".first") for name in layers), 2)
    scale = equal_reach([extremes[place] for place in sums])
    ranges: list[Range | None] = []
    for place, met in enumerate(extremes):
        met = met * scale if place in (DOWN, *sums) else met
        part = TRIM_SUMS if place in sums else TRIM
        ranges.append(Range(part * float(met.min()), part * float(met.max())))
    return scale_body(layers, scale), [None, *ranges[STEM + 1 :]]


def equal_reach(sums: Sequence[Floats]) -> Floats:
    """Return (channels,): what makes all of *sums*, (pictures, 2, channels) each, reach equally far."""
    reach: Floats = np.max([np.abs(met).max(1).mean(0) for met in sums], 0)
    least = LEAST_REACH * float(reach.max()) + float(np.finfo(np.float32).tiny)
    reach = np.maximum(reach, np.float32(least))
    return reach.mean() / reach


def scale_body(layers: Mapping[str, Layer], scale: Floats) -> dict[str, Layer]:
    """Return *layers* with the sums of the body *scale*, (channels,), times as large."""
    scaled = dict(layers)
    for name, layer in layers.items():
        if name == "down" or name.endswith(".second"):
            weight = layer.weight * scale[:, None, None, None]
            scaled[name] = layer._replace(weight=weight, bias=layer.bias * scale)
        if name == "up" or name.endswith(".first"):
            scaled[name] = layer._replace(weight=layer.weight / scale[:, None, None])
    return scaled
