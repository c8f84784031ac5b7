"""Each loss is zero where it should be, grows with what it names, and ignores what it does not."""

import math

import pytest
import torch

from livestyle.train.losses import (
    PERIOD,
    SHIFT,
    calibrate,
    content_loss,
    disturb,
    gram,
    gram_trace,
    lattice,
    palette,
    palette_loss,
    random_warp,
    steady_loss,
    stuck_loss,
    style_loss,
    total_variation,
    unsteadiness,
    warp,
)

GENERATOR = torch.Generator()


@pytest.fixture(autouse=True)
def same_noise():
    GENERATOR.manual_seed(0)
    torch.manual_seed(0)


def ramp(size: int = 64) -> torch.Tensor:
    """A picture that only slopes: (1, 3, size, size)."""
    line = torch.linspace(0.2, 0.8, size)
    return (line[:, None] + line[None, :]).div(2).expand(1, 3, size, size).contiguous()


def test_gram_is_the_mean_of_products():
    features = torch.rand(2, 3, 4, 5)
    expected = torch.einsum("nchw,ndhw->ncd", features, features) / 20
    assert torch.allclose(gram(features), expected, atol=1e-6)


def test_style_loss_compares_textures_not_places():
    features = {"relu1_2": torch.rand(1, 4, 8, 8)}
    grams = {"relu1_2": gram(features["relu1_2"])[0]}
    shuffled = {"relu1_2": features["relu1_2"].flatten(2)[:, :, torch.randperm(64)].reshape(1, 4, 8, 8)}
    assert style_loss(features, grams) == pytest.approx(0, abs=1e-8)
    assert style_loss(shuffled, grams) == pytest.approx(0, abs=1e-8)
    nothing = {"relu1_2": torch.zeros(1, 4, 8, 8)}
    assert style_loss(nothing, grams) == pytest.approx(1)


def test_calibration_turns_down_the_taps_that_would_drown_the_others():
    painting, photos = torch.rand(1, 3, 16, 16), torch.rand(3, 3, 16, 16)
    grams = {"calm": gram(painting * 0.1)[0], "lively": gram(painting)[0]}
    weights = calibrate(grams, ({"calm": photo, "lively": photo} for photo in photos.split(1)))
    assert weights["lively"] == 1
    distance = float(style_loss({"calm": photos}, {"calm": grams["calm"]}))
    assert weights["calm"] == pytest.approx(1 / distance) and distance > 100
    assert style_loss({"calm": photos, "lively": photos}, grams, weights) < 1


def test_palette_is_of_colours_not_of_places():
    reddish = torch.rand(1, 3, 8, 8) * torch.tensor((1, 0.6, 0.2)).view(1, 3, 1, 1)
    squares = reddish.repeat_interleave(8, 2).repeat_interleave(8, 3)  # 8 pixels a side
    moved = squares.flip(2).roll(16, 3)
    assert palette_loss(palette(moved), palette(squares)) < 1e-9
    assert palette_loss(palette(squares.flip(1)), palette(squares)) > 0.5  # red for blue


def test_palette_loss_sees_that_all_is_one_colour_on_average():
    squares = torch.rand(1, 3, 8, 8).repeat_interleave(8, 2).repeat_interleave(8, 3)
    average = squares.mean((2, 3), keepdim=True).expand_as(squares)
    assert float(palette_loss(palette(average), palette(squares))) == pytest.approx(1, abs=0.1)


def test_palette_is_shared_by_the_pictures_of_a_batch():
    dark, bright = torch.rand(2, 3, 64, 64).split(1)
    both = torch.cat((dark * 0.5, bright * 0.5 + 0.5))
    side_by_side = torch.cat((dark * 0.5, bright * 0.5 + 0.5), 3)
    assert palette_loss(palette(both), palette(side_by_side)) < 1e-6


def test_content_loss_compares_places():
    original = {"relu3_3": torch.rand(1, 4, 8, 8)}
    assert content_loss(original, original) == 0
    assert content_loss({"relu3_3": torch.zeros(1, 4, 8, 8)}, original) == pytest.approx(1)
    assert content_loss({"relu3_3": original["relu3_3"].flip(3)}, original) > 0.1


