"""Making a network fit for 8 bits changes how far its values reach, not what it paints."""

import numpy as np
import pytest

from livestyle.styles.store import CATALOG
from livestyle.styles.style import read_style
from livestyle.stylize.backends.calibration import calibration_pictures
from livestyle.stylize.backends.ranges import LEAST_REACH, TRIM, TRIM_SUMS, equal_reach, fit_for_8_bits
from livestyle.stylize.graph import read_layers
from livestyle.stylize.padding import pack, packed_shape, unpack

openvino = pytest.importorskip("livestyle.stylize.backends.openvino")


@pytest.fixture(scope="module")
def layers():
    return read_layers(read_style(CATALOG / "klimt.safetensors"))


@pytest.fixture(scope="module")
def extremes(layers):
    return openvino.measure_extremes(openvino.open_core(), layers)


def paint(layers, pixels):
    packed = np.empty(packed_shape(*pixels.shape[:2]), np.uint8)
    pack(pixels, into=packed)
    model = openvino.make_model(layers, None, packed.shape)
    compiled = openvino.open_core().compile_model(model, "CPU", openvino.settings("f32"))
    return unpack(compiled(packed)[0], *pixels.shape[:2])


def test_what_is_painted_stays_the_same(layers, extremes):
    picture = calibration_pictures()[0]
    fitted, _ = fit_for_8_bits(layers, extremes)
    assert not np.array_equal(fitted["up"].weight, layers["up"].weight)
    difference = np.abs(paint(fitted, picture).astype(int) - paint(layers, picture))
    assert difference.max() <= 1


def test_all_channels_of_the_sums_reach_equally_far(layers, extremes):
    fitted, _ = fit_for_8_bits(layers, extremes)
    before, after = (
        np.max([np.abs(met).max(1).mean(0) for met in found[3:9:2]], 0)
        for found in (extremes, openvino.measure_extremes(openvino.open_core(), fitted))
    )
    assert before.max() / before.min() > 3
    assert after.max() / after.min() < 1.01


def test_ranges_hold_what_was_met_but_for_the_rarest(extremes, layers):
    fitted, ranges = fit_for_8_bits(layers, extremes)
    assert len(ranges) == 11
    assert ranges[0] is None
    again = openvino.measure_extremes(openvino.open_core(), fitted)
    for place, (span, met) in enumerate(zip(ranges[1:], again[1:], strict=True), 1):
        part = TRIM_SUMS if place in (3, 5, 7) else TRIM
        assert span == pytest.approx((part * met.min(), part * met.max()), rel=1e-3, abs=1e-4)


def test_a_channel_that_is_silent_is_not_blown_up():
    met = np.array([[[-2, 0, 0.0], [1, 4, 0.0]]])
    scale = equal_reach([met])
    assert scale[0] * 2 == pytest.approx(scale[1] * 4)
    assert scale[2] == pytest.approx(scale[1] / LEAST_REACH)
    assert np.isfinite(equal_reach([np.zeros((1, 2, 3))])).all()
