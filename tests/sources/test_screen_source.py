import os
import subprocess
import sys

import pytest

from livestyle.errors import SourceUnavailable
from livestyle.sources import open_source


def test_the_screen_is_a_source(screen, monkeypatch):
    monkeypatch.setenv("DISPLAY", screen.display)
    source = open_source("screen", fps=20)
    assert (source.info.width, source.info.height, source.info.fps) == (1280, 800, 20)
    assert source.info.live
    times = []
    for frame in source:
        assert frame.pixels.shape == (800, 1280, 3)
        times.append(frame.pts_seconds)
        if len(times) == 10:
            break
    source.close()
    assert times == sorted(times)
    assert 0.4 < times[-1] < 20


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
