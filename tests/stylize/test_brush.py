"""Strokes are as broad in a preview as in a large picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from livestyle.errors import UsageError
from livestyle.frame import Pixels
from livestyle.stylize.brush import REFERENCE, calls_for_fine, own_brush, working_scale
from livestyle.stylize.stylizer import Controls, Stylizer


def at_height(pixels: Pixels, height: int) -> Pixels:
    size = (round(pixels.shape[1] * height / pixels.shape[0]), height)
    how = cv2.INTER_AREA if height < pixels.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8)


@pytest.mark.parametrize("side", [270, 360, 720, 1080, 2160])
@pytest.mark.parametrize("brush", [0.6, 1.0, 2.0])
def test_pictures_of_any_size_are_painted_at_one(side: int, brush: float) -> None:
    assert side * working_scale(side, brush, 1.0) == pytest.approx(min(REFERENCE / brush, 2 * side))


def test_without_a_brush_the_size_is_the_pictures() -> None:
    assert working_scale(720, 0, 1.0) == 1.0 and working_scale(720, 0, 0.5) == 0.5


def test_the_governor_leaves_the_brush_alone_where_it_can() -> None:
    assert working_scale(1080, 2, 0.5) == working_scale(1080, 2, 1.0) == 0.25
    assert working_scale(1080, 0.5, 0.75) == 0.75
    assert working_scale(360, 1, 0.5) == pytest.approx(0.75)  # half of the one and a half that was wished for


def test_its_own_brush_paints_a_picture_at_its_own_size() -> None:
    for side in (300, 360, 720, 1080):
        assert working_scale(side, own_brush(side), 1.0) == pytest.approx(1)
    assert own_brush(2160) == 0.5 and own_brush(100) == 2


def test_a_preview_looks_like_the_large_picture() -> None:
    """With a brush, unlike without."""
    large = at_height(np.ascontiguousarray(data.astronaut()[:320, 40:440]), 1080)
    unlike = {}
    for brush in (0.0, 1.0):
        stylizer = Stylizer(Controls(brush=brush, stability=0))
        painted = at_height(stylizer.stylize(large), 360)
        preview = stylizer.stylize(at_height(large, 360))
        unlike[brush] = float(cv2.absdiff(painted, preview).mean())
    assert unlike[1.0] < 0.4 * unlike[0.0], unlike


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (48, 64), (47, 33)])
@pytest.mark.parametrize("brush", [0.5, 2.0])
def test_any_size_keeps_its_size(shape: tuple[int, int], brush: float, tiny_style) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    stylizer = Stylizer(Controls(style=str(tiny_style.path), brush=brush, keep_colors=True))
    for _ in range(2):
        assert stylizer.stylize(pixels, 0.04).shape == pixels.shape


@pytest.mark.parametrize("brush", [0.3, -1, 2.1, float("nan")])
def test_brushes_that_there_are_not(brush: float) -> None:
    with pytest.raises(UsageError, match="brush must be between"):
        Controls(brush=brush)


@pytest.mark.parametrize(
    ("side", "brush", "limit", "fine"),
    [
        (720, 0, 1.0, False),
        (720, 0, 0.75, False),
        (720, 0, 0.5, True),
        (720, 0, 0.375, True),
        (720, 2.0, 0.5, False),  # wants 0.375 anyway
        (1080, 1.0, 0.5, False),
        (720, 1.0, 0.375, True),  # a half of the 0.75 that are wanted
        (360, 0.75, 0.5, True),
        (360, 0.75, 1.0, False),
    ],
)
def test_strokes_are_half_as_broad_where_much_less_is_painted_than_wanted(
    side: int, brush: float, limit: float, fine: bool
) -> None:
    assert calls_for_fine(working_scale(side, brush, limit), side, brush) == fine
