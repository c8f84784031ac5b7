import json
import threading
import time
from dataclasses import asdict

import numpy as np
import pytest
from conftest import write_random_style
from screen import wait_for

from livestyle.errors import UnknownName, UsageError
from livestyle.live.desk import Desk
from livestyle.live.show import Wipe
from livestyle.sources import open_source
from livestyle.stylize.stylizer import Controls, Stylizer


class Newest:
    """Keeps the newest frame."""

    name = "newest"

    def __init__(self):
        self.frame = None

    def write(self, frame):
        self.frame = frame

    def close(self):
        pass


@pytest.fixture
def sink():
    return Newest()


@pytest.fixture
def remote(livestyle_home, tmp_path, sink):
    """The remote of a live picture that is running, in styles aaa and bbb."""
    for seed, name in enumerate(["aaa", "bbb"]):
        write_random_style(livestyle_home / "styles" / f"{name}.safetensors", seed)
    source = open_source("pattern", width=64, height=48, fps=30)
    stylizer = Stylizer(Controls(style="aaa"))
    desk = Desk(source, stylizer, ["aaa", "bbb"], sinks=[sink], window=False, folder=tmp_path)
    running = threading.Thread(target=desk.run)
    running.start()
    wait_for(lambda: sink.frame)
    yield desk.remote
    desk.remote.stop()
    running.join(20)
    assert not running.is_alive()


def test_the_state_is_plain_values(remote):
    wait_for(lambda: remote.state().frames > 10)
    state = json.loads(json.dumps(asdict(remote.state())))
    assert state["controls"]["style"] == state["painting"] == "aaa"
    assert (state["width"], state["height"], state["recording"], state["waiting"]) == (64, 48, False, False)
    assert 5 < state["fps"] < 40
    assert 5 < state["source_fps"] < 40
    assert 0 < state["latency_seconds"] <= state["slow_latency_seconds"] < 5


def test_controls_are_replaced_whole_and_the_picture_follows(remote, sink):
    remote.set(Controls(style="bbb", strength=0.3, stability=0.1))
    assert remote.controls == Controls(style="bbb", strength=0.3, stability=0.1)
    wait_for(lambda: remote.state().painting == "bbb")
    remote.change({"strength": 1})
    assert remote.controls == Controls(style="bbb", strength=1.0, stability=0.1)


def test_the_size_at_which_frames_are_painted_heeds_the_brush(remote):
    assert remote.state().scale == 1
    remote.change({"brush": 2})  # 540 / 2 rows, but at most twice the 48 that there are
    wait_for(lambda: remote.state().scale == 2)


def test_strength_acts_while_a_style_is_made_ready(remote):
    remote.change({"style": "bbb"})
    remote.change({"strength": 0.5})
    wait_for(lambda: remote.state().painting == "bbb")
    assert remote.controls == Controls(style="bbb", strength=0.5)


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        ({"strength": 0.5, "stability": 7}, "stability must be between 0.0 and 1.0, not 7"),
        ({"strength": "much"}, "strength must be a number, not 'much'"),
        ({"strength": True}, "strength must be a number, not True"),
        ({"strength": None}, "strength must be a number, not None"),
        ({"strength": float("nan")}, "strength must be between"),
        ({"stabilty": 0.5}, "did you mean 'stability'?"),
        ({"style": "bbc"}, "did you mean 'bbb'?"),
        ({"style": "/etc/passwd"}, "there are: aaa, bbb"),
        ({"style": 3}, "style must be a text, not 3"),
    ],
)
def test_wrong_wishes_change_nothing(remote, wishes, says):
    before = remote.controls
    with pytest.raises(UsageError, match=says.replace("?", r"\?")):
        remote.change(wishes)
    assert remote.controls == before


def test_a_style_that_does_not_exist_is_refused(remote):
    with pytest.raises(UnknownName):
        remote.set(Controls(style="ccc"))


def test_many_threads_at_once_leave_what_the_last_one_set(remote):
    def turn(strength):
        for step in range(200):
            remote.set(Controls(style=("aaa", "bbb")[step % 2], strength=strength))

    threads = [threading.Thread(target=turn, args=(number / 10,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    remote.set(Controls(style="bbb", strength=0.9, stability=0.9))
    wait_for(lambda: remote.state().painting == "bbb")
    time.sleep(0.1)
    assert remote.controls == Controls(style="bbb", strength=0.9, stability=0.9)


def test_original_and_wipe_show(remote, sink):
    remote.change({"strength": 0})
    wait_for(lambda: sink.frame.pixels.std() > 30)
    remote.change({"strength": 1})
    remote.show_original(60)
    frame = sink.frame
    wait_for(lambda: sink.frame.index > frame.index + 3)
    assert sink.frame.pixels.std() > 30
    remote.show_original(0)
    remote.set_wipe(Wipe(0.5))
    wait_for(lambda: (sink.frame.pixels[:, 31:33] == 255).all())
    remote.set_wipe(None)
    wait_for(lambda: not (sink.frame.pixels[:, 31:33] == 255).all())


def test_actions_say_where_their_files_are(remote, tmp_path):
    picture = wait_for(remote.save_snapshot)  # once the recorder has a frame too
    clip = remote.save_replay()
    wait_for(lambda: picture.exists() and clip.exists())
    path = remote.record(True)
    assert remote.record(True) == path
    assert remote.state().recording
    assert remote.state().said == f"recording to {path}"
    time.sleep(0.2)
    assert remote.record(False) == path
    assert path.exists()
    assert remote.record(False) is None
    assert np.all([item.parent == tmp_path for item in (picture, clip, path)])
