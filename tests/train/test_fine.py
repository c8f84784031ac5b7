"""The fine network: half of a picture's size is painted like the whole of it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch.nn.functional import avg_pool2d

from livestyle.settings import TrainSettings
from livestyle.styles.store import CATALOG
from livestyle.styles.style import read_style
from livestyle.stylize.backends.pytorch import load_network
from livestyle.stylize.padding import BORDER
from livestyle.train.fine import roughness, teach_fine
from livestyle.train.imitate import paint_within
from livestyle.train.photos import Photos
from livestyle.train.settle import pictures_of


def test_halved_pictures_are_painted_more_like_whole_ones(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for i in range(16):
        blocks = rng.integers(0, 255, (6, 8, 3), dtype=np.uint8)
        cv2.imwrite(str(tmp_path / f"{i}.png"), cv2.resize(blocks, (200, 160), interpolation=cv2.INTER_CUBIC))
    photos = Photos(tmp_path, size=80 + 2 * BORDER, batch=2, seed=0)
    network = load_network(read_style(CATALOG / "candy.safetensors"))
    seen = []
    fine = teach_fine(network, photos, TrainSettings(steps=60), torch.float32, seen.append)
    assert [progress.step for progress in seen] == list(range(1, 61))
    unseen = pictures_of(1000, photos, seed=1, most=128)
    with torch.no_grad():
        wanted = avg_pool2d(paint_within(network, unseen, 2 * BORDER), 2)
        own, learned = (
            float((paint_within(any_, avg_pool2d(unseen, 2), BORDER) - wanted).abs().mean())
            for any_ in (network, fine)
        )
    assert learned < 0.8 * own


def test_roughness_knows_grain_from_slopes() -> None:
    slope = torch.linspace(0, 1, 64).expand(1, 3, 64, 64)
    grain = slope + 0.1 * torch.randn(slope.shape, generator=torch.Generator().manual_seed(0))
    assert roughness(slope).shape == (1, 3, 8, 8)
    assert float(roughness(slope)[..., 1:-1].max()) < 1e-5
    assert float(roughness(grain).mean()) > 0.05
