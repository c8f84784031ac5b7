"""Reads what is written onto the windows of an X server. By xcb: Xlib ends the program when one is gone."""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, Structure, c_int, c_uint, c_uint8, c_uint16, c_uint32, c_void_p
from typing import Any

ANY_TYPE, MOST_WORDS = 0, 1024
"""Of a property: whatever its type is, and no more than so much of it."""


class Screens(Structure):
    """xcb_screen_iterator_t; a screen begins with its root window."""

    _fields_ = (("root", POINTER(c_uint32)), ("left", c_int), ("index", c_int))


class Cookie(Structure):
    """Stands for an answer that is on its way."""

    _fields_ = (("number", c_uint),)


class Answer(Structure):
    """What the answers to both questions begin with; ``atom`` is of the one that asks for it."""

    _fields_ = (
        ("kind", c_uint8),
        ("detail", c_uint8),
        ("number", c_uint16),
        ("length", c_uint32),
        ("atom", c_uint32),
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
        answer = self._xcb.xcb_get_property_reply(self._connection, asked, None)
        if not answer:
            return []
        count = self._xcb.xcb_get_property_value_length(answer) // 4
        first = ctypes.cast(self._xcb.xcb_get_property_value(answer), POINTER(c_uint32))
        numbers = first[:count]
        self._free(answer)
        return numbers

    def atom(self, name: str) -> int:
        """Return the number that the server has for *name*."""
        if name not in self._atoms:
            asked = self._xcb.xcb_intern_atom(self._connection, 0, len(name), name.encode())
            answer = self._xcb.xcb_intern_atom_reply(self._connection, asked, None)
            self._atoms[name] = answer[0].atom if answer else 0
            self._free(answer)
        return self._atoms[name]

    def close(self) -> None:
        """Hang up."""
        self._xcb.xcb_disconnect(self._connection)


def load_xcb() -> Any:
    """Return the library; raises OSError when there is none."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = xcb.xcb_get_setup.restype = xcb.xcb_get_property_value.restype = c_void_p
    xcb.xcb_setup_roots_iterator.restype = Screens
    xcb.xcb_get_property.restype = xcb.xcb_intern_atom.restype = Cookie
    words = [c_uint32] * 5
    xcb.xcb_get_property.argtypes = [c_void_p, c_uint8, *words]
    xcb.xcb_intern_atom.argtypes = [c_void_p, c_uint8, c_uint16, ctypes.c_char_p]
    for reply in (xcb.xcb_get_property_reply, xcb.xcb_intern_atom_reply):
        reply.argtypes, reply.restype = [c_void_p, Cookie, c_void_p], POINTER(Answer)
    return xcb
