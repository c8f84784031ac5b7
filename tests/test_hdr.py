"""Tone mapping: reference white, mid-tones and hue stay; the way back ends where it began."""

from __future__ import annotations

import numpy as np
import pytest

from livestyle.colour import HLG, PQ
from livestyle.hdr import compress, decode, encode, expand, tone_map


@pytest.mark.parametrize(("transfer", "code"), [(PQ, 0.5807), (HLG, 0.75)])
def test_reference_white_is_one(transfer: int, code: float) -> None:
    """ITU-R BT.2408, table 1: 203 cd/m² is 58 % of PQ and 75 % of HLG."""
    assert decode(np.full((1, 1, 3), code, np.float32), transfer) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_coding_undoes_decoding(transfer: int) -> None:
    codes = np.linspace(0.02, 0.98, 60, dtype=np.float32).reshape(4, 5, 3)
    assert encode(decode(codes, transfer), transfer) == pytest.approx(codes, abs=1e-3)


def test_compression_leaves_the_dark_alone_and_never_passes_one() -> None:
    light = np.linspace(0, 50, 2000, dtype=np.float32)
    bent = compress(light)
    assert np.array_equal(bent[light <= 0.5], light[light <= 0.5])
    assert (np.diff(bent) > 0).all()
    assert bent.max() < 1


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_a_tone_mapped_picture_uses_the_range_and_keeps_grey_grey(transfer: int) -> None:
    codes = np.repeat(np.linspace(0, 1, 64, dtype=np.float32)[None, :, None], 3, axis=2)
    pixels = tone_map(codes, transfer)
    assert pixels.dtype == np.uint8
    assert (np.ptp(pixels.astype(int), axis=2) <= 1).all()
    assert pixels[0, 0, 0] == 0
    assert pixels[0, -1, 0] > 245
    assert (np.diff(pixels[0, :, 0].astype(int)) >= 0).all()


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_a_picture_that_nobody_painted_comes_back(transfer: int) -> None:
    codes = np.random.default_rng(0).uniform(0.3, 0.7, (8, 8, 1)).repeat(3, axis=2).astype(np.float32)
    assert expand(tone_map(codes, transfer), codes, transfer) == pytest.approx(codes, abs=0.01)
