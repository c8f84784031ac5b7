"""Styles side by side: figures of painters that are known, and the page that shows them."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import numpy as np
import pytest

from livestyle.measure.comparison import Candidate, compare_styles, measure_painter
from livestyle.measure.flicker import Source
from livestyle.measure.report import draw_plot
from livestyle.measure.training_report import Training, make_training_report
from livestyle.styles.style import Credits, Style


def compare(photo, painted):
    return {
        "style_distance": float(painted.mean()) / 255,
        "content_distance": float(np.abs(painted - photo).mean()),
    }


@pytest.fixture
def photos() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 255, (48, 64, 3), dtype=np.uint8) for _ in range(2)]


def test_a_painter_that_changes_nothing_scores_as_expected(photos):
    candidate = measure_painter("same", Source(), photos, compare)
    assert candidate.figures["content_distance"] == 0
    assert candidate.figures["style_distance"] == pytest.approx(np.mean(photos) / 255, abs=0.01)
    assert candidate.figures["still_noise_gain"] == pytest.approx(1)
    assert candidate.figures["sharpness"] == pytest.approx(1)
    assert [np.array_equal(a, b) for a, b in zip(candidate.painted, photos, strict=True)] == [True, True]


def test_styles_are_compared_by_name(photos, tiny_style: Style):
    (candidate,) = compare_styles([str(tiny_style.path)], photos, compare, "cpu")
    assert candidate.name == "tiny"
    assert candidate.figures["content_distance"] > 0
    assert candidate.figures["pan_error"] >= 0


def figures(scale: float) -> dict[str, float]:
    return {
        "style_distance": 0.1 * scale,
        "content_distance": 0.5 * scale,
        "still_noise_gain": 1.5 * scale,
        "pan_error": 1e-3 * scale,
        "sharpness": scale,
    }


def test_the_page_needs_nothing_but_itself(photos, tmp_path: Path):
    path = tmp_path / "<mine>.safetensors"
    style = Style(path, Credits("mine"), (8, 1), {"steps": 2, "style_strength": 2.5, "steadiness": 2.5})
    training = Training(
        style,
        photos[0],
        photos,
        {"style": [3.0, 2.0], "content": [0.0, 1.0]},
    )
    ours, other = Candidate("mine", figures(1), photos), Candidate("candy", figures(2), photos)
    page = make_training_report(training, ours, [other])
    assert "Training of &lt;mine&gt;" in page and "candy" in page
    assert page.count("<img") == 1 + 4 + 2
    assert set(re.findall(r'(?:src|href)="(.{5})', page)) == {"data:"}
    assert re.findall(r"<tr.*?><th>(mine|candy)</th>", page) == [
        "mine",
        "candy",
    ]  # a line for each, ours first
    assert f"--style {escape(str(path))}<" in page and f"add {escape(path.name)}<" in page
    assert "<polyline" in page and ">steps<" in page and "artist" not in page


def test_no_two_losses_have_one_colour():
    curves = draw_plot({name: [1.0, 2.0] for name in ("style", *"abcdef")})
    colours = re.findall(r'stroke="(#\w{6})" stroke-width', curves)
    assert len(set(colours)) == len(colours) == 7
