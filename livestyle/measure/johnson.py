"""The network that most people run, for comparison: Johnson et al. 2016, in plain PyTorch."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from livestyle.frame import Pixels


class JohnsonNetwork(nn.Module):
    """Two strided convolutions down, five residual blocks, two up; 9×9 first and last (arXiv:1603.08155).

    With instance norm (arXiv:1607.08022) and nearest-neighbour upsampling, as the common code has it. Its
    weights are random: only its speed is of interest.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *convolution(3, 32, 9),
            *convolution(32, 64, 3, stride=2),
            *convolution(64, 128, 3, stride=2),
            *(Residual(128) for _ in range(5)),
            nn.Upsample(scale_factor=2),
            *convolution(128, 64, 3),
            nn.Upsample(scale_factor=2),
            *convolution(64, 32, 3),
            nn.ReflectionPad2d(4),
            nn.Conv2d(32, 3, 9),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Paint *pictures*, RGB in [0, 255], (N, 3, H, W); same shape out."""
        return self.layers(pictures)


class Residual(nn.Module):
    """Two convolutions beside a skip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        *first, _relu = convolution(channels, channels, 3)
        self.layers = nn.Sequential(*convolution(channels, channels, 3), *first)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape in and out."""
        return x + self.layers(x)


def convolution(inputs: int, outputs: int, size: int, *, stride: int = 1) -> list[nn.Module]:
    """Return the layers of one step: padding, convolution, norm, relu."""
    return [
        nn.ReflectionPad2d(size // 2),
        nn.Conv2d(inputs, outputs, size, stride),
        nn.InstanceNorm2d(outputs, affine=True),
        nn.ReLU(),
    ]


def open_johnson(pixels: Pixels) -> Callable[[], object]:
    """Return what paints *pixels* once, in float32 on the CPU."""
    network = JohnsonNetwork().eval()
    given = torch.from_numpy(pixels).permute(2, 0, 1)[None].float().contiguous()

    @torch.inference_mode()
    def paint() -> object:
        return network(given)

    return paint
