"""The smoother against scenes and paintings whose steady version is known."""

import copy

import cv2
import numpy as np
import pytest

from livestyle.stylize.motion import measure_motion
from livestyle.stylize.smoother import Smoother

FRAME = 1 / 30


@pytest.fixture(scope="module")
def scene():
    """A soft random scene, uint8 RGB, (200, 400, 3)."""
    noise = np.random.default_rng(6).uniform(0, 255, (200, 400, 3)).astype(np.float32)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 4), None, 30, 220, cv2.NORM_MINMAX).astype(np.uint8)


def noisy(picture, random, deviation, grain=0.0):
    """Add noise whose neighbouring pixels are alike over *grain* pixels."""
    noise = random.normal(0, 1, picture.shape)
    noise = cv2.GaussianBlur(noise, (0, 0), grain) if grain else noise
    return np.clip(np.rint(picture + noise * (deviation / noise.std())), 0, 255).astype(np.uint8)


def run(smoother, contents, paint=lambda calm: calm, stability=0.6, elapsed=FRAME):
    prepared = (smoother.prepare(content, elapsed, stability) for content in contents)
    return [smoother.smooth(paint(ready.content), ready) for ready in prepared]


def test_noise_at_rest_is_taken_out_before_the_network_sees_it(scene):
    random = np.random.default_rng(7)
    smoother = Smoother()
    clip = [noisy(scene, random, 2) for _ in range(24)]
    calm = np.stack([smoother.prepare(picture, FRAME, 0.6).content for picture in clip])[12:].astype(float)
    assert calm.std(0).mean() < 0.3 * np.stack(clip)[12:].std(0).mean()
    assert np.abs(calm.mean(0) - scene).mean() < 1, "and only the noise"


@pytest.mark.parametrize(
    ("deviation", "grain", "left"), [(4, 1.0, 0.2), (4, 2.0, 0.2), (8, 1.0, 0.25), (8, 2.0, 0.3)]
)
def test_noise_with_a_grain_is_taken_out_as_well(scene, deviation, grain, left):
    """As cameras leave it in the dark. What changes more than by noise is seen at once."""
    random = np.random.default_rng(7)
    clip = [noisy(scene, random, deviation, grain) for _ in range(45)]
    smoother = Smoother()
    calm = np.stack(run(smoother, clip))[30:].astype(float)
    assert calm.std(0).mean() < left * np.stack(clip)[30:].std(0).mean()
    assert np.abs(calm.mean(0) - scene).mean() < 1 + deviation / 8, "and only the noise"
    clip[-1][60:120, 100:200] = np.minimum(clip[-1][60:120, 100:200].astype(int) + 40, 255)
    last = run(smoother, clip[-1:])[-1]
    assert np.abs(last.astype(float) - clip[-1])[66:114, 106:194].mean() < 2 * deviation


def test_a_grain_is_found_beside_black_bars(scene):
    random = np.random.default_rng(7)
    clip = [noisy(scene, random, 6, 1.0) for _ in range(45)]
    for picture in clip:
        picture[:30] = picture[-30:] = 0
    calm = np.stack(run(Smoother(), clip))[30:, 40:-40].astype(float)
    assert calm.std(0).mean() < 0.5 * np.stack(clip)[30:, 40:-40].std(0).mean()


def test_a_grain_is_found_where_each_picture_comes_twice(scene):
    random = np.random.default_rng(7)
    clip = [noisy(scene, random, 4, 1.0) for _ in range(30)]
    calm = np.stack(run(Smoother(), [picture for picture in clip for _ in range(2)]))[40:].astype(float)
    assert calm.std(0).mean() < 0.35 * np.stack(clip)[20:].std(0).mean()


