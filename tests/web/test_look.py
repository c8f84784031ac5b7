from __future__ import annotations

import asyncio
import threading

import pytest

from livestyle.errors import UsageError
from livestyle.sources.pattern import PatternSource
from livestyle.stylize.stylizer import Controls, Stylizer
from livestyle.web.feed import Feed
from livestyle.web.look import Look


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_server_that_is_closed_while_a_style_is_made_ready_closes_quietly() -> None:
    loop, opening, closed = asyncio.new_event_loop(), threading.Event(), threading.Event()

    def open_slowly(controls: Controls, fps: float) -> Stylizer:
        opening.set()
        assert closed.wait(30)
        raise UsageError("too late")

    feed = Feed("scene", lambda: PatternSource(width=32, height=24))
    look = Look(feed, Controls(), [], open_slowly, loop, lambda *_: None, lambda _: None)
    assert opening.wait(30)
    look.stop()
    loop.close()
    closed.set()
    look.join(30)
    assert not any(thread.name == "look" for thread in threading.enumerate())
