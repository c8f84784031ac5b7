"""Mixed networks paint as strongly as those that they are mixed of."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from conftest import write_random_style

from livestyle.styles.blend import Blend
from livestyle.styles.store import find_style, style_path
from livestyle.styles.style import write_style
from livestyle.stylize.graph import Layer, arrange
from livestyle.stylize.mixing import Mixture, convolve, read_pictures, spread_of, watch


@pytest.fixture
def blend() -> Blend:
    for seed, name in enumerate(("aaa", "bbb")):
        write_random_style(style_path(name), seed)
    found = find_style("aaa:1,bbb:3")
    assert isinstance(found, Blend)
    return found


def test_each_channel_is_as_strong_as_in_the_networks_that_are_mixed(blend: Blend) -> None:
    pictures = read_pictures()
    seen = [watch(arrange(style, style.read_weights()), pictures).seen for style, _ in blend.parts]
    mean, mixed = (
        watch(arrange(style, style.read_weights()), pictures).seen for style in (blend, Mixture.of(blend))
    )
    for first, second, pale, strong in zip(*seen, mean, mixed, strict=True):
        wanted = 0.25 * first.deviation + 0.75 * second.deviation
        assert np.allclose(strong.deviation, wanted, rtol=0.02, atol=1e-3)
        assert np.allclose(strong.mean, 0.25 * first.mean + 0.75 * second.mean, atol=5e-3)
        assert pale.deviation.mean() < wanted.mean()


def test_a_style_blended_with_itself_stays_what_it_is(blend: Blend) -> None:
    alone, both = find_style("aaa"), find_style("aaa:1,aaa:2")
    assert isinstance(both, Blend)
    mixed = Mixture.of(both).read_weights()
    for name, weights in alone.read_weights().items():
        assert mixed[name].dtype == np.float16
        assert np.allclose(mixed[name], weights, atol=2e-3)


def test_a_mixture_is_the_blend_in_all_else(blend: Blend) -> None:
    mixture = Mixture.of(blend)
    assert (mixture.name, mixture.sha256, mixture.shape) == (blend.name, blend.sha256, blend.shape)


def test_fine_networks_are_blended_where_all_parts_have_one_and_they_mix(blend: Blend) -> None:
    assert blend.fine() is None
    for number, (style, _) in enumerate(blend.parts):
        own, other = (find_style(name).read_weights() for name in ("aaa", "bbb"))
        write_style(style.path, style.read_weights(), style.credits, style.shape, {}, own)
        one = find_style(f"{style.name}:1,{style.name}:2").fine()
        assert one is not None and np.array_equal(one.read_weights()["up.conv.bias"], own["up.conv.bias"])
        assert (find_style("aaa:1,bbb:3").fine() is not None) == bool(number)
    write_style(style.path, style.read_weights(), style.credits, style.shape, {}, other)
    assert find_style("aaa:1,bbb:3").fine() is None, "painted with one by one, just when time is short"


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2), (1, 4)])
def test_convolutions_are_those_of_pytorch(stride: int, dilation: int) -> None:
    rng = np.random.default_rng(0)
    x, weight, bias = (rng.normal(size=size).astype(np.float32) for size in ((2, 3, 8, 12), (5, 3, 3, 3), 5))
    layer = Layer(weight, bias, np.arange(5), stride, dilation)
    wanted = torch.nn.functional.conv2d(
        *map(torch.from_numpy, (x, weight, bias)), stride, dilation, dilation
    ).numpy()
    assert np.allclose(convolve(x, layer), wanted, atol=1e-4)


def test_pixels_of_one_channel_are_measured_together() -> None:
    y = np.random.default_rng(0).normal(size=(2, 4, 6, 6)).astype(np.float32)
    spread = spread_of(y, np.array([0, 1, 0, 1]))
    assert np.allclose(spread.mean, [y[:, ::2].mean(), y[:, 1::2].mean()], atol=1e-6)
    assert np.allclose(spread.deviation, [y[:, ::2].std(), y[:, 1::2].std()], atol=1e-6)
