"""Whether the window of this program can be seen, where the system tells."""

from __future__ import annotations

import ctypes
import sys

from livestyle.x11 import X11


def open_watch(title: str) -> BlindWatch:
    """Return what tells of the window *title*."""
    if sys.platform == "win32":
        return WindowsWatch(title)
    try:
        return X11Watch() if sys.platform.startswith("linux") else BlindWatch()
    except OSError:  # nothing to ask with
        return BlindWatch()


class BlindWatch:
    """Knows nothing: macOS, and Wayland where a window is its own, keep it to themselves."""

    def is_hidden(self) -> bool:
        """Return False."""
        return False

    def close(self) -> None:
        """Do nothing."""


class WindowsWatch(BlindWatch):
    """Asks Windows whether the window *title* is minimised."""

    def __init__(self, title: str) -> None:
        self._title = title

    def is_hidden(self) -> bool:
        """Return whether the window is minimised."""
        user32 = ctypes.windll.user32  # type: ignore[attr-defined,unused-ignore]
        return bool(user32.IsIconic(user32.FindWindowW(None, self._title)))


class X11Watch(BlindWatch):
    """Reads what the window manager writes onto windows: minimised, or on another workspace.

    Raises:
        OSError: there is no X server, or no library to ask it with.
    """

    ICONIC = 3
    """Of WM_STATE: minimised."""
    EVERYWHERE = 0xFFFFFFFF
    """Of _NET_WM_DESKTOP: on all workspaces."""

    def __init__(self) -> None:
        self._x11 = X11()

    def is_hidden(self) -> bool:
        """Return whether the windows of this program are all minimised or on another workspace."""
        windows = self._x11.own_windows()
        here = self._x11.read(self._x11.root, "_NET_CURRENT_DESKTOP")
        return bool(windows) and all(self._is_away(window, here) for window in windows)

    def close(self) -> None:
        """Hang up."""
        self._x11.close()

    def _is_away(self, window: int, here: list[int]) -> bool:
        read = self._x11.read
        place = read(window, "_NET_WM_DESKTOP")
        elsewhere = bool(here and place) and place != here and place[0] != self.EVERYWHERE
        hidden = self._x11.atom("_NET_WM_STATE_HIDDEN") in read(window, "_NET_WM_STATE")
        return elsewhere or hidden or read(window, "WM_STATE")[:1] == [self.ICONIC]
