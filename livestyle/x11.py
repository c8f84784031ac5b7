"""Reads from an X server: what is written onto windows, and what the screen shows.

By xcb: Xlib ends the whole program when a window is gone.
"""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, Structure, c_int, c_int16, c_uint, c_uint8, c_uint16, c_uint32, c_void_p
from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

ANY_TYPE, MOST_WORDS = 0, 1024
"""Of a property: whatever its type is, and no more than so much of it."""

ROWS_OF_PIXELS, ALL_PLANES = 2, 0xFFFFFFFF
"""Of a picture: ZPixmap, and all bits of it."""


class Screens(Structure):
    """xcb_screen_iterator_t; a screen begins with its root window."""

    _fields_ = (("root", POINTER(c_uint32)), ("left", c_int), ("index", c_int))


class Cookie(Structure):
    """Stands for an answer that is on its way."""

    _fields_ = (("number", c_uint),)


class Answer(Structure):
    """What all answers begin with; the last is the atom asked for, or where a window is and how large."""

    _fields_ = (
        ("kind", c_uint8),
        ("detail", c_uint8),
        ("number", c_uint16),
        ("length", c_uint32),
        ("atom", c_uint32),
        ("x", c_int16),
        ("y", c_int16),
        ("width", c_uint16),
        ("height", c_uint16),
    )


class X11:
    """A connection to the X server ``$DISPLAY``. One thread.

    Attributes:
        root: the window behind all others.

    Raises:
        OSError: there is no such server, or no xcb to talk to it.
    """

    def __init__(self) -> None:
        self._xcb = xcb = load_xcb()
        self._free = ctypes.CDLL(None).free
        self._free.argtypes = [c_void_p]
        self._connection = c_void_p(xcb.xcb_connect(None, None))
        if xcb.xcb_connection_has_error(self._connection):
            self.close()
            raise OSError("no X server answers")
        setup = c_void_p(xcb.xcb_get_setup(self._connection))
        self.root: int = xcb.xcb_setup_roots_iterator(setup).root[0]
        self._atoms: dict[str, int] = {}

    def own_windows(self) -> list[int]:
        """Return the windows of this program that a window manager looks after."""
        return [
            window
            for window in self.read(self.root, "_NET_CLIENT_LIST")
            if self.read(window, "_NET_WM_PID") == [os.getpid()]
        ]

    def read(self, window: int, name: str) -> list[int]:
        """Return the numbers of property *name*; none when *window* does not have it, or is gone."""
        asked = self._xcb.xcb_get_property(
            self._connection, 0, window, self.atom(name), ANY_TYPE, 0, MOST_WORDS
        )
        answer = self._answer("get_property", asked)
        if not answer:
            return []
        count = self._xcb.xcb_get_property_value_length(answer) // 4
        first = ctypes.cast(self._xcb.xcb_get_property_value(answer), POINTER(c_uint32))
        numbers = first[:count]
        self._free(answer)
        return numbers

    def take_picture(self) -> Picture | None:
        """Return what the whole screen shows, (H, W, 4), blue first; None when it cannot be had so."""
        answer = self._answer("get_geometry", self._xcb.xcb_get_geometry(self._connection, self.root))
        if not answer:
            return None
        width, height = answer[0].width, answer[0].height
        self._free(answer)
        asked = self._xcb.xcb_get_image(
            self._connection, ROWS_OF_PIXELS, self.root, 0, 0, width, height, ALL_PLANES
        )
        answer = self._answer("get_image", asked)
        if not answer:
            return None
        try:
            size = self._xcb.xcb_get_image_data_length(answer)
            if size != width * height * 4:
                return None
            data = ctypes.string_at(self._xcb.xcb_get_image_data(answer), size)
        finally:
            self._free(answer)
        return np.frombuffer(data, np.uint8).reshape(height, width, 4)

    def atom(self, name: str) -> int:
        """Return the number that the server has for *name*."""
        if name not in self._atoms:
            asked = self._xcb.xcb_intern_atom(self._connection, 0, len(name), name.encode())
            answer = self._answer("intern_atom", asked)
            self._atoms[name] = answer[0].atom if answer else 0
            self._free(answer)
        return self._atoms[name]

    def close(self) -> None:
        """Hang up."""
        self._xcb.xcb_disconnect(self._connection)

    def _answer(self, question: str, asked: Cookie) -> Any:
        """Return a pointer to the answer, to be freed; a null pointer when there is none."""
        return getattr(self._xcb, f"xcb_{question}_reply")(self._connection, asked, None)


def load_xcb() -> Any:
    """Return the library; raises OSError when there is none."""
    xcb = ctypes.CDLL("libxcb.so.1")
    for name in ("connect", "get_setup", "get_property_value", "get_image_data"):
        getattr(xcb, f"xcb_{name}").restype = c_void_p
    xcb.xcb_setup_roots_iterator.restype = Screens
    questions: dict[str, list[Any]] = {
        "get_property": [c_uint8, c_uint32, c_uint32, c_uint32, c_uint32, c_uint32],
        "intern_atom": [c_uint8, c_uint16, ctypes.c_char_p],
        "get_geometry": [c_uint32],
        "get_image": [c_uint8, c_uint32, c_int16, c_int16, c_uint16, c_uint16, c_uint32],
    }
    for name, types in questions.items():
        ask, reply = getattr(xcb, f"xcb_{name}"), getattr(xcb, f"xcb_{name}_reply")
        ask.argtypes, ask.restype = [c_void_p, *types], Cookie
        reply.argtypes, reply.restype = [c_void_p, Cookie, c_void_p], POINTER(Answer)
    return xcb