def test_total_variation_of_a_slope_is_its_slope():
    step = 0.6 / 63 / 2
    assert total_variation(ramp()) == pytest.approx(2 * step, rel=1e-3)


def test_a_warp_moves_pictures_by_pixels_not_by_their_size():
    grid, _ = random_warp(4, 128, GENERATOR)
    x, y = torch.meshgrid(torch.arange(128.0), torch.arange(128.0), indexing="xy")
    places = torch.stack((x, y)).expand(4, 2, 128, 128)
    moved = (warp(places, grid) - places)[:, :, 40:-40, 40:-40]
    assert 1 < moved.abs().mean() < SHIFT
    assert moved.abs().max() < SHIFT + 8


def test_steady_loss_of_a_network_that_changes_nothing_is_its_noise_alone():
    pictures = torch.nn.functional.interpolate(torch.rand(2, 3, 8, 8), (96, 96), mode="bicubic").clamp(0, 1)
    grid, _ = random_warp(2, 96, GENERATOR)
    later, gain = disturb(pictures, grid, GENERATOR)
    identity = steady_loss(unsteadiness(pictures, later, grid, gain, 16))
    assert identity < 4 / 255
    unsteady = steady_loss(unsteadiness(pictures, later.flip(1), grid, gain, 16))
    assert unsteady > 5 * identity


def test_gram_trace_grows_with_contrast():
    grams = {"relu1_2": gram(torch.rand(1, 4, 8, 8))[0]}
    louder = {"relu1_2": grams["relu1_2"] * 100}
    assert gram_trace(louder) - gram_trace(grams) == pytest.approx(math.log10(100))


def test_a_lattice_is_seen_where_it_is_and_nothing_else():
    cell = torch.rand(1, 3, PERIOD, PERIOD)
    dots = (cell - cell.mean((2, 3), keepdim=True)).repeat(1, 1, 40, 40)  # (1, 3, 160, 160)
    smooth = ramp(160)
    inside = (..., slice(40, -40), slice(40, -40))
    assert torch.allclose(lattice(smooth + dots)[inside], dots[inside], atol=1e-4)
    assert float(lattice(smooth)[inside].abs().max()) < 1e-4
    one_side = torch.cat((dots, torch.zeros_like(dots)), 2)
    assert torch.allclose(lattice(one_side)[inside][:, :, :80], dots[inside], atol=1e-4)
    assert float(lattice(one_side)[:, :, -120:].abs().max()) < 1e-4


def test_a_texture_without_order_is_hardly_a_lattice():
    texture = torch.rand(1, 3, 160, 160)
    assert float(lattice(texture).std()) < 0.15 * float(texture.std())


def test_every_second_warp_only_shifts_and_loses_nothing():
    for count in (1, 2, 5):
        grid, whole = random_warp(count, 96, GENERATOR)
        assert whole.sum() in (count // 2, count - count // 2)
        pictures = torch.rand(count, 3, 96, 96)
        moved = warp(pictures, grid)[:, :, 30:-30, 30:-30]
        for picture, seen, only_shifted in zip(pictures, moved, whole, strict=True):
            cuts = picture.unfold(1, 36, 1).unfold(2, 36, 1)  # (3, 61, 61, 36, 36): at each whole shift
            nearest = float((cuts - seen[:, None, None]).abs().amax((0, 3, 4)).min())
            assert (nearest < 1e-3) == bool(only_shifted)


def test_what_moves_with_the_picture_is_not_stuck_and_a_weave_that_stays_is():
    pictures = torch.rand(4, 3, 96, 96)
    grid, whole = random_warp(4, 96, GENERATOR)
    gain = torch.ones(4, 1, 1, 1)

    def stuck(paint):
        painted, later = paint(pictures), paint(warp(pictures, grid))
        return float(stuck_loss(unsteadiness(painted, later, grid, gain, 30), whole))

    weave = torch.rand(1, 3, 96, 96) * 0.2
    assert stuck(lambda seen: 0.5 * seen) < 1e-3
    assert stuck(lambda seen: 0.5 * seen + weave) > 0.02
    assert float(stuck_loss(torch.rand(1, 3, 48, 48), torch.tensor([False]))) == 0
