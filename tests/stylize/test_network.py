"""The network keeps sizes, and folding its norms changes nothing that can be seen."""

from __future__ import annotations

import pytest
import torch

from livestyle.stylize.network import (
    TIERS,
    ConvLayer,
    Norm,
    StyleNetwork,
    Tier,
    even_subpixels,
    fold_norms,
    grow,
    reach,
    unfold_norms,
)
from livestyle.stylize.padding import STRIDE


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize(("height", "width"), [(STRIDE, STRIDE), (STRIDE, 5 * STRIDE), (64, 96)])
def test_same_shape_and_range_out(tier: str, height: int, width: int) -> None:
    pictures = torch.rand(2, 3, height, width)
    with torch.inference_mode():
        painted = StyleNetwork(TIERS[tier])(pictures)
    assert painted.shape == pictures.shape
    assert 0 <= painted.min() and painted.max() <= 1


@pytest.mark.parametrize("tier", TIERS)
def test_what_changes_a_pixel_is_within_reach(tier: str) -> None:
    torch.manual_seed(0)
    network, far = StyleNetwork(TIERS[tier]), reach(TIERS[tier])
    middle = far + STRIDE
    pictures = torch.rand(1, 3, 2 * middle, 2 * middle, requires_grad=True)
    farthest = 0
    for row in range(middle, middle + 4):  # all places in a cell
        painted = network(pictures)[0, :, row, middle].sum()
        (change,) = torch.autograd.grad(painted, pictures)
        rows = change.abs().sum((0, 1, 3)).nonzero().flatten()
        farthest = max(farthest, row - int(rows.min()), int(rows.max()) - row)
    assert far - 4 < farthest <= far


@pytest.mark.parametrize("norm", ["none", "batch", "instance"])
def test_folding_paints_the_same(norm: Norm) -> None:
    torch.manual_seed(3)
    network = StyleNetwork(Tier(16, 3), norm)
    for _ in range(4):  # norms see some pictures, so that their statistics are not trivial
        network(torch.rand(2, 3, 32, 32) * 0.7 + 0.2)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d | torch.nn.InstanceNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 2.0)
            torch.nn.init.uniform_(module.bias, -1.0, 1.0)
    pictures = torch.rand(1, 3, 40, 24)
    with torch.inference_mode():
        expected = network.eval()(pictures)
        folded = fold_norms(network)
        assert torch.allclose(folded(pictures), expected, atol=1e-5)
    assert not any("norm" in name for name in folded.state_dict())


def test_a_grown_network_paints_the_same_and_can_learn() -> None:
    torch.manual_seed(3)
    network, pictures = StyleNetwork(Tier(16, 2)), torch.rand(2, 3, 40, 24)
    grown = grow(network, Tier(24, 3))
    with torch.inference_mode():
        assert torch.allclose(grown(pictures), network(pictures), atol=1e-5)
    trained = StyleNetwork(grown.tier, "batch")
    unfold_norms(grown, trained, [pictures])
    assert torch.allclose(trained.eval()(pictures), network(pictures), atol=1e-2)
    trained.train()(pictures).square().mean().backward()
    new = trained.body[2].second.conv.weight  # what it sees is not heard yet, but will be
    assert new.grad is not None and new.grad.abs().max() > 0
    with pytest.raises(ValueError, match="cannot become"):
        grow(grown, network.tier)


def test_subpixels_start_equal() -> None:
    layer = ConvLayer(4, 2, "none", shuffle=2)
    out = layer(torch.rand(1, 4, 6, 6))
    assert torch.equal(out[:, :, ::2, ::2], out[:, :, 1::2, 1::2]) and out.std() > 0


def test_a_shift_by_the_stride_shifts_the_painting() -> None:
    torch.manual_seed(0)
    network, pictures = StyleNetwork(Tier(8, 1)), torch.rand(1, 3, 96, 96)
    with torch.inference_mode():
        painted, shifted = network(pictures), network(pictures.roll(STRIDE, dims=3))
    inner = slice(32, -32)
    assert torch.allclose(
        painted.roll(STRIDE, dims=3)[..., inner, inner], shifted[..., inner, inner], atol=1e-5
    )


def test_even_subpixels_leave_flat_areas_flat():
    network = lopsided_network()
    flat = torch.tensor([0.2, 0.5, 0.7]).view(1, 3, 1, 1).expand(1, 3, 96, 96)

    def spread() -> float:
        with torch.no_grad():
            painted = network(flat)[:, :, 40:56, 40:56]  # far from the border, where zeros are seen
        return float(painted.std((2, 3)).max())

    assert spread() > 0.01
    even_subpixels(network)
    assert spread() < 1e-5


def test_even_subpixels_leave_slopes_and_bends_smooth():
    network = lopsided_network()
    rows, columns = torch.meshgrid(torch.arange(24.0), torch.arange(24.0), indexing="ij")
    surface = (
        0.3 * rows - 0.2 * columns + 0.02 * rows.square() - 0.03 * columns.square() + 0.05 * rows * columns
    )
    surface = surface.expand(1, network.up.conv.in_channels, 24, 24)

    def roughness() -> float:
        """Third differences, which a quadratic surface has not."""
        with torch.no_grad():
            x = network.up(surface)[:, :, 8:40, 8:40]
        return max(float(x.diff(3, dim=dim).abs().max()) for dim in (2, 3))

    assert roughness() > 0.01
    even_subpixels(network)
    assert roughness() < 1e-3


def lopsided_network() -> StyleNetwork:
    """A network whose sub-pixels disagree."""
    torch.manual_seed(0)
    network = StyleNetwork(Tier(8, 1)).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return network
