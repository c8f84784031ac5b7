import os
import shutil
import subprocess
import sys
import time

import pytest
from screen import Screen, missing, wait_for

MANAGERS = [name for name in ("openbox", "metacity", "xfwm4", "marco") if shutil.which(name)]

PAINTER = """
import time
from livestyle.pipeline import Pipeline, each
from livestyle.sinks.window import WindowSink
from livestyle.sources.pattern import PatternSource

class Other:
    name, idle = "other", True
    def write(self, frame): pass
    def close(self): pass

def paint(frame):
    print(frame.index, flush=True)
    return frame

other = Other()
Pipeline(PatternSource(width=64, height=48, fps=30), each(paint), [WindowSink(64, 48), other]).run()
"""


@pytest.fixture(params=MANAGERS[:1])
def managed(request):
    """A screen with a window manager."""
    if missing:
        pytest.skip(f"no {', '.join(missing)}")
    screen = Screen()
    manager = subprocess.Popen(
        [request.param], env={**os.environ, "DISPLAY": screen.display}, stderr=subprocess.DEVNULL
    )
    yield screen
    manager.terminate()
    manager.wait(10)
    screen.close()


def test_nothing_is_painted_for_a_window_that_nobody_sees(managed, tmp_path):
    printed = tmp_path / "printed"
    with printed.open("w") as output:
        painter = subprocess.Popen(
            [sys.executable, "-c", PAINTER], env={**os.environ, "DISPLAY": managed.display}, stdout=output
        )

    def painted(seconds):
        before = len(printed.read_text().split())
        time.sleep(seconds)
        return len(printed.read_text().split()) - before

    try:
        managed.await_window()
        wait_for(lambda: painted(0.5) > 2)
        window = managed.find_window()
        managed.run("xdotool", "windowminimize", window)
        wait_for(lambda: painted(0.5) == 0, 20)
        assert painted(1) == 0
        managed.run("xdotool", "windowmap", window)
        wait_for(lambda: painted(0.5) > 2)
        managed.run("xdotool", "set_num_desktops", "2", "set_desktop", "1")
        wait_for(lambda: painted(0.5) == 0, 20)
        managed.run("xdotool", "set_desktop", "0")
        wait_for(lambda: painted(0.5) > 2)
    finally:
        painter.kill()
        painter.wait(10)
