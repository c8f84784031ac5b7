"""The canvas against plain sums."""

import cv2
import numpy as np
import pytest

from livestyle.stylize.canvas import Canvas, MovingCanvas, coarsen, find_centres, to_pixels


@pytest.fixture(scope="module")
def pictures():
    """Two soft random pictures, uint8 RGB, (90, 120, 3)."""
    noise = np.random.default_rng(3).uniform(0, 255, (2, 90, 120, 3)).astype(np.float32)
    return [np.rint(cv2.GaussianBlur(picture, (0, 0), 2)).astype(np.uint8) for picture in noise]


def test_pull_takes_the_share_it_is_told(pictures):
    levels = pictures[0].astype(np.float32)
    Canvas(90, 120).pull(levels, pictures[1], np.full((45, 60), 0.25, np.float32))
    assert np.allclose(levels, 0.75 * pictures[0] + 0.25 * pictures[1].astype(float), atol=1e-3)


def test_levels_beyond_what_a_picture_holds_are_cut_off():
    levels = np.array([[[-30, -0.4, 5.5], [254.6, 256, 300]]], np.float32)
    assert to_pixels(levels).tolist() == [[[0, 0, 6], [255, 255, 255]]]


def test_follow_pulls_what_moves_to_where_it_was_and_nothing_else(pictures):
    before, now = pictures
    flow, keep = np.zeros((45, 60, 2), np.float32), np.zeros((45, 60), np.float32)
    flow[..., 0], keep[10:30, 20:50] = 3, 1  # of 60 columns: 6 pixels of 120
    canvas, ones = MovingCanvas(90, 120), np.ones((45, 60), np.float32)
    for _ in range(2):  # the second time in memory that is no longer empty
        levels = before.astype(np.float32)
        canvas.follow(levels, now, before, flow, keep, ones)
    assert np.array_equal(to_pixels(levels)[:, :30], now[:, :30]), "at rest"
    moved, inner = np.roll(before, -6, axis=1), np.s_[26:54, 46:94]
    coarse = [cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 4) for picture in (levels, moved, now)]
    apart, unlike = (np.abs(coarse[0] - other)[inner].mean() for other in coarse[1:])
    assert apart < 0.25 * unlike


def test_follow_keeps_the_detail_of_the_newer_picture():
    now = np.random.default_rng(4).integers(60, 190, (90, 120, 3), np.uint8)
    before = np.full_like(now, 125)
    flow, keep = np.full((45, 60, 2), 1.3, np.float32), np.ones((45, 60), np.float32)
    levels = before.astype(np.float32)
    MovingCanvas(90, 120).follow(levels, now, before, flow, keep, keep)
    assert cv2.Laplacian(levels, cv2.CV_32F).var() > 0.8 * cv2.Laplacian(now, cv2.CV_32F).var()


def test_what_moves_along_stays_a_picture_beside_hard_edges():
    now, before = np.full((90, 120, 3), 255, np.uint8), np.zeros((90, 120, 3), np.uint8)
    before[:, 60:] = 255
    flow, keep = np.full((45, 60, 2), 0.3, np.float32), np.ones((45, 60), np.float32)
    levels = now.astype(np.float32)
    MovingCanvas(90, 120).follow(levels, now, before, flow, keep, keep)
    assert levels.min() > -1 and levels.max() < 256, "overshoots would be remembered, and grow"


@pytest.mark.parametrize("size", [(90, 120), (45, 31), (7, 2), (1, 1)])
def test_what_rests_is_sampled_where_it_is(size):
    pixels = np.random.default_rng(5).integers(0, 256, (*size, 3), np.uint8)
    sampled = cv2.remap(pixels, find_centres(*size), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    assert np.abs(sampled.astype(int) - coarsen(pixels)).max() <= 1


@pytest.mark.parametrize("size", [(4, 1), (1, 4), (1, 1)])
def test_pictures_as_narrow_as_a_pixel(size):
    levels, pixels = np.zeros((*size, 3), np.float32), np.full((*size, 3), 200, np.uint8)
    Canvas(*size).pull(levels, pixels, np.full((1, 1), 0.5, np.float32))
    assert np.allclose(levels, 100)
