"""Carousel: goes from style to style while the picture keeps running."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from livestyle.errors import UsageError
from livestyle.frame import StreamInfo
from livestyle.stylize.stylizer import Stylizer


class Carousel:
    """The styles that keys, a playlist or time choose from.

    Args:
        stylizer: its style is made ready, which takes a moment; its controls change once the next one is.
        names: of the styles, in order.
        info: the size of frames that styles are made ready for.
        say: told, in one line, when a style cannot be used.

    Attributes:
        wanted: the style that was chosen last; ``stylizer.controls`` follows when it is ready.
    """

    def __init__(
        self, stylizer: Stylizer, names: Sequence[str], info: StreamInfo, say: Callable[[str], None]
    ) -> None:
        self._stylizer = stylizer
        self._names = list(names)
        self._blank = np.zeros((info.height, info.width, 3), np.uint8)
        self._say = say
        self._loading = threading.Lock()
        self._ready: set[str] = set()
        self.wanted = stylizer.controls.style
        self._make_ready(self.wanted)

    def step(self, steps: int) -> None:
        """Go *steps* styles on; from the last to the first."""
        if not self._names:
            return
        if self.wanted in self._names:
            self.choose(self._names[(self._names.index(self.wanted) + steps) % len(self._names)])
        else:  # a style from a file comes before the first
            self.choose(self._names[0 if steps > 0 else -1])

    def pick(self, number: int) -> None:
        """Go to style *number*, counted from 1, if there are so many."""
        if number <= len(self._names):
            self.choose(self._names[number - 1])

    def choose(self, style: str) -> None:
        """Make *style* ready in the background, then change to it; the last choice wins."""
        self.wanted = style
        # no daemon: leaving Python while a backend compiles would abort
        threading.Thread(target=self._change, args=(style,), name="style").start()

    def _change(self, style: str) -> None:
        try:
            self._make_ready(style)
        except UsageError as error:
            self._say(str(error))
            self.wanted = self._stylizer.controls.style
            return
        if self.wanted == style:
            self._stylizer.controls = replace(self._stylizer.controls, style=style)

    def _make_ready(self, style: str) -> None:
        with self._loading:
            if style not in self._ready:  # else it may be painting just now
                self._stylizer.warm(style, self._blank)
                self._ready.add(style)
