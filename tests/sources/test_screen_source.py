import os
import subprocess
import sys
import time

import pytest

from livestyle.errors import SourceUnavailable
from livestyle.sources import open_source

WINDOW = """
import cv2, numpy as np
picture = np.full((300, 400, 3), (10, 200, 90), np.uint8)
cv2.namedWindow("flat", cv2.WINDOW_NORMAL)
cv2.resizeWindow("flat", 400, 300)
while True:
    cv2.imshow("flat", picture)
    cv2.waitKey(30)
"""


def test_the_screen_is_a_source(screen, monkeypatch):
    monkeypatch.setenv("DISPLAY", screen.display)
    shower = subprocess.Popen([sys.executable, "-c", WINDOW])
    source = open_source("screen", fps=20)
    try:
        assert (source.info.width, source.info.height, source.info.fps) == (1280, 800, 20)
        assert source.info.live
        began = time.perf_counter()
        for number, frame in enumerate(source):
            seen = (frame.pixels == (90, 200, 10)).all(axis=2).mean()
            if seen > 0.05 and number >= 10:
                break
            assert time.perf_counter() - began < 30
        assert frame.pts_seconds >= 0.5
    finally:
        source.close()
        shower.kill()
        shower.wait(10)


@pytest.mark.parametrize(
    ("display", "wayland", "says"),
    [("", "", "use OBS"), (":97", "", "':97' cannot be taken"), (":97", "wayland-0", "Wayland")],
)
def test_where_there_is_none_one_line_says_so(display, wayland, says, monkeypatch):
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.setenv("WAYLAND_DISPLAY", wayland)
    with pytest.raises(SourceUnavailable, match=says):
        open_source("screen")


def test_window_and_streams_live_in_one_program(screen):
    """OpenCV's window hangs when PyAV is imported before it: both bring parts of xcb under the same names."""
    script = (
        "import sys, numpy as np; from livestyle.live.desk import Desk\n"
        "from livestyle.sources.url import UrlSource\n"
        "order = list(sys.modules); assert order.index('cv2') < order.index('av'), 'av before cv2'\n"
        "from livestyle.frame import Frame; from livestyle.sinks.window import WindowSink\n"
        "sink = WindowSink(64, 48); sink.write(Frame(np.zeros((48, 64, 3), np.uint8), 0, 0.0))\n"
        "sink.close()\n"
    )
    there = {**os.environ, "DISPLAY": screen.display}
    done = subprocess.run(
        [sys.executable, "-c", script], env=there, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
