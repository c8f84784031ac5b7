"""Colours are kept: light and dark change, hues do not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from livestyle.frame import Pixels
from livestyle.stylize.colours import keep_colors

LUMA = np.array([0.299, 0.587, 0.114])


@pytest.fixture(scope="module")
def photo() -> Pixels:
    return np.ascontiguousarray(data.astronaut()[100:340, 60:380])


@pytest.fixture(scope="module")
def painting() -> Pixels:
    return np.ascontiguousarray(data.coffee()[50:290, 100:420])


def luma(pixels: Pixels) -> NDArray[np.float64]:
    return pixels @ LUMA


def test_light_and_dark_are_the_paintings(photo: Pixels, painting: Pixels) -> None:
    assert np.abs(luma(keep_colors(painting, photo)) - luma(painting)).max() < 2.5


def test_no_hue_shifts(photo: Pixels, painting: Pixels) -> None:
    """What the channels differ from luma points the same way as before, where it is more than rounding."""
    kept = keep_colors(painting, photo)
    before, after = (pixels - luma(pixels)[..., None] for pixels in (photo, kept))
    sizes = [np.linalg.norm(chroma, axis=2) for chroma in (before, after)]
    seen = (sizes[0] > 20) & (sizes[1] > 20)
    cosine = (before * after).sum(2)[seen] / (sizes[0] * sizes[1])[seen]
    assert seen.mean() > 0.3 and cosine.min() > 0.98
    assert (sizes[1] < sizes[0] + 3).all()


def test_where_there_is_room_colours_are_as_strong_as_before() -> None:
    photo = np.full((4, 4, 3), (120, 90, 60), np.uint8)
    kept = keep_colors(np.full((4, 4, 3), 140, np.uint8), photo).astype(int)
    assert np.abs(kept - photo - (140 - luma(photo)[..., None])).max() <= 1


def test_black_white_and_grey_stay_so(photo: Pixels) -> None:
    for level in (0, 255):
        flat = np.full_like(photo, level)
        assert (keep_colors(flat, photo) == level).all()
    grey = cv2.cvtColor(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    kept = keep_colors(np.ascontiguousarray(photo[::-1]), np.asarray(grey, np.uint8))
    assert np.ptp(kept, axis=2).max() <= 1
