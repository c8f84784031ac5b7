from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest
from screen import wait_for

from livestyle.errors import SourceUnavailable
from livestyle.frame import Frame, StreamInfo
from livestyle.sources.pattern import PatternSource
from livestyle.web.feed import Feed
from livestyle.web.opening import open_feeds


class Opener:
    """Opens the test scene, and remembers what it opened."""

    def __init__(self) -> None:
        self.opened: list[PatternSource] = []

    def __call__(self) -> PatternSource:
        self.opened.append(PatternSource(width=32, height=24, fps=60))
        return self.opened[-1]


class Failing:
    """Yields one frame, then fails."""

    info = StreamInfo(32, 24, 30.0, live=True)

    def __iter__(self) -> Iterator[Frame]:
        yield Frame(np.zeros((24, 32, 3), np.uint8), 0, 0.0)
        time.sleep(0.2)
        raise SourceUnavailable("the camera was pulled")

    def close(self) -> None:
        """Nothing is open."""


def test_taps_share_one_source() -> None:
    opener = Opener()
    feed = Feed("scene", opener)
    first, second = feed.tap(), feed.tap()
    assert len(opener.opened) == 1 and first.info.width == 32
    ones, others = (
        {frame.index for frame, _ in zip(tap, range(10), strict=False)} for tap in (first, second)
    )
    assert len(ones) == len(others) == 10
    first.close()
    assert next(iter(second)).index > max(others)
    assert list(first) == []
    second.close()


def test_the_source_is_closed_when_nobody_is_left_and_opened_again_at_once() -> None:
    opener = Opener()
    feed = Feed("scene", opener)
    tap = feed.tap()
    next(iter(tap))
    tap.close()
    tap.close()
    started = time.monotonic()
    again = feed.tap()
    assert time.monotonic() - started < 1.5
    assert len(opener.opened) == 2 and opener.opened[0]._closed and not opener.opened[1]._closed
    next(iter(again))
    again.close()
    wait_for(lambda: opener.opened[1]._closed)


def test_a_failure_reaches_all_who_watch() -> None:
    feed = Feed("camera", Failing)
    taps = [feed.tap(), feed.tap()]
    for tap in taps:
        with pytest.raises(SourceUnavailable, match="pulled"):
            list(tap)


def test_a_source_that_does_not_open_says_so_each_time() -> None:
    def refuse() -> PatternSource:
        raise SourceUnavailable("no camera")

    feed = Feed("camera", refuse)
    for _ in range(2):
        with pytest.raises(SourceUnavailable, match="no camera"):
            feed.tap()


def test_cameras_may_have_a_dot_in_their_name_and_what_is_missing_is_told_at_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    names = [feed.name for feed in open_feeds(["USB2.0 HD UVC WebCam"], 64, 48, 30)]
    assert names[0].startswith("camera-usb2")
    assert sys.platform != "linux" or "it is looked for whenever somebody watches" in caplog.text
    for name in ("clip.mp4", "clip.3gp"):
        with pytest.raises(SourceUnavailable, match=f"no file at {name}"):
            open_feeds([name], 64, 48, 30)
