"""Carousel: goes from style to style, and from cutout to cutout, while the picture keeps running."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from livestyle.errors import UsageError, one_line
from livestyle.frame import StreamInfo
from livestyle.stylize.stylizer import Controls, Stylizer


class Carousel:
    """The controls that were set, and the styles that they choose from.

    Args:
        stylizer: styles are made ready for it, which takes a moment.
        names: of the styles, in order.
        info: the size of frames that styles are made ready for.
        say: told, in one line, when a style cannot be used.
        on_revert: told then, too: the controls that cannot be, and those that are wanted instead.

    Attributes:
        names: as given.
        wanted: the controls that were set last.
    """

    def __init__(
        self,
        stylizer: Stylizer,
        names: Sequence[str],
        info: StreamInfo,
        say: Callable[[str], None],
        on_revert: Callable[[Controls, Controls], None] = lambda failed, kept: None,
    ) -> None:
        self._stylizer = stylizer
        self._blank = np.zeros((info.height, info.width, 3), np.uint8)
        self._say = say
        self._on_revert = on_revert
        self._loading = threading.Lock()
        self.names = tuple(names)
        self._failed: set[str] = set()  # their files are gone or damaged: stepping goes past them
        self.wanted = stylizer.controls
        stylizer.warm(self.wanted, self._blank)  # at all sizes: no frame waits when the governor steps
        if self.wanted.cutout != "none":
            stylizer.warm_cutout(self._blank)

    def set(self, controls: Controls) -> None:
        """Replace the controls; what is not ready is made so in the background. The last one wins."""
        new = controls.look != self.wanted.look
        cuts = controls.cutout != "none" == self.wanted.cutout
        self.wanted = controls
        if cuts and not self._stylizer.is_warm_cutout(self._blank):
            threading.Thread(target=self._prepare_cutout, name="cutout").start()
        if new and not self._stylizer.is_warm(controls):
            # no daemon: leaving Python while a backend compiles would abort
            threading.Thread(target=self._prepare, args=(controls,), name="style").start()

    def prepare(self, controls: Controls) -> None:
        """Make *controls* ready for later; returns when they are, or cannot be."""
        with self._loading, suppress(UsageError, RuntimeError):  # told when they are set
            if not self._stylizer.is_warm(controls):
                self._stylizer.warm(controls, self._blank)
            if controls.cutout != "none":
                self._stylizer.warm_cutout(self._blank)

    def ready(self, painting: Controls) -> Controls:
        """Return the controls to paint by: those set, with the look of *painting* until theirs is ready.

        Nothing is cut out until people can be found.
        """
        wanted = self.wanted
        if wanted.cutout != "none" and not self._stylizer.is_warm_cutout(self._blank):
            wanted = replace(wanted, cutout="none")
        return wanted if self._stylizer.is_warm(wanted) else with_look(wanted, painting)

    def step(self, steps: int) -> None:
        """Go *steps* styles on; from the last to the first."""
        names = [name for name in self.names if name not in self._failed or self._is_ready(name)]
        if not names:
            return
        if self.wanted.style in names:
            self.choose(names[(names.index(self.wanted.style) + steps) % len(names)])
        else:  # a style from a file comes before the first
            self.choose(names[0 if steps > 0 else -1])

    def _is_ready(self, name: str) -> bool:
        return name == self.wanted.style or self._stylizer.is_warm(replace(self.wanted, style=name))

    def pick(self, number: int) -> None:
        """Go to style *number*, counted from 1, if there are so many."""
        if number <= len(self.names):
            self.choose(self.names[number - 1])

    def choose(self, style: str) -> None:
        """Change to *style*, and nothing else."""
        self.set(replace(self.wanted, style=style))

    def _prepare(self, controls: Controls) -> None:
        try:
            self._make_ready(controls)
            self._failed.discard(controls.style)
        except (UsageError, RuntimeError) as error:  # of a GPU: no memory left
            if isinstance(error, UsageError):
                self._failed.add(controls.style)
            self._say(one_line(error))
            if self.wanted.look == controls.look:
                self._revert(with_look(self.wanted, self._stylizer.controls))

    def _prepare_cutout(self) -> None:
        try:
            self._stylizer.warm_cutout(self._blank)
        except UsageError as error:
            self._say(str(error))
            self._revert(replace(self.wanted, cutout="none"))

    def _revert(self, kept: Controls) -> None:
        failed, self.wanted = self.wanted, kept
        self._on_revert(failed, kept)

    def _make_ready(self, controls: Controls) -> None:
        with self._loading:
            overtaken = controls.look != self.wanted.look
            if not overtaken and not self._stylizer.is_warm(controls):  # else it may be painting just now
                self._stylizer.warm(controls, self._blank)


def with_look(controls: Controls, look: Controls) -> Controls:
    """Return *controls* with what takes a moment to change, style, tier and brush, as in *look*."""
    return replace(controls, style=look.style, tier=look.tier, brush=look.brush)
