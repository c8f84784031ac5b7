"""What OpenCV tells of a window, by system; tests/sinks/test_hidden.py has real ones."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import cv2
import pytest

from livestyle.sinks import window


@pytest.mark.parametrize(
    ("system", "told", "closed", "idle"),
    [
        ("linux", 1.0, False, False),
        ("linux", 0.0, True, False),
        ("win32", -1.0, True, False),
        ("darwin", 1.0, False, False),
        ("darwin", 0.0, False, True),  # minimised, or hidden with Cmd-H
        ("darwin", -1.0, True, False),
        ("darwin", cv2.error, True, False),
    ],
)
def test_a_window_that_is_minimised_is_not_closed(
    system: str,
    told: float | type[Exception],
    closed: bool,
    idle: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def tell(title: str, what: int) -> float:
        if isinstance(told, float):
            return told
        raise told

    for name in ("namedWindow", "resizeWindow", "setMouseCallback", "destroyWindow"):
        monkeypatch.setattr(cv2, name, lambda *given: None)
    monkeypatch.setattr(cv2, "pollKey", lambda: window.NO_KEY)
    monkeypatch.setattr(cv2, "getWindowProperty", tell)
    monkeypatch.setattr(window, "require_display", lambda: None)
    watch = SimpleNamespace(is_hidden=lambda: False, close=lambda: None)
    monkeypatch.setattr(window, "open_watch", lambda title: watch)
    monkeypatch.setattr(sys, "platform", system)
    ended: list[bool] = []
    sink = window.WindowSink(64, 48, on_close=lambda: ended.append(True))
    sink.pump()
    assert (bool(ended), sink.idle) == (closed, idle)
    sink.close()
