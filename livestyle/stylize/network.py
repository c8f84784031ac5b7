"""The neural network that paints a frame in one pass: plain PyTorch.

A small U-shaped network that works at half and quarter size, because on a CPU the layers at full size
cost most. The general scheme is Johnson et al. 2016 (arXiv:1603.08155); sub-pixel convolution is
Shi et al. 2016 (arXiv:1609.05158), its initialisation ICNR Aitken et al. 2017 (arXiv:1707.02937).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Literal

import torch
from torch import Tensor, nn

from livestyle.styles.tiers import TIERS, Tier

Norm = Literal["none", "batch", "instance"]


class StyleNetwork(nn.Module):
    """Paints pictures in the one style that it was trained on.

    Args:
        tier: its size.
        norm: what follows each convolution while training; a network that ships has none,
            see ``fold_norms``.
    """

    def __init__(self, tier: Tier = TIERS["lite"], norm: Norm = "none") -> None:
        super().__init__()
        channels = tier.channels
        self.tier = tier
        self.stem = ConvLayer(12, 16, norm)
        self.down = ConvLayer(16, channels, norm, stride=2)
        self.body = nn.Sequential(
            *(ResidualBlock(channels, norm, dilation=2 ** (i % 3)) for i in range(tier.blocks))
        )
        self.up = ConvLayer(channels, 16, norm, shuffle=2)
        self.head = ConvLayer(16, 16, norm)
        self.out = ConvLayer(16, 3, "none", shuffle=2)

    def forward(self, pictures: Tensor) -> Tensor:
        """Paint *pictures*, RGB in [0, 1], (N, 3, H, W); same shape and range out."""
        half = nn.functional.pixel_unshuffle(pictures * 2 - 1, 2)  # (N, 12, H/2, W/2)
        stem = torch.relu(self.stem(half))  # (N, 16, H/2, W/2)
        quarter = torch.relu(self.down(stem))  # (N, C, H/4, W/4)
        quarter = self.body(quarter)
        half = torch.relu(self.up(quarter)) + stem  # (N, 16, H/2, W/2)
        half = torch.relu(self.head(half))
        return torch.tanh(self.out(half)) * 0.5 + 0.5  # (N, 3, H, W)


class ConvLayer(nn.Module):
    """A 3×3 convolution, then sub-pixel upsampling by *shuffle*, then a norm."""

    def __init__(
        self, inputs: int, outputs: int, norm: Norm, *, stride: int = 1, dilation: int = 1, shuffle: int = 1
    ) -> None:
        super().__init__()
        self.shuffle = shuffle
        self.conv = nn.Conv2d(
            inputs, outputs * shuffle**2, 3, stride=stride, padding=dilation, dilation=dilation
        )
        self.norm = make_norm(norm, outputs)
        if shuffle > 1:
            start_subpixels_equal(self.conv, shuffle)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H·shuffle/stride, W·shuffle/stride)."""
        x = self.conv(x)
        if self.shuffle > 1:
            x = nn.functional.pixel_shuffle(x, self.shuffle)
        normed: Tensor = self.norm(x)
        return normed


