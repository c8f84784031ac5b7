"""A clock that is drawn into pictures as black and white squares, and read back from what became of them."""

from __future__ import annotations

import ctypes
import time

import numpy as np

from livestyle.frame import Pixels

SIDE, ACROSS, DOWN = 40, 16, 2
"""Of each square in pixels, and how many there are."""

TICK_SECONDS = 0.001
MARK = 0b10110010
"""Eight squares that are always the same: what does not show them is no clock, or is being redrawn."""


def draw_clock(pixels: Pixels, now: float | None = None) -> None:
    """Draw the time of ``time.perf_counter()``, which all programs here share, along the lower edge."""
    ticks = round((time.perf_counter() if now is None else now) / TICK_SECONDS) % 2**24
    for number in range(ACROSS * DOWN):
        row, column = divmod(number, ACROSS)
        bottom = pixels.shape[0] - SIDE * (DOWN - row)
        square = pixels[bottom : bottom + SIDE, column * SIDE : (column + 1) * SIDE]
        square[:] = 255 * ((MARK << 24 | ticks) >> number & 1)


def read_clock(pixels: Pixels, now: float) -> float | None:
    """Return how many seconds before *now* the clock in *pixels* was drawn; None when there is none."""
    ticks = 0
    for number in range(ACROSS * DOWN):
        row, column = divmod(number, ACROSS)
        bottom = pixels.shape[0] - SIDE * (DOWN - row)
        inside = pixels[bottom + 12 : bottom + SIDE - 12, column * SIDE + 12 : (column + 1) * SIDE - 12]
        ticks |= int(inside.mean() > 127) << number
    if ticks >> 24 != MARK:
        return None
    age = (round(now / TICK_SECONDS) - ticks) % 2**24 * TICK_SECONDS
    return age if age < 60 else None


class Glass:
    """Reads the pixels of a window from the X server *display* itself: what a person would see.

    Args:
        window: its number, as xdotool tells it.
        width, height: of the window, in pixels.
    """

    def __init__(self, display: str, window: int, width: int, height: int) -> None:
        self._x11 = x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = x11.XGetImage.restype = ctypes.c_void_p
        self._display = ctypes.c_void_p(x11.XOpenDisplay(display.encode()))
        self._area = (ctypes.c_ulong(window), 0, 0, width, height)
        self._shape = height, width, 4

    def look(self) -> tuple[Pixels, float]:
        """Return the pixels now, RGB, and when now is."""
        image = self._x11.XGetImage(self._display, *self._area, ctypes.c_ulong(0xFFFFFFFF), 2)
        now = time.perf_counter()
        data = ctypes.cast(image + 16, ctypes.POINTER(ctypes.c_void_p))[0]  # after four numbers
        size = int(np.prod(self._shape))
        pixels = np.frombuffer(ctypes.string_at(data, size), np.uint8).reshape(self._shape)[..., 2::-1]
        self._x11.XDestroyImage(ctypes.c_void_p(image))
        return pixels, now

    def close(self) -> None:
        self._x11.XCloseDisplay(self._display)
