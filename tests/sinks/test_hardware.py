"""Encoders of graphics cards: chosen when they truly work, and else it is said that they do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from livestyle.frame import Frame, StreamInfo
from livestyle.settings import EncodeSettings
from livestyle.sinks.encoder import Encoder, Plan, encodes, make_plan
from livestyle.sinks.hardware import FAMILIES, packed_format

INFO = StreamInfo(160, 120, 25.0, False)


def encode(plan: Plan, path: Path) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        encoder = Encoder(container, plan)
        for index in range(4):
            pixels = np.kron(rng.integers(0, 255, (15, 20, 3), np.uint8), np.ones((8, 8, 1), np.uint8))
            container.mux(list(encoder.encode(Frame(pixels, index, index / 25), index * 3600)))
        container.mux(list(encoder.finish()))
    with av.open(str(path)) as container:
        return [frame.to_ndarray() for frame in container.decode(video=0)]


def test_packed_pixels_are_the_same_pixels(tmp_path: Path) -> None:
    """Cards take U and V in one plane; so does x264."""
    plan = make_plan(tmp_path / "a.mp4", INFO, None, EncodeSettings())
    usual = encode(plan, tmp_path / "a.mp4")
    packed = encode(replace(plan, packed="nv12"), tmp_path / "b.mp4")
    assert len(usual) == 4
    assert np.array_equal(usual, packed)


def test_an_encoder_is_tried_before_it_is_chosen(tmp_path: Path) -> None:
    plan = make_plan(tmp_path / "a.mp4", INFO, None, EncodeSettings())
    assert encodes(plan)
    assert not encodes(replace(plan, encoder="no_such_encoder"))
    assert not encodes(replace(plan, device="vaapi"))  # x264 runs on no device
    assert not encodes(replace(plan, width=0))


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
def test_without_a_card_the_processor_encodes_and_it_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, codec: str
) -> None:
    settings = EncodeSettings(codec=codec, hardware=True)
    plan = make_plan(tmp_path / "a.mp4", INFO, None, settings)
    frames = encode(plan, tmp_path / "a.mp4")
    assert len(frames) == 4
    if plan.encoder.rpartition("_")[2] in FAMILIES:
        assert not caplog.records
    else:
        assert [record.message for record in caplog.records] == [
            f"no graphics card here encodes {codec} of this kind: {plan.encoder} does"
        ]


def test_a_card_that_would_lose_colour_or_depth_is_not_asked() -> None:
    assert packed_format("yuv420p", ["nv12", "qsv"], "") == "nv12"
    assert packed_format("yuv420p10le", ["yuv420p", "p010le"], "") == "p010le"
    assert packed_format("yuv420p", ["vaapi"], "vaapi") == "nv12"
    assert packed_format("yuv444p", ["nv12", "p010le"], "") == ""
    assert packed_format("yuva420p", ["vaapi"], "vaapi") == ""


@pytest.mark.parametrize("family", FAMILIES)
def test_a_better_quality_is_another_option(family: str) -> None:
    options: Callable[[int], dict[str, str]] = FAMILIES[family].options
    assert options(10) != options(40)
