"""The picture of a job that can be looked at while it runs."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from livestyle.frame import Frame
from livestyle.jobs.strip import Strip
from livestyle.pictures import read_picture


def frame(level: int) -> Frame:
    return Frame(np.full((360, 640, 3), level, np.uint8), 0, 0.0)


def test_frames_lie_side_by_side(tmp_path: Path) -> None:
    strip = Strip(tmp_path / "strip.png")
    for level in (0, 100, 200):
        strip.add(frame(level))
    strip.add(None)
    picture = read_picture(tmp_path / "strip.png")
    assert picture.shape == (180, 960, 3)
    assert [int(picture[90, x, 0]) for x in (160, 480, 800)] == [0, 100, 200]


def test_a_strip_that_cannot_be_written_ends_no_job(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    strip = Strip(tmp_path / "strip.png")
    (tmp_path / "strip.png").mkdir()
    with caplog.at_level(logging.WARNING):
        for level in (0, 100):
            strip.add(frame(level))
            strip.add(None)
    assert len(caplog.messages) == 1 and "painting goes on" in caplog.messages[0]
