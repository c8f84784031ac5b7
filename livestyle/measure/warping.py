"""Warping error: how much a painted clip changes beyond the motion that its source shows.

The definition is that of Lai et al. 2018 (arXiv:1808.00449). The evaluator's flow is not the smoother's:
dense inverse search (Kroeger et al. 2016, arXiv:1603.03590) at full size with variational refinement, far
slower and several times as exact as what runs live.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.frame import Pixels

LEAST_SIDE = 12
"""The flow cannot be found in pictures with a shorter side."""

Flow = NDArray[np.floating[Any]]
"""Motion in pixels, (H, W, 2): where each pixel of one picture is in the other, as x and y to add."""


class Motion(NamedTuple):
    """How one picture becomes the next.

    Attributes:
        flow: from the earlier to the later picture.
        seen: True where a pixel of the earlier is in the later one too and its motion is sure, (H, W).
    """

    flow: Flow
    seen: NDArray[np.bool_]


def measure_motion(earlier: Pixels, later: Pixels) -> Motion:
    """Measure the motion between two pictures of the same size, uint8 RGB."""
    grey = [cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) for pixels in (earlier, later)]
    forward, back = find_flow(grey[0], grey[1]), find_flow(grey[1], grey[0])
    return Motion(forward, trusted(forward, back))


def find_flow(grey: NDArray[Any], other: NDArray[Any]) -> Flow:
    """Return the evaluator's flow from *grey* to *other*, (H, W) each."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    search.setFinestScale(0)
    search.setPatchStride(4)
    flow: Flow = search.calc(grey, other, None)  # type: ignore[call-overload]
    return flow


def trusted(forward: Flow, back: Flow) -> NDArray[np.bool_]:
    """Where forward and back flow agree, away from the edges of what moves."""
    returned = pull_back(back, forward)
    apart = np.square(forward + returned).sum(2)
    agree = apart <= 0.01 * (np.square(forward).sum(2) + np.square(returned).sum(2)) + 0.5
    slope = np.square(np.gradient(forward, axis=(0, 1))).sum((0, 3))
    smooth = slope <= 0.01 * np.square(forward).sum(2) + 0.002
    seen: NDArray[np.bool_] = agree & smooth & inside(forward)
    return seen


def inside(flow: Flow) -> NDArray[np.bool_]:
    """Where *flow* leads to a place inside the picture."""
    height, width = flow.shape[:2]
    x, y = destinations(flow)
    found: NDArray[np.bool_] = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    return found


def destinations(flow: Flow) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return x and y, (H, W) each, of where *flow* leads."""
    height, width = flow.shape[:2]
    return flow[..., 0] + np.arange(width, dtype=np.float32), flow[..., 1] + np.arange(
        height, dtype=np.float32
    )[:, None]


def pull_back(picture: NDArray[Any], flow: Flow) -> NDArray[Any]:
    """Return *picture*, (H, W, channels), sampled where *flow* leads."""
    return cv2.remap(picture, *destinations(flow), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def warping_error(motion: Motion, earlier: Pixels, later: Pixels) -> float:
    """Mean squared difference per channel, in [0, 1]², of two painted pictures once *motion* is undone.

    Returns:
        The error over what both show; NaN when nothing is seen in both.
    """
    if not motion.seen.any():
        return float("nan")
    expected = pull_back(later.astype(np.float32) / 255, motion.flow)
    return float(np.square(earlier.astype(np.float32) / 255 - expected)[motion.seen].mean())
