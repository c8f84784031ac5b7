"""Window sink: shows frames in a window on this machine and hears its keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from livestyle.errors import SinkUnavailable
from livestyle.frame import Frame, Pixels
from livestyle.sinks.display import require_display
from livestyle.sinks.lettering import write_lines

NO_KEY = -1


class WindowSink:
    """Shows frames in a resizable window. Lives on the main thread, as windows must.

    Args:
        width, height: of the window at first, in pixels.
        title: on its frame.
        on_key: called with the code of each key pressed: that of its character, or what OpenCV gives.
        on_close: called once when the user closes the window by its cross.
        read_lines: returns the lines of text to lay over each frame; none to lay over nothing.

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
        on_close: Callable[[], None] = lambda: None,
        read_lines: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        require_display()
        self._title = title
        self._on_key = on_key
        self._on_close = on_close
        self._read_lines = read_lines
        self._open = True
        try:
            cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_FREERATIO | cv2.WINDOW_GUI_NORMAL)
            cv2.resizeWindow(title, width, height)
        except cv2.error as error:
            hint = "pip uninstall -y opencv-python-headless && pip install opencv-python"
            raise SinkUnavailable(f"this OpenCV has no windows; run: {hint}") from error

    def write(self, frame: Frame) -> None:
        """Show *frame*; returns once it is on the screen."""
        if not self._open:
            return
        lines = self._read_lines()
        pixels = write_lines(frame.pixels, lines) if lines else frame.pixels
        cv2.imshow(self._title, cv2.cvtColor(self._letterbox(pixels), cv2.COLOR_RGB2BGR))
        self.pump()

    def pump(self) -> None:
        """Let the window redraw, hand on keys, and notice when it is closed."""
        if not self._open:
            return
        key = cv2.pollKey()
        if not self._is_there():
            self._open = False
            self._on_close()
        elif key != NO_KEY:
            self._on_key(key)

    def close(self) -> None:
        """Take the window off the screen."""
        if self._open:
            self._open = False
            cv2.destroyWindow(self._title)
            cv2.pollKey()

    def _is_there(self) -> bool:
        try:
            return cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) >= 1
        except cv2.error:  # what OpenCV says of the last window, once it is closed
            return False

    def _letterbox(self, pixels: Pixels) -> Pixels:
        """Return *pixels* with black bars that give it the shape of the window, which OpenCV fills."""
        _, _, wide, high = cv2.getWindowImageRect(self._title)
        height, width = pixels.shape[:2]
        if wide < 1 or high < 1:
            return pixels
        across = max(round(height * wide / high) - width, 0) // 2
        down = max(round(width * high / wide) - height, 0) // 2
        if across + down < 2:
            return pixels
        framed = cv2.copyMakeBorder(pixels, down, down, across, across, cv2.BORDER_CONSTANT)
        return framed.astype(np.uint8, copy=False)
