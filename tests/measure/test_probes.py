"""The probes against painters whose figures are known."""

import numpy as np
import pytest

from livestyle.measure import probes


class Painter:
    """Paints with *change*, a function of the picture as floats and of the result before (None at first)."""

    def __init__(self, change):
        self.change = change
        self.past = None

    def reset(self):
        self.past = None

    def stylize(self, pixels, elapsed_seconds=0.0):
        self.past = self.change(pixels.astype(np.float32), self.past)
        return np.clip(np.rint(self.past), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def picture():
    """Smooth texture in the middle tones, (400, 800, 3): nothing clips when its contrast is doubled."""
    random = np.random.default_rng(1)
    coarse = random.uniform(90, 140, (20, 40, 3))
    return np.kron(coarse, np.ones((20, 20, 1))).astype(np.uint8)


identity = Painter(lambda picture, past: picture)
double = Painter(lambda picture, past: (picture - 115) * 2 + 115)
half_new = Painter(lambda picture, past: picture if past is None else 0.5 * picture + 0.5 * past)
ALL = (
    probes.still_noise_gain,
    probes.light_ramp_gain,
    probes.pan_error,
    probes.coupling,
    probes.cut_error,
    probes.drift,
    probes.ghost,
)


@pytest.mark.parametrize(("probe", "expected"), list(zip(ALL, (1, 1, 0, 0, 0, 0, 0), strict=True)))
def test_a_painter_that_changes_nothing(probe, expected, picture):
    assert probe(identity, picture) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("probe", [probes.still_noise_gain, probes.light_ramp_gain])
def test_gains_of_a_painter_that_doubles_contrast(probe, picture):
    assert probe(double, picture) == pytest.approx(2, rel=0.01)


def test_noise_of_the_painter_adds_to_that_of_the_scene(picture):
    random = np.random.default_rng(2)
    noisy = Painter(lambda picture, past: picture + random.normal(0, 3, picture.shape))
    rounding = 1 / 12  # variance that rounding to whole levels adds
    scene, painted = probes.NOISE**2 + rounding, probes.NOISE**2 + 3**2 + 2 * rounding
    assert probes.still_noise_gain(noisy, picture) == pytest.approx((painted / scene) ** 0.5, rel=0.01)


def test_pan_error_of_a_painter_that_boils(picture):
    random = np.random.default_rng(3)
    boiling = Painter(lambda picture, past: picture + random.normal(0, 4, picture.shape))
    assert probes.pan_error(boiling, picture) == pytest.approx(2 * (4**2 + 1 / 12) / 255**2, rel=0.01)


def test_coupling_of_a_painter_that_follows_the_mean(picture):
    expose = Painter(lambda picture, past: picture + np.rint(picture.mean() - 115))
    still = probes.fit_still(picture)
    covered = still.copy()
    covered[:, -(probes.WIDTH // 3) :] = 240
    shift = np.rint(covered.mean() - 115) - np.rint(still.mean() - 115)
    assert probes.coupling(expose, picture) == pytest.approx((shift / 255) ** 2, rel=0.01)


def test_cut_shows_the_part_of_the_old_scene_that_is_left(picture):
    still = probes.fit_still(picture).astype(float)
    apart = np.abs(still - still[::-1, ::-1]).mean() / 255
    assert probes.cut_error(half_new, picture) == pytest.approx(apart / 2, rel=0.01)


def test_drift_of_a_painter_that_darkens(picture):
    fade = Painter(lambda picture, past: picture if past is None else past - 0.05)
    assert probes.drift(fade, picture) == pytest.approx((600 - 20) * 0.05 / 255, rel=0.01)


def test_ghost_of_a_painter_that_halves_its_past():
    """The disc rolls 63⅓ pixels a frame, so it is in its old area for one frame more; five follow."""
    grey = np.full((360, 640, 3), 115, np.uint8)
    area = np.s_[120:240, 260:380]
    standing, leaving = (probes.with_disc(grey, x, 60)[area] - 115.0 for x in (320, 257))
    left = np.abs(standing + leaving).mean() / 2**6
    half = Painter(lambda picture, past: picture if past is None else (picture + past) / 2)
    assert probes.ghost(half, grey) * 255 == pytest.approx(left, abs=0.02)


def test_ghost_of_a_painter_that_never_forgets():
    grey = np.full((360, 640, 3), 115, np.uint8)
    stuck = Painter(lambda picture, past: picture if past is None else past)
    left = np.abs(probes.with_disc(grey, 320, 60)[120:240, 260:380] - 115.0).mean() / 255
    assert probes.ghost(stuck, grey) == pytest.approx(left, rel=0.01)


def test_stills_of_any_shape_fit():
    for shape in ((100, 900, 3), (900, 100, 3), (360, 640, 3), (1, 1, 3)):
        assert probes.fit_still(np.zeros(shape, np.uint8)).shape == (360, 640, 3)


def test_more_light_on_black_shows_nothing():
    assert np.isnan(probes.light_ramp_gain(identity, np.full((360, 640, 3), 2, np.uint8)))
