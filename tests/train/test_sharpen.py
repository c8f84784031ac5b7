"""Finished networks see more sharply, as if an unsharp mask lay over pictures, while they stay steady."""

import cv2
import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from skimage import data

from livestyle.measure.probes import fit_still
from livestyle.styles.store import CATALOG
from livestyle.styles.style import read_style
from livestyle.stylize.backends.pytorch import load_network
from livestyle.stylize.network import StyleNetwork
from livestyle.stylize.padding import BORDER
from livestyle.train import sharpen
from livestyle.train.imitate import paint_within
from livestyle.train.photos import Photos
from livestyle.train.sharpen import COARSE, FINE, noise_gain, see_sharply


def network_of(name: str) -> StyleNetwork:
    return load_network(read_style(CATALOG / f"{name}.safetensors")).eval()


def photo() -> torch.Tensor:
    pixels = fit_still(np.ascontiguousarray(data.astronaut()), 256, 256)
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255


@torch.no_grad()
def painted(network: StyleNetwork, pictures: torch.Tensor) -> np.ndarray:
    return paint_within(network, pictures, BORDER).numpy()


def test_it_paints_as_if_a_mask_lay_over_the_picture():
    network, clean = network_of("great-wave"), photo()
    fine, coarse = (gaussian_filter(clean.numpy(), (0, 0, sigma, sigma)) for sigma in (FINE, COARSE))
    wanted = painted(network, clean + torch.from_numpy(fine - coarse))
    before, after = painted(network, clean), painted(see_sharply(network, 1.0), clean)
    assert np.abs(after - wanted).mean() < 0.7 * np.abs(before - wanted).mean()


def test_nothing_is_another_network_and_flat_pictures_stay():
    network = network_of("great-wave")
    same = see_sharply(network, 0.0)
    assert torch.allclose(same.stem.conv.weight, network.stem.conv.weight, atol=1e-5)
    before = network.stem.conv.weight.clone()
    sharper = see_sharply(network, 1.5)
    assert torch.equal(network.stem.conv.weight, before)  # the one given is not changed
    flat = torch.tensor([0.2, 0.5, 0.9]).view(1, 3, 1, 1).expand(1, 3, 64, 64)
    assert np.allclose(
        painted(sharper, flat), painted(network, flat), atol=4e-3
    )  # weights of flat pictures add up alike, in float32


def test_half_of_the_picture_needs_half_of_the_mask():
    """What a fine network is shown is half as large."""
    small = sharpen.mask(1.0, FINE / 2, COARSE / 2)
    large = sharpen.mask(1.0, FINE, COARSE)
    assert small.sum() == pytest.approx(1) == large.sum()
    far = np.hypot(*np.mgrid[-6:7, -6:7]) > COARSE
    assert np.abs(small[far]).sum() < 0.3 * np.abs(large[far]).sum()


@pytest.fixture
def photos(tmp_path):
    for i in range(16):
        cv2.imwrite(str(tmp_path / f"{i}.png"), np.ascontiguousarray(data.coffee()[:, 5 * i :, ::-1]))
    return Photos(tmp_path, size=128, batch=1, seed=0)


def test_as_much_as_leaves_it_steady(photos: Photos, monkeypatch):
    network = network_of("great-wave")
    clean = photos.crops(0, sharpen.PHOTOS)
    gains = [noise_gain(see_sharply(network, amount), clean) for amount in (0.0, *sharpen.AMOUNTS)]
    assert gains[0] < gains[3] < gains[2] < gains[1]  # noise grows with the amount
    for most, amount in ((gains[1], sharpen.AMOUNTS[0]), (gains[2], sharpen.AMOUNTS[1]), (gains[0], 0.0)):
        monkeypatch.setattr(sharpen, "MOST_GAIN", most + 1e-6)
        found = sharpen.sharpen(network, photos)
        assert torch.equal(
            found.stem.conv.weight,
            (see_sharply(network, amount) if amount else network).stem.conv.weight,
        )


def test_noise_of_a_network_that_copies_grows_by_nothing(photos: Photos):
    class Copy(torch.nn.Module):
        out = network_of("great-wave").out

        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return pictures

    assert noise_gain(Copy(), photos.crops(0, 2)) == pytest.approx(1.0, abs=1e-6)
