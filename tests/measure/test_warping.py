"""The warping error against motion that is known, drawn or measured."""

import cv2
import numpy as np
import pytest

from livestyle.measure import warping


@pytest.fixture(scope="module")
def texture():
    """Soft random texture, uint8 RGB, (240, 330, 3)."""
    noise = np.random.default_rng(4).uniform(0, 255, (240, 330, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 3)
    return cv2.normalize(soft, None, 40, 200, cv2.NORM_MINMAX).astype(np.uint8)


def test_a_shift_is_no_error(texture):
    earlier, later = texture[:, :320], texture[:, 3:323]
    motion = warping.measure_motion(np.ascontiguousarray(earlier), np.ascontiguousarray(later))
    assert motion.seen.mean() > 0.9
    assert np.abs(motion.flow[motion.seen] - (-3, 0)).mean() < 0.05
    assert warping.warping_error(motion, earlier, later) < 2e-5


def test_noise_of_known_size_is_measured(texture):
    random = np.random.default_rng(5)
    still = warping.Motion(np.zeros((240, 330, 2), np.float32), np.ones((240, 330), bool))
    noisy = [np.rint(texture + random.normal(0, 6, texture.shape)).astype(np.uint8) for _ in range(2)]
    expected = 2 * (6**2 + 1 / 12) / 255**2
    assert warping.warping_error(still, *noisy) == pytest.approx(expected, rel=0.01)


def test_what_was_covered_does_not_count():
    flow = np.zeros((60, 80, 2), np.float32)
    flow[:, 40:] = (10, 0)
    seen = warping.trusted(flow, -flow)
    assert not seen[:, 70:].any(), "leaves the picture"
    assert not seen[:, 39:41].any(), "an edge of what moves"
    assert seen[:, :38].all()


def test_nothing_in_common_is_not_a_figure():
    motion = warping.Motion(np.zeros((4, 4, 2), np.float32), np.zeros((4, 4), bool))
    picture = np.zeros((4, 4, 3), np.uint8)
    assert np.isnan(warping.warping_error(motion, picture, picture))


def read_flow(data):
    """Read a Middlebury ``.flo`` file; unknown motion is NaN."""
    assert np.frombuffer(data, "<f4", 1)[0] == np.float32(202021.25)
    width, height = np.frombuffer(data, "<i4", 2, 4)
    flow = np.frombuffer(data, "<f4", offset=12).reshape(height, width, 2)
    return np.where(np.abs(flow) > 1e9, np.float32("nan"), flow)


@pytest.mark.parametrize(
    ("first", "second", "flow", "worst"),
    [
        ("rubberwhale1", "rubberwhale2", "rubberwhale_flow_1to2", 0.1),
        ("sintel_0001", "sintel_0002", "sintel_0001_flow_1to2", 0.2),
    ],
)
def test_the_evaluators_flow_is_true(shared_data, first, second, flow, worst):
    folder = shared_data / "flow"
    pictures = [
        cv2.cvtColor(cv2.imread(str(folder / f"{name}.png")), cv2.COLOR_BGR2RGB) for name in (first, second)
    ]
    motion = warping.measure_motion(*pictures)
    errors = np.linalg.norm(motion.flow - read_flow((folder / f"{flow}.flo").read_bytes()), axis=2)
    assert motion.seen.mean() > 0.9
    assert np.nanmean(errors[motion.seen]) < worst, "mean end-point error in pixels"
