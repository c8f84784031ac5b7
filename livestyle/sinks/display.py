"""Whether this machine has a display to put windows on."""

from __future__ import annotations

import ctypes
import os
import sys

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
    if not answers():
        raise SinkUnavailable(
            f"display {display!r} does not answer; set $DISPLAY, or write a file: --to out.mp4"
        )


def answers() -> bool:
    """Return whether the X server that ``$DISPLAY`` names lets us in; True when nothing here can ask."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    try:
        return not xcb.xcb_connection_has_error(connection)
    finally:
        xcb.xcb_disconnect(connection)
