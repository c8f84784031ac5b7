"""A screen to test windows on: Xvfb, whose keys are pressed and pictures taken by other programs."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from livestyle.frame import Pixels

TOOLS = ("Xvfb", "xdotool", "import")
missing = [tool for tool in TOOLS if not shutil.which(tool)]


class Screen:
    """An X server of its own, 1280 × 800; ``close`` ends it."""

    def __init__(self) -> None:
        reading, writing = os.pipe()
        options = ["-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"]
        command = ["Xvfb", "-displayfd", str(writing), *options]
        self._server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            self.display = f":{pipe.readline().strip()}"

    def close(self) -> None:
        self._server.terminate()
        self._server.wait(10)

    def await_window(self) -> None:
        """Wait until livestyle has a window with something in it.

        Where no window manager is, Qt takes one new window in fifteen for one that is not on the screen, and
        never paints it until it is mapped again.
        """
        window = self.find_window()
        while not self._shows_something(window, seconds=10):
            self.run("xdotool", "windowunmap", "--sync", window, "windowmap", "--sync", window)

    def find_window(self, title: str = "livestyle") -> str:
        """Return the window of that title; waits for it."""
        return str(wait_for(lambda: self.run("xdotool", "search", "--name", f"^{title}$").split()[:1])[0])

    def has_window(self, title: str = "livestyle") -> bool:
        return bool(self.run("xdotool", "search", "--name", f"^{title}$").split())

    def press(self, *keys: str) -> None:
        """Press *keys*, named as xdotool names them, in the window of livestyle.

        A program that is held up meanwhile may hear only the last of several.
        """
        self._type("key", "--window", "0", "--delay", "60", *keys)

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """Hold *key* in the window of livestyle while inside."""
        self._type("keydown", key)
        yield
        self._type("keyup", key)

    def _type(self, *words: str) -> None:
        self.run("xdotool", "windowfocus", "--sync", self.find_window(), *words)

    def _shows_something(self, window: str, seconds: float) -> bool:
        """Return whether *window* has more than one colour, within *seconds*."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if int(self.run("identify", "-format", "%k", f"x:{window}") or 0) > 1:
                return True
        return False

    def take(self, path: Path) -> Pixels:
        """Return a screenshot of the window, RGB; kept at *path*."""
        self.run("import", "-window", self.find_window(), str(path))
        return np.asarray(cv2.imread(str(path))[..., ::-1], np.uint8)

    def click_cross(self) -> None:
        """Ask the window to close, as its frame's cross does."""
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XInternAtom.restype = ctypes.c_ulong
        display = ctypes.c_void_p(x11.XOpenDisplay(self.display.encode()))
        window = int(self.find_window())
        protocols, delete = (
            x11.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")
        )
        longs = (
            ctypes.c_long * 24
        )()  # an XClientMessageEvent: type, serial, sent, display, window, message, format, data
        longs[0], longs[4], longs[5], longs[6], longs[7] = 33, window, protocols, 32, delete
        x11.XSendEvent(display, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(longs))
        x11.XCloseDisplay(display)

    def run(self, *command: str) -> str:
        there = {**os.environ, "DISPLAY": self.display}
        return subprocess.run(
            command, env=there, timeout=20, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ).stdout


def wait_for(look: Callable[[], Any], seconds: float = 60) -> Any:
    """Return what *look* returns, once that is true."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return seen
