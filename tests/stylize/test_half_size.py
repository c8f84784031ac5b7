"""Shipped styles at half size, as the governor has them: the brush stays what it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from skimage import data
from skimage.metrics import structural_similarity

from livestyle.styles.store import CATALOG
from livestyle.styles.style import read_style
from livestyle.styles.tiers import split_stem
from livestyle.stylize.backends import open_backend
from livestyle.stylize.governor import resize, restore

SHIPPED = sorted(path for path in CATALOG.glob("*.safetensors") if split_stem(path.stem)[1] == "lite")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_styles_look_the_same_at_half_size(path: Path) -> None:
    """Nearer to the full-size painting than what the style's own network makes of half of the size."""
    photo = np.ascontiguousarray(data.astronaut()[:400, :480])
    half, style = resize(photo, 0.5), read_style(path)
    finer = style.fine()
    assert finer is not None
    own, fine = open_backend(style), open_backend(finer)
    whole = own.paint(photo)
    likeness = [
        structural_similarity(whole, restore(backend.paint(half), half, photo, 1.0), channel_axis=2)
        for backend in (own, fine)
    ]
    assert likeness[1] > likeness[0] + 0.1, likeness
