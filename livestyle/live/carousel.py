"""Carousel: goes from style to style while the picture keeps running."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from livestyle.errors import UsageError
from livestyle.frame import StreamInfo
from livestyle.stylize.stylizer import Controls, Stylizer


class Carousel:
    """The controls that were set, and the styles that they choose from.

    Args:
        stylizer: styles are made ready for it, which takes a moment.
        names: of the styles, in order.
        info: the size of frames that styles are made ready for.
        say: told, in one line, when a style cannot be used.

    Attributes:
        names: as given.
        wanted: the controls that were set last.
    """

    def __init__(
        self, stylizer: Stylizer, names: Sequence[str], info: StreamInfo, say: Callable[[str], None]
    ) -> None:
        self._stylizer = stylizer
        self._blank = np.zeros((info.height, info.width, 3), np.uint8)
        self._say = say
        self._loading = threading.Lock()
        self._ready: set[str] = set()
        self.names = tuple(names)
        self.wanted = stylizer.controls
        self._make_ready(self.wanted.style)

    def set(self, controls: Controls) -> None:
        """Replace the controls; a style that is not ready is made so in the background. The last one wins."""
        new = controls.style != self.wanted.style
        self.wanted = controls
        if new and controls.style not in self._ready:
            # no daemon: leaving Python while a backend compiles would abort
            threading.Thread(target=self._prepare, args=(controls.style,), name="style").start()

    def ready(self, painting: str) -> Controls:
        """Return the controls to paint by: those set, in the style *painting* until theirs is ready."""
        wanted = self.wanted
        return wanted if wanted.style in self._ready else replace(wanted, style=painting)

    def step(self, steps: int) -> None:
        """Go *steps* styles on; from the last to the first."""
        if not self.names:
            return
        if self.wanted.style in self.names:
            self.choose(self.names[(self.names.index(self.wanted.style) + steps) % len(self.names)])
        else:  # a style from a file comes before the first
            self.choose(self.names[0 if steps > 0 else -1])

    def pick(self, number: int) -> None:
        """Go to style *number*, counted from 1, if there are so many."""
        if number <= len(self.names):
            self.choose(self.names[number - 1])

    def choose(self, style: str) -> None:
        """Change to *style*, and nothing else."""
        self.set(replace(self.wanted, style=style))

    def _prepare(self, style: str) -> None:
        try:
            self._make_ready(style)
        except UsageError as error:
            self._say(str(error))
            if self.wanted.style == style:
                self.wanted = replace(self.wanted, style=self._stylizer.controls.style)

    def _make_ready(self, style: str) -> None:
        with self._loading:
            if style not in self._ready:  # else it may be painting just now
                self._stylizer.warm(style, self._blank)
                self._ready.add(style)
