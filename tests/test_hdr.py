"""Tone mapping: reference white, mid-tones and hue stay; the way back ends where it began."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from livestyle.colour import HLG, PQ
from livestyle.hdr import SIGNAL_MAX, compression, decode, encode, expand, tone_map

TO_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])
"""ITU-R BT.2407."""


def as_signal(codes: NDArray[np.floating]) -> NDArray[np.uint16]:
    return np.round(codes * SIGNAL_MAX).astype(np.uint16)


def tone_map_exactly(codes: NDArray[np.float64], transfer: int) -> NDArray[np.float64]:
    """The formulas as they stand in ITU-R BT.2100, in double precision; 0–255, not rounded."""
    if transfer == PQ:
        power = codes ** (32 / 2523)
        light = np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)
        light = light ** (16384 / 2610) * 10000 / 203
    else:
        bright = (np.exp((codes - 0.55991073) / 0.17883277) + 0.28466892) / 12
        scene = np.where(codes <= 0.5, codes**2 / 3, bright)
        light = scene * (scene @ [0.2627, 0.6780, 0.0593])[..., None] ** 0.2 * 1000 / 203
    light = light @ TO_709.T
    peak = np.maximum(light.max(axis=2, keepdims=True), 1e-9)
    light *= np.where(peak > 0.5, 1 - 0.25 / peak, peak) / peak
    return np.clip(light, 0, 1) ** (1 / 2.4) * 255


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_tone_mapping_is_within_one_level_of_the_formulas(transfer: int) -> None:
    codes = np.random.default_rng(0).uniform(0, 1, (300, 200, 3)) ** 1.5
    codes[:100] = codes[:100, :, :1]  # grey
    signal = as_signal(codes)
    exact = tone_map_exactly(signal / SIGNAL_MAX, transfer)
    assert np.abs(tone_map(signal, transfer) - exact).max() <= 1


@pytest.mark.parametrize(("transfer", "code"), [(PQ, 0.5807), (HLG, 0.75)])
def test_reference_white_is_one(transfer: int, code: float) -> None:
    """ITU-R BT.2408, table 1: 203 cd/m² is 58 % of PQ and 75 % of HLG."""
    assert decode(as_signal(np.full((1, 1, 3), code)), transfer) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_coding_undoes_decoding(transfer: int) -> None:
    codes = np.linspace(0.02, 0.98, 60).reshape(4, 5, 3)
    back = encode(decode(as_signal(codes), transfer), transfer) / SIGNAL_MAX
    assert back == pytest.approx(codes, abs=1e-3)


def test_compression_leaves_the_dark_alone_and_never_passes_one() -> None:
    light = np.linspace(0, 50, 2000, dtype=np.float32)[None]
    bent = light * compression([light, light / 2, -light])
    assert bent[light <= 0.5] == pytest.approx(light[light <= 0.5], rel=1e-6)
    assert (np.diff(bent) > 0).all()
    assert bent.max() < 1


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_a_tone_mapped_picture_uses_the_range_and_keeps_grey_grey(transfer: int) -> None:
    codes = np.repeat(np.linspace(0, 1, 64)[None, :, None], 3, axis=2)
    pixels = tone_map(as_signal(codes), transfer)
    assert pixels.dtype == np.uint8
    assert (np.ptp(pixels.astype(int), axis=2) <= 1).all()
    assert pixels[0, 0, 0] == 0
    assert pixels[0, -1, 0] > 245
    assert (np.diff(pixels[0, :, 0].astype(int)) >= 0).all()


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_a_picture_that_nobody_painted_comes_back(transfer: int) -> None:
    codes = np.random.default_rng(0).uniform(0.3, 0.7, (8, 8, 1)).repeat(3, axis=2)
    back = expand(tone_map(as_signal(codes), transfer), as_signal(codes), transfer) / SIGNAL_MAX
    assert back == pytest.approx(codes, abs=0.01)
