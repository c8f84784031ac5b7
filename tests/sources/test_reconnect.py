import time
from itertools import pairwise

import numpy as np
import pytest
from camera_server import CameraServer

from livestyle.errors import SourceUnavailable
from livestyle.frame import Frame, StreamInfo
from livestyle.sources import open_source
from livestyle.sources.reconnect import ReconnectingSource, fit


@pytest.fixture
def camera():
    camera = CameraServer()
    yield camera
    camera.stop()


@pytest.fixture
def source(camera):
    source = ReconnectingSource(lambda: open_source(camera.address), "door")
    yield source
    source.close()


def take_until(frames, source, lost, seconds=12):
    """Return the first frame while the source is lost, or is not, and how long it took."""
    began = time.perf_counter()
    for frame in frames:
        if source.lost == lost:
            return frame, time.perf_counter() - began
        assert time.perf_counter() - began < seconds, "waited in vain"
    raise AssertionError("the source ended")


def test_frames_come_through_at_once_and_in_order(source):
    frames = iter(source)
    seen = [next(frames) for _ in range(12)]
    assert [f.index for f in seen] == list(range(12))
    assert all(0 < b.pts_seconds - a.pts_seconds < 0.5 for a, b in pairwise(seen))
    assert seen[-1].pixels.shape == (48, 64, 3)


def test_a_frozen_camera_gives_a_slate_and_comes_back(camera, source):
    frames = iter(source)
    take_until(frames, source, lost=False)
    camera.frozen = True
    slate, waited = take_until(frames, source, lost=True)
    assert waited < 1.6  # one second, on a busy machine
    assert slate.pixels.max() > 120  # letters on what was seen last
    camera.frozen = False
    back, _ = take_until(frames, source, lost=False)
    assert back.pixels.shape == slate.pixels.shape
    assert back.pts_seconds > slate.pts_seconds


def test_a_camera_that_goes_away_comes_back_by_itself_even_with_another_size(camera, source):
    frames = iter(source)
    take_until(frames, source, lost=False)
    for size in ((128, 48), (64, 48)):
        camera.stop()
        take_until(frames, source, lost=True)
        camera.size = size
        camera.start()
        frame, _ = take_until(frames, source, lost=False)
        assert frame.pixels.shape == (48, 64, 3)


def test_a_camera_that_never_was_is_refused(camera):
    camera.stop()
    with pytest.raises(SourceUnavailable, match="refused"):
        ReconnectingSource(lambda: open_source(camera.address), "door")
    camera.start()


def test_closing_does_not_wait_for_a_camera_that_hangs(camera, source):
    frames = iter(source)
    next(frames)
    camera.frozen = True
    began = time.perf_counter()
    source.close()
    assert time.perf_counter() - began < 1.5


def test_pictures_are_fitted_with_black_bars():
    wide = np.full((10, 40, 3), 200, np.uint8)
    fitted = fit(wide, 20, 20)
    assert fitted.shape == (20, 20, 3)
    assert (fitted[:7] == 0).all()
    assert (fitted[8:12] == 200).all()


class Slow:
    """Sees something once a second; the first time, its driver fails after a while."""

    def __init__(self, fails):
        self.info = StreamInfo(64, 48, 1.0, live=True)
        self._fails = fails

    def __iter__(self):
        began = time.perf_counter()
        for index in range(100):
            now = time.perf_counter()
            yield Frame(np.full((48, 64, 3), 200, np.uint8), index, now - began, now)
            time.sleep(1.0)
            if self._fails and index == 2:
                raise FileNotFoundError("/proc/29895/fd")

    def close(self):
        pass


def test_a_slow_camera_shows_no_slate_and_any_failure_of_the_world_brings_it_back():
    opened = []

    def open_slow():
        opened.append(Slow(fails=not opened))
        return opened[-1]

    source = ReconnectingSource(open_slow, "yard")
    frames = iter(source)
    shown = [(next(frames), source.lost)[1] for _ in range(3)]
    while len(shown) < 40 and not (len(opened) == 2 and not source.lost):
        next(frames)
        shown.append(source.lost)
    source.close()
    assert sum(shown[:4]) <= 1, "once, before it is known how slow it is"
    assert len(opened) == 2 and not shown[-1]
