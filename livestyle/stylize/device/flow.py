"""Dense optical flow: where each pixel was, by inverse search from coarse to fine.

After Baker and Matthews 2004 (Lucas–Kanade 20 years on): the gradients of the newer picture serve all steps,
so that each is a sampling, two means over windows and a 2×2 system per pixel.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from livestyle.stylize.device.sampling import box, resize, sample

LEAST_SIDE = 12
"""Pictures with a shorter side do not move, and no scale is smaller."""

WINDOW = 7
"""Pixels across and down that are taken to move together."""

STEPS = 5
"""Of search at each scale."""

STIFFNESS = 20.0
"""Squared gradient, in levels per pixel, below which a window says little of where it moves."""

FARTHEST = 1.5
"""Pixels that a step of the search may go at most: a window without structure must not run away."""


def find_flow(now: Tensor, before: Tensor) -> Tensor:
    """Return where pixels of *now* were in *before*: x and y to add, (1, 2, h, w); luma, (1, 1, h, w)."""
    height, width = now.shape[2:]
    if min(height, width) < LEAST_SIDE:
        return now.new_zeros((1, 2, height, width))
    scales = [(now, before)]
    while min(scales[-1][0].shape[2:]) >= 2 * LEAST_SIDE:
        scales.append(tuple(functional.avg_pool2d(grey, 2, ceil_mode=True) for grey in scales[-1]))  # type: ignore[arg-type]
    flow = now.new_zeros((1, 2, *scales[-1][0].shape[2:]))
    for small_now, small_before in reversed(scales):
        flow = enlarge(flow, *small_now.shape[2:])
        flow = search(small_now, small_before, flow)
    return enlarge(flow, height, width)


def search(now: Tensor, before: Tensor, flow: Tensor) -> Tensor:
    """Return *flow*, improved in ``STEPS`` steps, and evened out where what it matches differs."""
    across, down = gradients(now)
    xx, xy, yy = (box(product, WINDOW) for product in (across * across, across * down, down * down))
    xx, yy = xx + STIFFNESS, yy + STIFFNESS
    determinant = xx * yy - xy * xy
    for _ in range(STEPS):
        apart = sample(before, flow) - now
        apart = apart - box(apart, WINDOW)  # light may change
        by_x, by_y = box(across * apart, WINDOW), box(down * apart, WINDOW)
        step = torch.cat((yy * by_x - xy * by_y, xx * by_y - xy * by_x), 1) / determinant
        flow = flow - step.clamp(-FARTHEST, FARTHEST)
    apart = sample(before, flow) - now
    weight = 1 / box((apart - box(apart, WINDOW)).abs(), 5).clamp(min=1)
    return box(flow * weight, 5) / box(weight, 5)


def gradients(grey: Tensor) -> tuple[Tensor, Tensor]:
    """Return the change of *grey* per pixel, across and down."""
    padded = functional.pad(grey, (1, 1, 1, 1), mode="replicate")
    across = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / 2
    return across, (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) / 2


def enlarge(flow: Tensor, height: int, width: int) -> Tensor:
    """Return *flow* for a picture of that size."""
    across, down = resize(flow, height, width).split(1, 1)
    return torch.cat((across * (width / flow.shape[3]), down * (height / flow.shape[2])), 1)
