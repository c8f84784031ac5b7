"""Rate and age of what was shown."""

from __future__ import annotations

import time

import pytest

from livestyle.meter import Meter


def test_rate_and_age() -> None:
    meter = Meter()
    for _ in range(6):
        time.sleep(0.02)
        meter.shown(captured_at=time.perf_counter() - 0.5)
    assert meter.frames == 6
    assert 10 < meter.fps <= 50
    assert meter.latency_seconds() == pytest.approx(0.5, abs=0.05)


def test_nothing_shown_yet() -> None:
    meter = Meter()
    assert (meter.frames, meter.fps, meter.latency_seconds()) == (0, 0.0, 0.0)
    meter.shown(time.perf_counter())
    assert meter.fps == 0.0


def test_the_past_is_forgotten_but_slow_is_not_zero() -> None:
    meter = Meter(window_seconds=0.05)
    for _ in range(50):
        meter.shown(time.perf_counter())
    time.sleep(0.1)
    meter.shown(time.perf_counter())
    time.sleep(0.1)
    meter.shown(time.perf_counter())
    assert meter.frames == 52
    assert 5 < meter.fps <= 10


def test_percentiles() -> None:
    meter = Meter()
    for age in range(101):
        meter.shown(time.perf_counter() - age)
    assert meter.latency_seconds(50) == pytest.approx(50, abs=0.1)
    assert meter.latency_seconds(99) == pytest.approx(99, abs=0.1)