@pytest.mark.parametrize(("kind", "most"), [("dissolve", 2.5), ("creep", 4.5)])
def test_what_changes_steadily_has_no_grain(scene, kind, most):
    """Or it would be taken for noise, and lag behind; which would be taken for more of it."""
    smoother, other = Smoother(), np.ascontiguousarray(scene[::-1])
    fine = cv2.resize(scene, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    clip = []
    for number in range(60):
        shift = np.float32([[1, 0, -0.17 * number], [0, 1, -5]])
        clip.append(
            cv2.addWeighted(scene, 1 - number / 80, other, number / 80, 0)
            if kind == "dissolve"
            else cv2.warpAffine(fine, shift, (220, 100), flags=cv2.INTER_LANCZOS4)
        )
    last = run(smoother, clip)[-1]
    assert smoother.past.grain < 0.4
    assert np.abs(last.astype(float) - clip[-1]).mean() < most


def test_strokes_on_a_plain_wall_are_held_still_in_the_dark(scene):
    """There noise is all that moves: the flow follows it, and strokes must not."""
    random = np.random.default_rng(7)
    wall = (scene * 0.15 + 90).astype(np.uint8)
    clip = [noisy(wall, random, 7, 1.0) for _ in range(45)]

    def boil(calm):
        return np.clip(calm.astype(int) + random.integers(-10, 11, calm.shape), 0, 255).astype(np.uint8)

    assert np.stack(run(Smoother(), clip, boil))[30:].astype(float).std(0).mean() < 4.5


@pytest.mark.parametrize(("step", "deviation"), [(6, 5), (1, 8)])
def test_what_moves_behind_a_grain_does_not_smear(scene, step, deviation):
    """Also when all creeps by less than noise seems to move."""
    random = np.random.default_rng(8)
    wide = np.hstack([scene, scene[:, ::-1]])
    clean = [np.ascontiguousarray(wide[:, step * n : step * n + 400]) for n in range(40)]
    clip = [noisy(picture, random, deviation, 1.0) for picture in clean]
    error = np.abs(run(Smoother(), clip)[-1].astype(float) - clean[-1])
    assert error.mean() < 0.68 * np.abs(clip[-1].astype(float) - clean[-1]).mean()


@pytest.mark.parametrize(("step", "left"), [(0, 0.45), (3, 0.6)])
def test_a_painting_that_boils_is_steadied_at_rest_and_in_motion(scene, step, left):
    random = np.random.default_rng(8)
    clip = [np.ascontiguousarray(scene[:, step * n : step * n + 320]) for n in range(16)]

    def boil(calm):
        strokes = cv2.GaussianBlur(random.normal(0, 1, calm.shape).astype(np.float32), (0, 0), 1.5)
        return np.clip(np.rint(calm + strokes * (12 / strokes.std())), 0, 255).astype(np.uint8)

    steady = np.stack(run(Smoother(), clip, boil)).astype(float)
    errors = (steady - np.stack(clip))[8:, 20:-20, 60:-60]
    assert errors.std() < left * 12


def test_stability_0_changes_nothing(scene):
    random = np.random.default_rng(9)
    clip = [noisy(scene, random, 5) for _ in range(3)]
    smoother = Smoother()
    for content, out in zip(clip, run(smoother, clip, stability=0.0), strict=True):
        assert np.array_equal(content, out)
    assert smoother.past is None


def test_nothing_is_left_after_a_cut(scene):
    other = np.ascontiguousarray(scene[::-1, ::-1])
    assert np.array_equal(run(Smoother(), [scene] * 8 + [other])[-1], other)


def test_a_still_scene_stays_as_it_is(scene):
    results = run(Smoother(), [scene] * 200)
    assert np.array_equal(results[0], results[-1])


def test_a_disc_that_leaves_is_gone():
    grey = np.full((180, 320, 3), 110, np.uint8)
    disc = cv2.circle(grey.copy(), (160, 90), 30, (220, 120, 40), cv2.FILLED)
    after = run(Smoother(), [disc] * 15 + [grey] * 2)[-1]
    assert np.abs(after.astype(int) - grey).max() <= 1


@pytest.mark.parametrize("stability", [0.3, 0.6, 1.0])
def test_the_half_life_is_in_seconds(scene, stability):
    """What the painting shows changes at once, the scene does not: how long until half of it is new?"""
    lives = []
    for fps in (60, 30, 15):
        smoother = Smoother()
        elapsed = 1 / fps
        run(smoother, [scene] * 4, lambda calm: np.zeros_like(calm), stability, elapsed)
        (first,) = run(smoother, [scene], lambda calm: np.full_like(calm, 200), stability, elapsed)
        old = 1 - np.median(first) / 200
        lives.append(-elapsed / np.log2(old))
    assert max(lives) < 1.1 * min(lives)


def test_a_longer_gap_forgets_more(scene):
    old = []
    for elapsed in (FRAME, 5 * FRAME, 3.0):
        smoother = Smoother()
        run(smoother, [scene] * 2, lambda calm: np.zeros_like(calm))
        old.append(
            200 - np.median(run(smoother, [scene], lambda calm: np.full_like(calm, 200), 0.6, elapsed))
        )
    assert old[0] > old[1] > old[2] == 0


def test_unknown_time_is_a_usual_frame(scene):
    results = [run(Smoother(), [scene, scene // 2 + 60], elapsed=elapsed)[-1] for elapsed in (0.0, FRAME)]
    assert np.array_equal(*results)


@pytest.mark.parametrize(
    "size", [(1, 1), (2, 2), (9, 300), (17, 23), (24, 256), (30, 640), (48, 3840), (241, 427)]
)
def test_any_size(size):
    random = np.random.default_rng(10)
    smoother = Smoother()
    for _ in range(3):
        content = random.integers(0, 255, (*size, 3), np.uint8)
        kept = content.copy()
        (out,) = run(smoother, [content])
        assert out.shape == content.shape and out.dtype == np.uint8
        assert np.array_equal(content, kept), "the input is left as it is"


def test_another_size_is_a_new_clip(scene):
    smoother = Smoother()
    run(smoother, [scene] * 3)
    part = np.ascontiguousarray(scene[:100, :150])
    assert np.array_equal(run(smoother, [part])[-1], part)


def test_the_past_is_all_that_is_remembered(scene):
    random = np.random.default_rng(11)
    clip = [noisy(scene, random, 4) for _ in range(6)]
    whole = run(Smoother(), clip)
    first, second = Smoother(), Smoother()
    run(first, clip[:3])
    second.past = copy.deepcopy(first.past)
    for expected, resumed in zip(whole[3:], run(second, clip[3:]), strict=True):
        assert np.array_equal(expected, resumed)


def test_motion_is_not_taken_for_noise(scene):
    """Else what changes while the camera pans is trusted, and the old shade of it stays."""
    fine = cv2.resize(scene, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    wide = np.tile(np.hstack([fine, fine[:, ::-1]]), (2, 2, 1))
    clip = [np.ascontiguousarray(wide[:, 8 * n : 8 * n + 300]) for n in range(30)]
    clip[-1] = clip[-1].copy()
    clip[-1][60:120, 100:200] = np.minimum(clip[-1][60:120, 100:200].astype(int) + 18, 255)
    smoother = Smoother()
    last = run(smoother, clip)[-1]
    assert smoother.past.noise < 0.5 and smoother.past.grain < 0.4
    assert np.abs(last.astype(int) - clip[-1])[70:110, 110:190].mean() < 4


def test_slow_motion_at_a_high_rate_does_not_smear(scene):
    """A fifth of a pixel per frame at 120 frames per second: less than what counts as motion at 30."""
    fine = cv2.resize(scene[:, ::-1], None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    clip = []
    for number in range(40):
        shift = np.float32([[1, 0, -20 - 0.2 * number], [0, 1, -10]])
        clip.append(cv2.warpAffine(fine, shift, (240, 120), flags=cv2.INTER_LANCZOS4))
    last = run(Smoother(), clip, elapsed=1 / 120)[-1]
    assert np.abs(last.astype(int) - clip[-1]).mean() < 0.5 * np.abs(clip[-12].astype(int) - clip[-1]).mean()


def test_what_comes_in_at_the_border_has_no_past(scene):
    before, now = (np.ascontiguousarray(scene[:, left : left + 300]) for left in (0, 8))
    motion = measure_motion(now, before, FRAME, 0.0)
    assert motion.trust[20:-20, -6:].max() == 0
    assert motion.trust[20:-20, 20:-20].mean() > 0.9
    assert np.abs(motion.flow[20:-20, 20:-20] - (8, 0)).mean() < 0.2
