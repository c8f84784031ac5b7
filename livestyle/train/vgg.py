"""The fixed networks that judge pictures: VGG16 and VGG19.

Simonyan and Zisserman 2014 (arXiv:1409.1556), trained on ImageNet.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Architecture:
    """One of the networks, as far as its activations are looked at.

    Attributes:
        name: for people; the file of weights in the store has it in small letters.
        widths: outputs of the convolutions of each stage; stages are separated by pooling.
        taps: layers whose activations are compared, in order: ``relu3_1`` follows the first of stage 3.
        mean, std: of RGB in [0, 1], subtracted and divided by before the first layer.
    """

    name: str
    widths: tuple[tuple[int, ...], ...]
    taps: tuple[str, ...]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


VGG16 = Architecture(
    "VGG16",
    ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512)),
    ("relu1_2", "relu2_2", "relu3_3", "relu4_3"),
    (0.485, 0.456, 0.406),
    (0.229, 0.224, 0.225),
)
"""What trains styles, up to the layers of Johnson et al. 2016."""

VGG19 = Architecture(
    "VGG19",
    ((64, 64), (128, 128), (256, 256, 256, 256), (512, 512, 512, 512), (512,)),
    ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu4_2", "relu5_1"),
    (123.68 / 255, 116.779 / 255, 103.939 / 255),
    (1 / 255, 1 / 255, 1 / 255),
)
"""What single pictures are painted with, up to the layers of Gatys et al. 2015; sees levels, as Caffe did."""


class Perceptual(nn.Module):
    """A network that judges, frozen. Turns pictures into activations at its taps.

    Args:
        architecture: which one.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, architecture: Architecture = VGG16) -> None:
        super().__init__()
        self.taps = architecture.taps
        self.register_buffer("mean", torch.tensor(architecture.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(architecture.std).view(1, 3, 1, 1), persistent=False)
        inputs, stages = 3, []
        for widths in architecture.widths:
            convolutions = []
            for outputs in widths:
                convolutions.append(nn.Conv2d(inputs, outputs, 3, padding=1))
                inputs = outputs
            stages.append(nn.ModuleList(convolutions))
        self.stages = nn.ModuleList(stages)
        self.requires_grad_(False).eval()

    def forward(self, pictures: Tensor, last: str | None = None) -> dict[str, Tensor]:
        """Return the activations of *pictures*, RGB in [0, 1], (N, 3, H, W), up to the tap *last*."""
        x = (pictures - self.mean) / self.std
        found: dict[str, Tensor] = {}
        for stage, convolutions in enumerate(self.stages, 1):
            if stage > 1:
                x = nn.functional.max_pool2d(x, 2)
            for layer, convolution in enumerate(convolutions.children(), 1):
                x = torch.relu_(convolution(x))
                tap = f"relu{stage}_{layer}"
                if tap in self.taps:
                    found[tap] = x
                if tap in (last, self.taps[-1]):
                    return found
        raise ValueError(f"{last} is no tap; there are: {', '.join(self.taps)}")