class ResidualBlock(nn.Module):
    """Two convolutions beside a skip; the first may be dilated to see farther."""

    def __init__(self, channels: int, norm: Norm, dilation: int) -> None:
        super().__init__()
        self.first = ConvLayer(channels, channels, norm, dilation=dilation)
        self.second = ConvLayer(channels, channels, norm)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape in and out."""
        change: Tensor = self.second(torch.relu(self.first(x)))
        return x + change


def reach(tier: Tier) -> int:
    """Return how many pixels away something may be that changes how a pixel is painted in *tier*."""
    body = sum(2 ** (i % 3) + 1 for i in range(tier.blocks))  # pixels at a quarter of the size
    return 4 * body + 16  # what is around the body, and whole cells


def channels_last(module: nn.Module) -> None:
    """Lay out the weights of *module* as CPUs and tensor cores like them.

    On Apple's GPU batch norms would then have wrong gradients, or none (pytorch#175189).
    """
    if next(module.parameters()).device.type == "mps":
        return
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def make_norm(norm: Norm, channels: int) -> nn.Module:
    """Return the layer that *norm* names."""
    if norm == "batch":
        return nn.BatchNorm2d(channels, momentum=0.05)
    if norm == "instance":
        return nn.InstanceNorm2d(channels, affine=True, track_running_stats=True, momentum=0.05)
    return nn.Identity()


@torch.no_grad()
def start_subpixels_equal(conv: nn.Conv2d, shuffle: int) -> None:
    """Give all sub-pixels of one output the same weights to start from (ICNR)."""
    weight = conv.weight[:: shuffle**2].clone()
    conv.weight.copy_(weight.repeat_interleave(shuffle**2, 0))
    if conv.bias is not None:
        conv.bias.zero_()


@torch.no_grad()
def even_subpixels(network: nn.Module) -> None:
    """Make the sub-pixels of each output agree wherever their input is flat or slopes evenly.

    Training pulls them apart, because a lattice is a cheap texture: it shows as dots and hatching. Called
    after each step, this moves the weights to the nearest ones that keep flat areas flat and slopes straight.
    """
    for layer in network.modules():
        if isinstance(layer, ConvLayer) and layer.shuffle > 1:
            even_layer(layer.conv, layer.shuffle)


def even_layer(conv: nn.Conv2d, shuffle: int) -> None:
    """Make the *shuffle*² kernels of each output agree in bias and in moments up to the second.

    They then sample one smooth function at the places of the sub-pixels: a kernel of sum s and first moment
    m, moved by p, has the first moment m + s·p, and a second one that is 2·p·m + s·p² larger.
    """
    weight = conv.weight
    count = shuffle**2
    taps = torch.arange(-1.0, 2.0, device=weight.device)
    down, right = taps.view(3, 1).expand(3, 3), taps.expand(3, 3)
    places = (torch.arange(shuffle, device=weight.device) + 0.5) / shuffle - 0.5  # of sub-pixels in a pixel
    p_down = places.repeat_interleave(shuffle).view(1, count, 1)
    p_right = places.repeat(shuffle).view(1, count, 1)

    kernels = weight.reshape(-1, count, *weight.shape[1:])  # (outputs, r², inputs, 3, 3)

    def moment(basis: Tensor) -> Tensor:
        return (kernels * basis).sum((3, 4)).mean(1, keepdim=True)  # (outputs, 1, inputs)

    one = torch.ones_like(down)
    s, m_down, m_right = moment(one), moment(down), moment(right)
    # The six are orthogonal: putting one moment right leaves the others as they are.
    for basis, moved in (
        (one, 0),
        (down, s * p_down),
        (right, s * p_right),
        (down.square() - 2 / 3, 2 * p_down * m_down),
        (right.square() - 2 / 3, 2 * p_right * m_right),
        (down * right, p_down * m_right + p_right * m_down + s * p_down * p_right),
    ):
        moments = (kernels * basis).sum((3, 4))  # (outputs, r², inputs)
        wanted = moments.mean(1, keepdim=True) + moved
        kernels = kernels + ((wanted - moments) / basis.square().sum())[..., None, None] * basis
    weight.copy_(kernels.reshape(weight.shape))
    if conv.bias is not None:
        conv.bias.copy_(conv.bias.reshape(-1, count).mean(1).repeat_interleave(count))


@torch.no_grad()
def fold_norms(network: StyleNetwork) -> StyleNetwork:
    """Return the network without norms that paints as *network* does with running statistics, on the CPU."""
    folded = StyleNetwork(network.tier)
    network = copy.deepcopy(network).cpu()
    sources = [m for m in network.modules() if isinstance(m, ConvLayer)]
    targets = [m for m in folded.modules() if isinstance(m, ConvLayer)]
    for source, target in zip(sources, targets, strict=True):
        scale, shift = norm_affine(source.norm, source.conv.out_channels // source.shuffle**2)
        scale = scale.repeat_interleave(source.shuffle**2)
        shift = shift.repeat_interleave(source.shuffle**2)
        assert source.conv.bias is not None and target.conv.bias is not None
        target.conv.weight.copy_(source.conv.weight * scale[:, None, None, None])
        target.conv.bias.copy_(source.conv.bias * scale + shift)
    return folded.eval()


@torch.no_grad()
def grow(network: StyleNetwork, tier: Tier) -> StyleNetwork:
    """Return a network of the larger *tier* that paints as *network*, which has no norms, does.

    What is new sees something from the start, but is not yet heard (Net2Net, arXiv:1511.05641).

    Raises:
        ValueError: *tier* is the smaller one.
    """
    if tier.channels < network.tier.channels or tier.blocks < network.tier.blocks:
        raise ValueError(f"a network of {network.tier} cannot become one of {tier}")
    larger = StyleNetwork(tier)
    parameters = dict(larger.named_parameters())
    for name, known in network.named_parameters():
        if known.dim() == 4:
            parameters[name][: len(known), known.shape[1] :] = 0
        parameters[name][tuple(map(slice, known.shape))] = known
    for block in list(larger.body)[network.tier.blocks :]:
        assert isinstance(block, ResidualBlock) and block.second.conv.bias is not None
        block.second.conv.weight.zero_()
        block.second.conv.bias.zero_()
    return larger.eval()


@torch.no_grad()
def unfold_norms(folded: StyleNetwork, network: StyleNetwork, batches: Iterable[Tensor]) -> None:
    """Give *network*, which has batch norms, the weights of *folded*, so that both paint alike.

    Each norm gets the statistics that its input has over *batches*, and the affine that undoes it.

    Raises:
        ValueError: the two differ in size.
    """
    if folded.tier != network.tier:
        raise ValueError(f"a network of {folded.tier} cannot start one of {network.tier}")
    network.load_state_dict(folded.state_dict(), strict=False)
    layers = [m for m in network.modules() if isinstance(m, ConvLayer) and isinstance(m.norm, nn.BatchNorm2d)]
    norms = [layer.norm for layer in layers]
    moments: list[list[Tensor]] = [[] for _ in layers]
    for layer, seen in zip(layers, moments, strict=True):
        layer.norm = MomentsOnly(seen)
    for batch in batches:
        network(batch)
    for layer, norm, seen in zip(layers, norms, moments, strict=True):
        layer.norm = norm
        mean, square = torch.stack(seen).mean(0)
        norm.load_state_dict(
            {
                "running_mean": mean,
                "running_var": square - mean.square(),
                "num_batches_tracked": norm.num_batches_tracked,
                "weight": (square - mean.square() + norm.eps).sqrt(),
                "bias": mean,
            }
        )


class MomentsOnly(nn.Module):
    """Stands where a norm will be: hands on its input, notes first and second moment per channel."""

    def __init__(self, seen: list[Tensor]) -> None:
        super().__init__()
        self._seen = seen

    def forward(self, x: Tensor) -> Tensor:
        """Return *x*, (N, C, H, W)."""
        self._seen.append(torch.stack((x.mean((0, 2, 3)), x.square().mean((0, 2, 3)))))
        return x


def norm_affine(norm: nn.Module, channels: int) -> tuple[Tensor, Tensor]:
    """Return scale and shift, (channels,) each, that *norm* applies with its running statistics."""
    if not isinstance(norm, nn.BatchNorm2d | nn.InstanceNorm2d):
        return torch.ones(channels), torch.zeros(channels)
    assert norm.running_var is not None and norm.running_mean is not None
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    return scale, norm.bias - norm.running_mean * scale
