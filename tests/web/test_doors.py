"""How a site is reached on each system, and what is said where it cannot be."""

from __future__ import annotations

import asyncio
import errno
import os
import selectors
import socket
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


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError(errno.EADDRINUSE, "error while attempting to bind"), "address already in use"),
        (OSError(errno.EADDRNOTAVAIL, "error while attempting to bind"), "cannot assign requested address"),
        (OSError(errno.EACCES, "error while attempting to bind"), "permission denied"),
        (socket.gaierror(8, "Nodename nor servname provided"), "nodename nor servname provided"),
        (socket.gaierror(-2, "Name or service not known"), "name or service not known"),
        (OSError("could not bind on any address"), "could not bind on any address"),
    ],
)
def test_why_a_site_cannot_be_reached_is_said_on_each_system(
    error: OSError, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("aiohttp", reason="livestyle[web] is not installed")
    from livestyle.web.doors import why

    of_windows = {errno.EACCES: "Permission denied", 8: "Exec format error"}
    monkeypatch.setattr(os, "strerror", lambda number: of_windows.get(number, "Unknown error"))
    assert why(error) == text
