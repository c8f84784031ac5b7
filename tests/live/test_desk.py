import threading
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from screen import wait_for

from livestyle.errors import StageError
from livestyle.live.desk import Desk
from livestyle.live.opening import is_camera, open_live
from livestyle.live.playlist import Playlist, Scene
from livestyle.sources import open_source
from livestyle.stylize.stylizer import Controls, Stylizer


class Sink:
    """Counts frames; fails or stalls at the fifth, when asked to."""

    name = "sink"

    def __init__(self, *, fails=False, stalls_seconds=0.0):
        self.times = []
        self.closed = False
        self._fails, self._stalls_seconds = fails, stalls_seconds

    def write(self, frame):
        self.times.append(frame.pts_seconds)
        if len(self.times) == 5:
            if self._fails:
                raise OSError("unplugged")
            time.sleep(self._stalls_seconds)

    def close(self):
        self.closed = True


@pytest.fixture
def make_desk(tiny_style, tmp_path):
    """A function that makes a desk without a window, over a scene of *frames* at 30 per second."""

    def make(sinks, frames=60, **options):
        source = open_source("pattern", width=32, height=24, fps=30, frame_count=frames)
        stylizer = Stylizer(Controls(style=str(tiny_style.path)))
        return Desk(source, stylizer, [], sinks=sinks, window=False, folder=tmp_path, **options)

    return make


def test_one_of_several_outputs_may_fail(make_desk):
    bad, good, told = Sink(fails=True), Sink(), []
    make_desk([bad, good], tell=told.append).run()
    assert told == ["sink failed: unplugged"]
    assert len(bad.times) == 5
    assert good.times[-1] > 1.5
    assert bad.closed
    assert good.closed


def test_strict_ends_with_the_first_that_fails(make_desk):
    good = Sink()
    with pytest.raises(StageError, match="unplugged"):
        make_desk([Sink(fails=True), good], frames=100_000, strict=True).run()
    assert good.closed


def test_the_run_fails_with_its_last_output(make_desk):
    sinks = [Sink(fails=True), Sink(fails=True)]
    desk = make_desk(sinks, frames=100_000)
    with pytest.raises(StageError, match="sink failed: unplugged"):
        desk.run()
    assert set(desk.lost) == set(sinks)


def test_a_scene_changes_what_it_names_and_nothing_else(make_desk, people, tiny_style):
    scene = Scene(str(tiny_style.path), strength=0.5, cutout="person", background="blur")
    desk = make_desk([Sink()], frames=100_000, playlist=Playlist([scene], repeat=False))
    expected = replace(desk.remote.controls, strength=0.5, cutout="person", background="blur")
    running = threading.Thread(target=desk.run)
    running.start()
    try:
        wait_for(lambda: desk.remote.controls == expected)
    finally:
        desk.quit()
        running.join(20)


def test_an_output_that_stalls_does_not_hold_up_the_others(make_desk):
    slow, quick = Sink(stalls_seconds=2), Sink()
    make_desk([slow, quick], frames=90).run()
    assert len(quick.times) > 2 * len(slow.times)
    gaps = [later - earlier for earlier, later in pairwise(quick.times)]
    assert max(gaps) < 1


@pytest.mark.parametrize(
    ("given", "camera"),
    [
        ("0", True),
        ("C922", True),
        ("/dev/video3", True),
        ("pattern", False),
        ("screen", False),
        ("rtsp://x/y", False),
    ],
)
def test_cameras_are_told_from_the_rest(given, camera):
    assert is_camera(given) == camera


def test_a_file_is_live_and_no_camera(make_clip):
    path = make_clip()
    source = open_live(str(path), 640, 360, 30)
    assert source.info.live
    assert not is_camera(str(path))
    source.close()


def test_keys_change_strokes_and_colours(make_desk):
    desk = make_desk([Sink()], frames=30)
    for key in ".k":
        desk.press(ord(key))
    assert desk.remote.controls.keep_colors
    assert desk.remote.controls.brush == 2.0  # so small a picture has broad strokes already
    for _ in range(7):
        desk.press(ord(","))
    assert desk.remote.controls.brush == 0.5
    desk.press(ord("k"))
    assert not desk.remote.controls.keep_colors
    desk.run()


def test_a_key_that_is_held_starts_one_recording(make_desk, tmp_path):
    desk = make_desk([Sink()], frames=90)
    threading.Timer(0.5, lambda: [desk.press(ord("r")) or time.sleep(0.03) for _ in range(30)]).start()
    desk.run()
    assert len(list(tmp_path.glob("livestyle-*.mp4"))) == 1


def test_a_key_that_is_tapped_counts_each_other_time_at_least(make_desk, tmp_path):
    desk = make_desk([Sink()], frames=120)

    def tap():
        for _ in range(3):
            desk.press(ord("r"))
            time.sleep(0.6)

    threading.Timer(0.5, tap).start()
    desk.run()
    assert len(list(tmp_path.glob("livestyle-*.mp4"))) == 1
    assert not desk.remote.state().recording


def test_what_a_slow_output_did_not_get_is_told_of_that_one(make_desk):
    slow, quick = Sink(stalls_seconds=1.0), Sink()
    desk = make_desk([slow, quick])
    desk.run()
    assert desk.left_out(slow) > 15 > desk.left_out(quick)
    assert len(quick.times) + desk.left_out(quick) == 60
