import time

import numpy as np
import pytest

from livestyle.errors import UsageError
from livestyle.sources import open_source


def test_a_frame_is_the_same_in_every_run():
    first, second = ([f.pixels for f in open_source("pattern", frame_count=3, live=False)] for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert first[0].shape == (360, 640, 3)


def test_things_move_and_near_things_move_faster():
    frames = [
        f.pixels.astype(int)
        for f in open_source("pattern", frame_count=31, live=False, height=180, width=320)
    ]
    change = abs(frames[30] - frames[0]).mean((1, 2))
    sky, meadow = change[:40].mean(), change[-8:].mean()
    assert 0.5 < sky < meadow


def test_live_it_keeps_time_and_counts_what_it_left_out():
    source = open_source("pattern", width=32, height=18, fps=50)
    times, indices = [], []
    for frame in source:
        times.append(frame.captured_at)
        indices.append(frame.index)
        if len(times) == 3:
            time.sleep(0.2)
        if len(times) == 6:
            source.close()
    assert indices[:3] == [0, 1, 2]
    assert indices[3] >= 12
    assert all(abs((t - times[0]) - i / 50) < 0.15 for t, i in zip(times, indices, strict=True))


def test_a_clock_says_when_each_frame_is():
    frames = list(open_source("pattern", width=32, height=18, fps=25, frame_count=4, live=False))
    assert [f.pts_seconds for f in frames] == pytest.approx([0, 0.04, 0.08, 0.12])


@pytest.mark.parametrize("size", [(16, 16), (33, 17), (17, 200)])
def test_any_size_can_be_drawn(size):
    width, height = size
    (frame,) = open_source("pattern", width=width, height=height, frame_count=1, live=False)
    assert frame.pixels.shape == (height, width, 3)


@pytest.mark.parametrize(("option", "value"), [("fps", 0), ("width", 8), ("frame_count", 0)])
def test_nonsense_is_refused_in_one_line(option, value):
    with pytest.raises(UsageError, match=option.replace("_", "-")):
        open_source("pattern", **{option: value})
