"""What ``stylize.motion`` and ``stylize.noise`` find out, on the device."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from livestyle.stylize import motion, noise
from livestyle.stylize.device.flow import find_flow
from livestyle.stylize.device.sampling import box, dilate, grey, halve, resize, sample


class DeviceMotion(NamedTuple):
    """As ``motion.Motion``, in tensors.

    *flow* is (1, 2, h, w), *moving* and *trust* (1, 1, h, w), *cut* (), *expected* (1, 3, h, w), and *drift*
    (1, 2, h / 5, w / 5).
    """

    flow: Tensor
    moving: Tensor
    trust: Tensor
    cut: Tensor
    expected: Tensor
    drift: Tensor


def shrink(levels: Tensor) -> Tensor:
    """Return the small picture of *levels*; see ``motion.shrink``."""
    while True:
        levels = halve(levels)
        if max(levels.shape[2:]) <= motion.SMALL_SIDE:
            return levels


def measure_motion(
    now: Tensor, before: Tensor, still: Tensor, unrest: Tensor, grain: Tensor, drift: Tensor, share: Tensor
) -> DeviceMotion:
    """Find where the pixels of *now* were in *before*; see ``motion.measure_motion``.

    Args:
        now: a small picture, (1, 3, h, w).
        before: the one before.
        still: motion in pixels up to which nothing moves, ().
        unrest: how much a pixel at rest differs between frames, in levels, ().
        grain: how much the mean of a neighbourhood does, (1,).
        drift: that of the frame before.
        share: how much of it is new, ().
    """
    flow = find_flow(grey(now), grey(before))
    shaking = (motion.SHAKY * grain - motion.FIRM).clamp(min=1)
    drift = torch.lerp(drift, find_drift(flow), share) * (shaking > 1)
    far = torch.maximum(measure(flow) / shaking, resize(measure(drift), *flow.shape[2:]))
    moving = (far / still - 1).clamp(0, 1)
    flow = flow * moving
    warped = sample(before, flow)
    lighter = (now - warped).mean((2, 3), keepdim=True).clamp(-motion.EXPOSURE, motion.EXPOSURE)
    expected = (warped + lighter).round().clamp(0, 255)
    apart = box((now - expected).abs().mean(1, keepdim=True), 3)
    other = (apart - motion.SAME - 2 * unrest) / (motion.OTHER - motion.SAME + unrest)
    same = (1 - other.clamp(0, 1)) * find_inside(flow)
    trust = box(-dilate(-same), 3)
    return DeviceMotion(flow, moving, trust, trust.mean() < motion.CUT, expected, drift)


def measure(flow: Tensor) -> Tensor:
    """Return how far *flow*, (1, 2, h, w), leads, (1, 1, h, w)."""
    return flow.square().sum(1, keepdim=True).sqrt()


def find_drift(flow: Tensor) -> Tensor:
    """Return the mean of *flow* around each cell; see ``motion.find_drift``: (1, 2, h / 5, w / 5)."""
    return box(mean_cells(flow), motion.CELLS)


def mean_cells(maps: Tensor) -> Tensor:
    """Return the mean of *maps* in each cell, (1, C, h / 5, w / 5)."""
    return avg_pool2d(maps, [min(side, motion.CELL) for side in maps.shape[2:]])


def find_inside(flow: Tensor) -> Tensor:
    """Return 1 where *flow* leads into the picture, else 0, (1, 1, h, w)."""
    height, width = flow.shape[2:]
    x = torch.arange(width, device=flow.device) + flow[:, :1]
    y = torch.arange(height, device=flow.device)[:, None] + flow[:, 1:]
    inside = (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
    return inside.to(flow.dtype)


def measure_change(now: Tensor, before: Tensor, rest: Tensor) -> tuple[Tensor, Tensor]:
    """Tell change from noise; see ``noise.measure_change``: (1, 1, h, w), and ()."""
    difference = now - before
    coherent = box(difference, motion.CELL).abs().mean(1, keepdim=True)
    restless = box(difference.abs().mean(1, keepdim=True), motion.CELL)
    resting = (coherent <= rest)[..., ::4, ::4]
    typical = restless[..., ::4, ::4].masked_fill(~resting, torch.nan).nanmedian().clamp(max=noise.MOST_NOISE)
    unrest = typical.nan_to_num() * (resting.float().mean() / noise.LEAST_RESTING).clamp(max=1)
    level = coherent + (restless - 2 * unrest - 1).clamp(min=0)
    change = ((level - rest) / noise.SURER).clamp(0, 1)
    return dilate(change), unrest


def is_again(now: Tensor, before: Tensor) -> Tensor:
    """Return whether *now* is the picture *before* once more; see ``noise.is_again``: ()."""
    return (now - before).abs().mean() <= noise.SAME_AGAIN


def find_residual(now: Tensor, expected: Tensor) -> Tensor:
    """Return by how much neighbourhoods differ; see ``noise.find_residual``: (1, 3, h / 5, w / 5)."""
    return mean_cells(now - expected)


def measure_grain(residual: Tensor, before: Tensor) -> Tensor:
    """Return how much they do by noise alone; see ``noise.measure_grain``: ()."""
    apart = box(residual.abs().mean(1, keepdim=True), 3).flatten()
    changing = apart > noise.LEAST_CHANGE
    count = changing.sum()
    ordered = apart.masked_fill(~changing, torch.inf).sort().values
    quietest = ordered.gather(0, (noise.QUIETEST * count).long().clamp(max=len(apart) - 1)[None])
    enough = count >= noise.ENOUGH * len(apart)
    sizes = residual.square().sum() * before.square().sum()
    lasting = (residual * before).sum() / sizes.clamp(min=1e-12).sqrt()
    fleeting = ((noise.LASTING - lasting) / (noise.LASTING - noise.FLEETING)).clamp(0, 1)
    return quietest.clamp(max=noise.MOST_GRAIN)[0] * fleeting * enough


def find_rest(grain: Tensor, moving: Tensor) -> Tensor:
    """Return the mean change up to which it is noise; see ``noise.find_rest``: (1, 1, h, w)."""
    at_rest = (1.5 - 2 * box(moving, noise.AROUND)).clamp(0, 1)
    return noise.RESTING + (noise.GRAINY * grain - noise.RESTING).clamp(min=0) * at_rest
