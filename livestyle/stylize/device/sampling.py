"""Pictures as tensors, float32, (1, C, H, W): scaled, blurred, and sampled where a flow leads.

Numbers stay Python's: made into tensors they would be copied to the device, which a recording forbids.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def to_tensor(picture: Tensor) -> Tensor:
    """Return *picture*, uint8 RGB, (H, W, 3), as levels in [0, 255]."""
    return picture.permute(2, 0, 1)[None].to(torch.float32, memory_format=torch.contiguous_format)


def to_picture(levels: Tensor) -> Tensor:
    """Return *levels*, in [0, 255], rounded, as uint8 RGB, (H, W, 3), contiguous."""
    return levels[0].round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).contiguous()


def resize(maps: Tensor, height: int, width: int) -> Tensor:
    """Return *maps* at that size, sampled linearly."""
    return functional.interpolate(maps, (height, width), mode="bilinear", align_corners=False)


def halve(levels: Tensor) -> Tensor:
    """Return *levels* at half the size, rounded up, each pixel the mean of what it covers."""
    odd = [
        side % 2 for side in levels.shape[2:]
    ]  # windows are of three pixels then, one outside at both edges
    sides = [2 + more for more in odd]
    return functional.avg_pool2d(levels, sides, 2, odd, count_include_pad=False).round()


def box(maps: Tensor, side: int) -> Tensor:
    """Return the mean of *maps* over *side* × *side* pixels around each."""
    return functional.avg_pool2d(maps, side, 1, side // 2, count_include_pad=False)


def dilate(maps: Tensor) -> Tensor:
    """Return the greatest of the 3×3 pixels around each."""
    return functional.max_pool2d(maps, 3, 1, 1)


def grey(levels: Tensor) -> Tensor:
    """Return the luma (BT.601) of *levels*, (1, 1, H, W)."""
    red, green, blue = levels.split(1, 1)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def sample(maps: Tensor, flow: Tensor) -> Tensor:
    """Return *maps* where *flow*, (1, 2, H, W), x and y in pixels to add, leads; else the edge."""
    height, width = maps.shape[2:]
    x = torch.arange(width, device=maps.device, dtype=maps.dtype) + flow[0, 0]
    y = torch.arange(height, device=maps.device, dtype=maps.dtype)[:, None] + flow[0, 1]
    scaled = [2 * x / max(width - 1, 1) - 1, 2 * y / max(height - 1, 1) - 1]
    places = torch.stack(scaled, 2)[None]
    return functional.grid_sample(maps, places, padding_mode="border", align_corners=True)


def sample_moved(levels: Tensor, flow: Tensor, height: int, width: int) -> Tensor:
    """Return *levels* at that size, each pixel from where *flow* leads; else the edge.

    Args:
        levels: (1, C, H, W).
        flow: (1, 2, h, w), x and y in pixels of a picture of its own size.
        height, width: of the result. Pixels between are left out, not averaged.
    """
    across, down = resize(flow, height, width)[0]
    across, down = across * (2 / flow.shape[3]), down * (2 / flow.shape[2])
    rows, columns = (
        (2 * torch.arange(side, device=levels.device, dtype=levels.dtype) + 1) / side - 1
        for side in (height, width)
    )
    places = torch.stack([columns + across, rows[:, None] + down], 2)[None]
    return functional.grid_sample(levels, places, padding_mode="border", align_corners=False)
