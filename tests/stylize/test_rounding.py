"""Weights in 8 bits: near the exact ones, and no lattice where the picture is flat."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from livestyle.styles.style import Credits, write_style
from livestyle.stylize.backends import open_backend
from livestyle.stylize.backends.rounding import MOST, round_weights
from livestyle.stylize.graph import Layer
from livestyle.stylize.network import StyleNetwork, Tier, even_subpixels


def layer_with(weight: np.ndarray, peers: np.ndarray) -> Layer:
    return Layer(weight.astype(np.float32), np.zeros(len(weight), np.float32), peers)


def test_whole_steps_near_the_exact_weights() -> None:
    weight = np.random.default_rng(0).standard_normal((12, 16, 3, 3))
    rounded, span = round_weights(layer_with(weight, np.arange(12)))
    steps = rounded / span * 127
    assert np.abs(steps - np.rint(steps)).max() < 1e-3 and np.abs(steps).max() <= MOST + 0.001
    assert np.abs(rounded - weight).max() < 1.01 * span.max() / 127
    drift = np.abs((rounded - weight).sum((2, 3))) / (span[:, :, 0, 0] / 127)
    assert drift.max() <= 0.51, "each kernel sums to what it did, to half a step"


def test_two_products_fit_in_16_bits() -> None:
    """Processors without VNNI cut off what does not."""
    weight = np.random.default_rng(3).standard_normal((8, 4, 3, 3))
    rounded, span = round_weights(layer_with(weight, np.arange(8)))
    assert 2 * 255 * np.abs(rounded / span * 127).max() < 2**15


def test_peers_that_had_the_same_sum_still_have() -> None:
    weight = np.random.default_rng(1).standard_normal((16, 8, 3, 3))
    peers = np.arange(16) // 4
    sums = weight.sum((2, 3)).reshape(4, 4, 8)
    weight -= ((sums - sums.mean(1, keepdims=True)) / 9).reshape(16, 8, 1, 1)
    rounded, _ = round_weights(layer_with(weight, peers))
    sums = rounded.sum((2, 3)).reshape(4, 4, 8)
    assert np.abs(sums - sums[:, :1]).max() < 1e-4


def test_peers_that_differed_still_do() -> None:
    weight = np.random.default_rng(2).standard_normal((4, 3, 3, 3))
    rounded, span = round_weights(layer_with(weight, np.zeros(4, int)))
    assert np.abs((rounded - weight).sum((2, 3))).max() <= 1.01 * span.max() / 127


def test_an_output_without_weights() -> None:
    rounded, _ = round_weights(layer_with(np.zeros((2, 3, 3, 3)), np.zeros(2, int)))
    assert not rounded.any()


def test_a_flat_picture_has_no_lattice(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = StyleNetwork(Tier(32, 3))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += torch.randn_like(parameter) * parameter.std() / 2
    even_subpixels(network)
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    style = write_style(tmp_path / "even.safetensors", weights, Credits("even"), (32, 3), {})
    backend = open_backend(style, "cpu", "openvino", "int8")
    for colour in ((200, 120, 40), (90, 160, 230), (255, 255, 255)):
        painted = backend.paint(np.full((128, 128, 3), colour, np.uint8))
        assert np.ptp(painted[60:68, 60:68].reshape(-1, 3), axis=0).max() <= 1, colour
