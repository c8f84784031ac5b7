"""How old the picture on the screen is: a clock in what the camera sees, read back from the X server."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest
from camera_server import CameraServer
from clock import Glass, draw_clock, read_clock
from screen import wait_for


def test_a_clock_can_be_read_back():
    pixels = np.full((360, 640, 3), 90, np.uint8)
    draw_clock(pixels, 1234.567)
    assert read_clock(pixels, 1234.6) == pytest.approx(0.033, abs=0.002)
    assert read_clock(pixels // 2 + 60, 1235.0) == pytest.approx(0.433, abs=0.002)
    assert read_clock(pixels[::-1], 1235.0) is None


@pytest.fixture
def camera():
    server = CameraServer()
    server.size = (640, 360)
    server.paint = draw_clock
    yield server
    server.stop()


def ages_when_new(glass, seconds):
    """Return how old each clock is when the screen shows it first, in seconds."""
    ages, newest, ends_at = [], 0.0, time.perf_counter() + seconds
    while time.perf_counter() < ends_at:
        pixels, now = glass.look()
        age = read_clock(pixels, now)
        if age is not None and now - age > newest + 0.002:
            newest = now - age
            ages.append(age)
    return ages


def test_the_picture_on_the_screen_is_young(camera, screen, tmp_path):
    words = ["--camera", camera.address, "--strength", "0.5"]  # the network works; the squares stay legible
    process = subprocess.Popen(
        [sys.executable, "-m", "livestyle", "webcam", *words],
        env={**os.environ, "DISPLAY": screen.display},
        stderr=subprocess.DEVNULL,
    )
    try:
        screen.await_window()
        glass = Glass(screen.display, int(screen.find_window()), 640, 360)
        wait_for(lambda: ages_when_new(glass, 0.5))
        ages = ages_when_new(glass, float(os.environ.get("LIVESTYLE_LATENCY_SECONDS", "3")))
        glass.close()
    finally:
        process.terminate()
        process.wait(20)
    middle, slow = np.percentile(ages, [50, 95]) * 1000
    print(f"{len(ages)} frames, from the camera's picture to the screen: {middle:.0f} ms, p95 {slow:.0f} ms")
    assert len(ages) > 3
    assert min(ages) > 0.005
    assert middle < 1500  # however busy the machine is: nothing is queued
