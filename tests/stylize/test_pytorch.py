"""The PyTorch backend: any size, any device that is there, weights that fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import write_random_style
from hypothesis import given, settings
from hypothesis import strategies as st

from livestyle.errors import BadStyleFile, DeviceUnavailable
from livestyle.styles.style import Credits, Style, write_style
from livestyle.stylize.backends.pytorch import PyTorchBackend, load_network


@pytest.fixture(scope="module")
def backend(tiny_style: Style) -> PyTorchBackend:
    return PyTorchBackend(tiny_style, "cpu")


@settings(max_examples=20)
@given(height=st.integers(1, 70), width=st.integers(1, 70))
def test_any_size_keeps_its_shape(backend: PyTorchBackend, height: int, width: int) -> None:
    pixels = np.random.default_rng(height * width).integers(0, 256, (height, width, 3), np.uint8)
    before = pixels.copy()
    painted = backend.paint(pixels)
    assert painted.shape == pixels.shape and painted.dtype == np.uint8 and painted.flags.c_contiguous
    assert np.array_equal(pixels, before), "the picture given is left as it is"


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (1, 40), (7, 3), (33, 17)])
def test_small_and_odd_sizes(backend: PyTorchBackend, size: tuple[int, int]) -> None:
    assert backend.paint(np.full((*size, 3), 200, np.uint8)).shape == (*size, 3)


def test_paints_what_the_network_paints(backend: PyTorchBackend, tiny_style: Style) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    with torch.inference_mode():
        exact = load_network(tiny_style).eval()(torch.from_numpy(pixels).permute(2, 0, 1)[None] / 255)
    expected = (exact[0].permute(1, 2, 0).numpy() * 255)[24:-24, 24:-24]
    painted = backend.paint(pixels)[24:-24, 24:-24]
    assert np.abs(painted - expected).mean() < 2, "bf16 may differ a little, not more"
    assert painted.std() > 1


def test_views_and_read_only_pictures(backend: PyTorchBackend) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (40, 50, 3), np.uint8)
    flipped = pixels[:, ::-1]
    pixels.flags.writeable = False
    assert np.array_equal(backend.paint(flipped), backend.paint(np.ascontiguousarray(flipped)))
    assert backend.paint(pixels).flags.writeable


def test_says_what_runs(backend: PyTorchBackend) -> None:
    assert backend.description in ("pytorch cpu bf16", "pytorch cpu f32")


@pytest.mark.parametrize("device", ["gpu", "CPU", "", "cuda:x", "cpu:0", "cuda:", "cuda:1:2"])
def test_no_such_device(tiny_style: Style, device: str) -> None:
    with pytest.raises(DeviceUnavailable, match="no device named"):
        PyTorchBackend(tiny_style, device)


@pytest.mark.parametrize("device", ["cuda", "cuda:0", "cuda:99", "mps"])
def test_a_device_that_is_not_here(tiny_style: Style, device: str) -> None:
    if device.startswith("cuda") and int(device[5:] or 0) < torch.cuda.device_count():
        pytest.skip("it is here")
    if device == "mps" and torch.backends.mps.is_available():
        pytest.skip("it is here")
    with pytest.raises(DeviceUnavailable, match="is not on this machine; here work: auto, cpu"):
        PyTorchBackend(tiny_style, device)


def test_weights_that_do_not_fit(tmp_path: Path) -> None:
    style = write_random_style(tmp_path / "tiny.safetensors")
    weights = style.read_weights()
    for shape, changed in [((16, 1), weights), ((8, 1), {"a": np.ones(3)}), ((8, 2), weights)]:
        wrong = write_style(tmp_path / "wrong.safetensors", changed, Credits("wrong"), shape, {})
        with pytest.raises(BadStyleFile, match="do not fit"):
            PyTorchBackend(wrong, "cpu")
