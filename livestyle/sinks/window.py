"""Window sink: shows frames in a window on this machine and hears its keys."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from livestyle.errors import SinkUnavailable
from livestyle.frame import Frame, Pixels
from livestyle.sinks.display import require_display
from livestyle.sinks.hidden import open_watch
from livestyle.sinks.lettering import write_lines

NO_KEY = -1

LOOK_SECONDS = 0.25
"""Between two looks whether the window is hidden."""


class WindowSink:
    """Shows frames in a resizable window. Lives on the main thread, as windows must.

    Args:
        width, height: of the window at first, in pixels.
        title: on its frame.
        on_key: called with the code of each key pressed: that of its character, or what OpenCV gives.
        on_mouse: called with where the mouse is, as a part of the picture's width.
        on_close: called once when the user closes the window by its cross.
        read_lines: returns the lines of text to lay over each frame; none to lay over nothing.

    Attributes:
        mirror: whether left and right are exchanged, as people expect of a picture of themselves.
        idle: whether the window is minimised or on another workspace, as far as the system tells.

    Raises:
        SinkUnavailable: there is no display, or this OpenCV was built without windows.
    """

    name = "window"
    main_thread = True

    def __init__(
        self,
        width: int = 640,
        height: int = 360,
        title: str = "livestyle",
        *,
        on_key: Callable[[int], None] = lambda key: None,
        on_mouse: Callable[[float], None] = lambda position: None,
        on_close: Callable[[], None] = lambda: None,
        read_lines: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        require_display()
        self.mirror = False
        self.idle = False
        self._looked_at = 0.0
        self._title = title
        self._on_key = on_key
        self._on_mouse = on_mouse
        self._on_close = on_close
        self._read_lines = read_lines
        self._open = True
        self._shown_width, self._bar = width, 0.0  # of the picture with its bars; one bar's part of that
        try:
            cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_FREERATIO | cv2.WINDOW_GUI_NORMAL)
            cv2.resizeWindow(title, width, height)
        except cv2.error as error:
            hint = "pip uninstall -y opencv-python-headless && pip install opencv-python"
            raise SinkUnavailable(f"this OpenCV has no windows; run: {hint}") from error
        cv2.setMouseCallback(title, self._hear_mouse)
        self._watch = open_watch(title)

    def write(self, frame: Frame) -> None:
        """Show *frame*; returns once it is on the screen."""
        if not self._open or self.idle:
            return
        pixels = frame.on_black
        if self.mirror:
            pixels = np.ascontiguousarray(pixels[:, ::-1])
        lines = self._read_lines()
        if lines:
            pixels = write_lines(pixels, lines)
        cv2.imshow(self._title, cv2.cvtColor(self._letterbox(pixels), cv2.COLOR_RGB2BGR))
        self.pump()

    def pump(self) -> None:
        """Let the window redraw, hand on keys, and notice when it is closed."""
        if not self._open:
            return
        key = cv2.pollKey()
        visible = self._is_visible()
        if visible is None or not (visible or sys.platform == "darwin"):
            self._open = False
            self._on_close()
            return
        now = time.perf_counter()
        if now - self._looked_at > LOOK_SECONDS:
            self._looked_at = now
            self.idle = not visible or self._watch.is_hidden()
        if key != NO_KEY:
            self._on_key(key)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back to a window."""
        full = cv2.getWindowProperty(self._title, cv2.WND_PROP_FULLSCREEN) == cv2.WINDOW_FULLSCREEN
        mode = cv2.WINDOW_NORMAL if full else cv2.WINDOW_FULLSCREEN
        cv2.setWindowProperty(self._title, cv2.WND_PROP_FULLSCREEN, mode)

    def close(self) -> None:
        """Take the window off the screen."""
        if self._open:
            self._open = False
            cv2.destroyWindow(self._title)
            cv2.pollKey()
        self._watch.close()

    def _is_visible(self) -> bool | None:
        """Tell whether it can be seen; None: it is gone. On macOS one that is minimised or hidden cannot."""
        try:
            told = cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE)
        except cv2.error:  # what OpenCV says of the last window, once it is closed
            return None
        return None if told < 0 else told >= 1

    def _hear_mouse(self, event: int, x: int, y: int, flags: int, data: object) -> None:
        """Hand on where the mouse is in the picture; *x* counts pixels of the picture with its bars."""
        width = max(self._shown_width, 1)
        across = (x / width - self._bar) / max(1 - 2 * self._bar, 1e-6)
        self._on_mouse(min(max(across, 0.0), 1.0))

    def _letterbox(self, pixels: Pixels) -> Pixels:
        """Return *pixels* with black bars that give it the shape of the window, which OpenCV fills."""
        _, _, wide, high = cv2.getWindowImageRect(self._title)
        height, width = pixels.shape[:2]
        across = down = 0
        if wide > 0 and high > 0:
            across = max(round(height * wide / high) - width, 0) // 2
            down = max(round(width * high / wide) - height, 0) // 2
        self._shown_width = width + 2 * across
        self._bar = across / self._shown_width
        if across + down < 2:
            return pixels
        framed = cv2.copyMakeBorder(pixels, down, down, across, across, cv2.BORDER_CONSTANT)
        return framed.astype(np.uint8, copy=False)
