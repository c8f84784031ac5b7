"""Whether this machine has a display to put windows on."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from functools import cache

from livestyle.errors import SinkUnavailable


def require_display() -> None:
    """Do nothing when windows can be opened; Qt, when asked in vain, would abort the whole program.

    Raises:
        SinkUnavailable: there is no display, or it does not answer.
    """
    if not sys.platform.startswith("linux"):
        return
    display = os.environ.get("DISPLAY")
    if not display:
        raise SinkUnavailable(
            "no display to open a window on ($DISPLAY is not set); write a file instead: --to out.mp4"
        )
    if not answers(display):
        raise SinkUnavailable(
            f"display {display!r} does not answer; set $DISPLAY, or write a file: --to out.mp4"
        )


@cache
def answers(display: str) -> bool:
    """Return whether the X server *display* lets us in; True when nothing here can ask.

    The connection stays open: a server that is left by its last client starts anew, deaf for a moment, and
    such a moment would be when Qt calls.
    """
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    for wait_seconds in (0.2, 0.5, 0.0):
        connection = xcb.xcb_connect(display.encode(), None)
        if not xcb.xcb_connection_has_error(connection):
            return True
        xcb.xcb_disconnect(connection)
        time.sleep(wait_seconds)
    return False
