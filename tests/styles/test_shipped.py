"""What every style that ships must be, each frame by itself: steady, and without a lattice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from skimage import data

from livestyle.frame import Pixels
from livestyle.measure import probes
from livestyle.styles.store import CATALOG
from livestyle.styles.tiers import split_stem
from livestyle.stylize.stylizer import Controls, Stylizer

SHIPPED = sorted(CATALOG.glob("*.safetensors"))
LITE = [path for path in SHIPPED if split_stem(path.stem)[1] == "lite"]

MOST = {"still_noise_gain": 1.2, "light_ramp_gain": 1.1, "pan_error": 1.5e-3, "coupling": 1e-3}


def load(path: Path) -> Stylizer:
    return Stylizer(Controls(str(path), stability=0.0), "cpu", precision="f32")


def still() -> Pixels:
    return probes.fit_still(np.ascontiguousarray(data.astronaut()))


@pytest.mark.parametrize("path", LITE, ids=lambda path: path.stem)
def test_it_is_steady_without_the_smoother(path: Path):
    painter = load(path)
    found = {name: getattr(probes, name)(painter, still()) for name in MOST}
    assert all(found[name] <= most for name, most in MOST.items()), found


def repeated(picture: Pixels, period: int) -> float:
    """How strong in *picture* is what repeats every *period* pixels, in levels."""
    cells = 16
    side = cells * period
    rows, columns = (length // side for length in picture.shape[:2])
    blocks = picture[: rows * side, : columns * side].astype(float)
    means = blocks.reshape(rows, cells, period, columns, cells, period, 3).mean((1, 4))
    return float((means - means.mean((1, 3), keepdims=True)).std())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_is_painted_shows_no_lattice(path: Path):
    """Networks work at a quarter of the size: every 4 pixels no more repeats than every 3 or 5."""
    painted = load(path).stylize(still())
    found = {period: repeated(painted, period) for period in (3, 4, 5)}
    assert found[4] <= 1.5 * (found[3] + found[5]) / 2, found
