"""The last part of training: paintings depend less on noise and on edges, and stay what they are."""

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from livestyle.settings import TrainSettings
from livestyle.styles.store import CATALOG
from livestyle.styles.style import read_style
from livestyle.stylize.backends.pytorch import load_network
from livestyle.stylize.padding import BORDER
from livestyle.train.imitate import paint_within
from livestyle.train.losses import lattice
from livestyle.train.photos import Photos
from livestyle.train.settle import BEYOND, NOISE, SIDE, add_noise, at_edges, pictures_of, settle

SETTINGS = TrainSettings(steps=40, crop=64, batch=2)


@pytest.fixture
def photos(tmp_path: Path) -> Photos:
    rng = np.random.default_rng(0)
    for i in range(16):
        blocks = rng.integers(0, 255, (6, 8, 3), dtype=np.uint8)
        cv2.imwrite(str(tmp_path / f"{i}.png"), cv2.resize(blocks, (160, 120), interpolation=cv2.INTER_CUBIC))
    return Photos(tmp_path, size=64 + 2 * BORDER, batch=2, seed=0)


@torch.no_grad()
def faults(network, pictures):
    """How far paintings change with noise, and along edges with how far one sees beyond, in levels."""
    generator = torch.Generator().manual_seed(5)
    noisy = pictures + 4 / 255 * torch.randn(pictures.shape, generator=generator)
    painted = paint_within(network, pictures, BORDER)
    unsteady = (paint_within(network, noisy, BORDER) - painted).abs().mean()
    edges = at_edges((paint_within(network, pictures, BORDER + BEYOND) - painted).abs()).mean()
    return 255 * float(unsteady), 255 * float(edges)


def test_a_painting_depends_less_on_noise_and_edges_and_stays_what_it_is(photos: Photos):
    before = load_network(read_style(CATALOG / "starry-night.safetensors")).eval()
    unseen = pictures_of(1000, photos, seed=1, most=SIDE)
    seen = []
    after = settle(before, photos, SETTINGS, NOISE, torch.float32, seen.append)
    assert [(progress.step, progress.steps) for progress in seen] == [(i, 40) for i in range(1, 41)]
    (noise, edges), (noise_after, edges_after) = faults(before, unseen), faults(after, unseen)
    assert noise_after < 0.95 * noise
    assert edges_after < 0.9 * edges
    with torch.no_grad():
        apart = 255 * float((before(unseen) - after(unseen)).abs().mean())
    assert 0 < apart < 12


@torch.no_grad()
def lattice_of(network, pictures):
    """How strong a lattice is painted, in levels."""
    return 255 * float(lattice(paint_within(network, pictures, BORDER)).abs().mean())


def test_a_lattice_goes(photos: Photos):
    before = load_network(read_style(CATALOG / "candy.safetensors")).eval()
    bend = torch.tensor([1.0, -2.0, 1.0])
    with torch.no_grad():  # what even_subpixels leaves alone, in one sub-pixel of four
        before.up.conv.weight[::4] += 0.1 * bend[:, None] * bend
    unseen = pictures_of(1000, photos, seed=1, most=SIDE)
    after = settle(before, photos, SETTINGS, 0.0, torch.float32, lambda _: None)
    assert lattice_of(after, unseen) < 0.7 * lattice_of(before, unseen)


def test_it_can_be_cut_short(photos: Photos):
    before = load_network(read_style(CATALOG / "candy.safetensors"))
    stop = threading.Event()
    stop.set()
    after = settle(before, photos, SETTINGS, NOISE, torch.float32, lambda _: None, stop)
    assert after is not before
    assert all(
        torch.equal(weight, same)
        for weight, same in zip(before.parameters(), after.parameters(), strict=True)
    )


def test_pictures_are_photos_and_patterns_and_the_same_in_each_run(photos: Photos):
    pictures = pictures_of(3, photos, seed=0, most=SIDE)
    assert pictures.shape == (4, 3, 112, 112)
    assert 0 <= float(pictures.min()) and float(pictures.max()) <= 1
    assert torch.equal(pictures[:2], photos.crops(3))
    assert torch.equal(pictures, pictures_of(3, photos, seed=0, most=SIDE))
    assert not torch.equal(pictures[2:], pictures_of(4, photos, seed=0, most=SIDE)[2:])


def test_noise_of_none_leaves_pictures_alone(photos: Photos):
    pictures = pictures_of(0, photos, seed=0, most=SIDE)
    assert torch.equal(add_noise(pictures, 0.0, 0, 0), pictures)
    assert 0 < float((add_noise(pictures, NOISE, 0, 0) - pictures).abs().mean()) < NOISE / 255
