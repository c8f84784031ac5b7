"""What pages show while the server hangs, is gone or lets them in no longer."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from signals import SENT

from livestyle.styles.style import Style

LIVE = "document.getElementById('stage')?.dataset.state === 'live'"
STATUS = "document.getElementById('status').dataset.state"
OPAQUE = "document.querySelector('canvas').getContext('2d').getImageData(64, 36, 1, 1).data[3]"


@pytest.fixture(scope="module")
def served(tiny_style: Style, browser: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    """A server as a program, by its address, and what makes it hang while inside."""
    options = ["--camera", "pattern", "--size", "128x72", "--port", "0", "--style", str(tiny_style.path)]
    command = [sys.executable, "-m", "livestyle", "serve", *options]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr
    found = re.search(r"open (http://\S+)/", server.stderr.readline())

    @contextmanager
    def hang() -> Iterator[None]:
        server.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            server.send_signal(signal.SIGCONT)

    try:
        assert found
        yield found[1], hang
    finally:
        browser.open("about:blank")
        server.send_signal(signal.SIGINT)
        server.stderr.close()
        server.wait(20)


@SENT
def test_the_studio_tells_that_the_server_hangs(served: tuple[str, Any], browser: Any) -> None:
    address, hang = served
    browser.open(address)
    browser.wait_for(LIVE)
    with hang():
        browser.wait_for(f"{STATUS} === 'lost'", 8)
        assert not browser.run(LIVE)
        assert "does not answer" in browser.run("document.getElementById('waiting-text').textContent")
        assert browser.run("document.getElementById('figures').hidden")
    browser.wait_for(f"{LIVE} && {STATUS} === 'live'")
    browser.said.clear()  # of the connections that failed


@SENT
def test_an_overlay_is_clear_while_the_server_hangs(served: tuple[str, Any], browser: Any) -> None:
    address, hang = served
    browser.open(f"{address}/overlay")
    browser.wait_for(f"document.querySelector('canvas').width === 128 && {OPAQUE} === 255")
    with hang():
        browser.wait_for(f"{OPAQUE} === 0", 8)
    browser.wait_for(f"{OPAQUE} === 255")
    browser.said.clear()


def test_pages_with_the_token_of_before_say_so_and_ask_no_more(
    open_site: Callable[..., Any], browser: Any
) -> None:
    said = {
        "/": "document.getElementById('waiting-text').textContent",
        "/overlay": "document.title",
    }
    site = open_site(token="token-of-the-first-start")
    for path, text in said.items():
        browser.open(f"{site.address}{path}?token=token-of-the-first-start")
        browser.wait_for(f"document.querySelector('canvas').width === 128 && {OPAQUE} === 255")
        site.close()
        site = open_site(token="token-of-the-second-start", port=site.port)
        browser.wait_for(f"{text}.includes('open the address that the server printed')", 15)
        sockets = "window.sockets = 0; window.WebSocket = class { constructor() { window.sockets += 1 } }"
        browser.run(sockets)
        time.sleep(4)  # the longest wait between two tries is shorter
        assert browser.run("window.sockets") == 0
        assert browser.run(f"{text}.includes('open the address that the server printed')")
        assert path == "/" or browser.run(OPAQUE) == 0
        site.close()
        site = open_site(token="token-of-the-first-start", port=site.port)
    browser.open("about:blank")
    browser.said.clear()  # of the connections that failed
