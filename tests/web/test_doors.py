"""How a site is reached on each system."""

from __future__ import annotations

import asyncio
import selectors
import sys
from collections.abc import Callable
from typing import Any

import pytest


def test_windows_serves_by_select_and_asks_often_whether_to_end(
    open_site: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("aiohttp", reason="livestyle[web] is not installed")
    import livestyle.web.server  # noqa: F401 (on Windows aiohttp looks for certificates of the system)

    waits: list[float | None] = []

    class Selector(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
        def select(self, timeout: float | None = None) -> Any:
            waits.append(timeout)
            return super().select(timeout)

    class Loop(asyncio.SelectorEventLoop):
        def __init__(self) -> None:
            super().__init__(Selector())

    monkeypatch.setattr(asyncio, "SelectorEventLoop", Loop)
    monkeypatch.setattr(sys, "platform", "win32")
    assert open_site().ask("/health").status == 200
    assert waits, "by another loop"
    assert all(wait is not None and wait < 0.3 for wait in waits), "deaf to Ctrl-C"
