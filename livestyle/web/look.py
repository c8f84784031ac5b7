"""Look: a source painted in one way, for all who watch it so."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from livestyle.errors import LivestyleError, UsageError
from livestyle.frame import Frame, Pixels, StreamInfo
from livestyle.live.carousel import Carousel
from livestyle.live.remote import SAID_SECONDS
from livestyle.live.show import Show
from livestyle.pipeline import Pipeline, each
from livestyle.stylize.brush import own_brush, working_scale
from livestyle.stylize.stylizer import Controls, Stylizer
from livestyle.web.audience import Audience
from livestyle.web.feed import Feed, Tap
from livestyle.web.folders import hide_folder, hide_folders

log = logging.getLogger(__name__)


class Look:
    """Paints the frames of *feed* until it is stopped or the source is gone.

    Args:
        feed: is tapped in the background.
        controls: to begin with.
        styles: what may be chosen.
        open_stylizer: opens it for so many frames per second; may take seconds.
        loop: that viewers wait in.
        on_revert: called in *loop* when controls cannot be: with those, and with what is painted instead;
            with None when nothing is.
        on_end: called in *loop*, with this look, once nothing more is painted.

    Attributes:
        audience: who watches.
        number: of this look, which no other of this run has.
    """

    _numbers = itertools.count(1)

    def __init__(
        self,
        feed: Feed,
        controls: Controls,
        styles: Sequence[str],
        open_stylizer: Callable[[Controls, float], Stylizer],
        loop: asyncio.AbstractEventLoop,
        on_revert: Callable[[Look, Controls, Controls | None], None],
        on_end: Callable[[Look], None],
    ) -> None:
        self.feed = feed
        self.number = next(self._numbers)
        self._said, self._said_at = "", float("-inf")
        self.audience = Audience(self._find_original, loop)
        self._wanted = controls
        self._styles = styles
        self._open_stylizer = open_stylizer
        self._loop = loop
        self._on_revert = on_revert
        self._on_end = on_end
        self._originals: deque[Frame] = deque(maxlen=4)
        self._stopped = threading.Event()
        self._show: Show | None = None
        self._info: StreamInfo | None = None
        self._stylizer: Stylizer | None = None
        self._carousel: Carousel | None = None
        self._pipeline: Pipeline | None = None
        # no daemon: leaving Python while a backend compiles would abort
        self._thread = threading.Thread(target=self._run, name="look")
        self._thread.start()

    @property
    def controls(self) -> Controls:
        """As they were set last; a style may still be made ready."""
        carousel = self._carousel
        return carousel.wanted if carousel else self._wanted

    @property
    def trouble(self) -> str:
        """What went wrong in the last seconds; empty when nothing did."""
        return self._said if time.perf_counter() - self._said_at < SAID_SECONDS else ""

    def set(self, controls: Controls) -> None:
        """Replace all controls."""
        self._wanted = controls
        if carousel := self._carousel:
            carousel.set(controls)

    def figures(self) -> Figures:
        """Return what is being done just now."""
        pipeline, stylizer, show, info = self._pipeline, self._stylizer, self._show, self._info
        if not (pipeline and stylizer and show and info):
            return Figures(painting=self._wanted.style)
        meter = pipeline.meters[0]
        return Figures(
            stylizer.controls.style,
            info.width,
            info.height,
            working_scale(min(info.height, info.width), stylizer.controls.brush, stylizer.scale),
            own_brush(min(info.height, info.width)),
            show.waiting,
            round(meter.fps, 1),
            round(1000 * meter.latency_seconds()),
            round(1000 * meter.latency_seconds(95)),
            meter.frames,
            pipeline.dropped,
        )

    def stop(self) -> None:
        """Paint no more; returns at once."""
        self._stopped.set()
        if pipeline := self._pipeline:
            pipeline.stop()

    def join(self, seconds: float) -> None:
        """Wait until nothing is painted any more, at most so long."""
        self._thread.join(seconds)

    def _run(self) -> None:
        reason = f"{self.feed.name} has ended"
        try:
            tap = self.feed.tap()
            try:
                self._open(tap)
                if self._pipeline and not self._stopped.is_set():
                    self._pipeline.run()
            finally:
                tap.close()
        except LivestyleError as error:
            reason = self._hide(str(error))
        finally:
            self._let_go()
            self._call(self._end, reason)

    def _let_go(self) -> None:
        """Free the networks now: parts that know each other would keep them until Python looks for such."""
        self._show = self._stylizer = self._carousel = self._pipeline = None
        self._originals.clear()

    def _open(self, tap: Tap) -> None:
        """Make everything ready to paint what comes out of *tap*."""
        self._info = tap.info
        wanted = self._wanted
        try:
            self._stylizer = self._open_stylizer(wanted, tap.info.fps or 30.0)
            self._carousel = Carousel(self._stylizer, self._styles, tap.info, self._say, self._revert)
        except UsageError:
            self._revert(wanted, None)
            raise
        self._show = Show(self._stylizer, self._carousel.ready, lambda: tap.lost)
        self._pipeline = Pipeline(tap, each(self._paint), [self.audience])
        self.set(self._wanted)  # what was changed in the meantime

    def _paint(self, frame: Frame) -> Frame:
        self._originals.append(frame)
        assert self._show is not None
        return self._show(frame)

    def _find_original(self, frame: Frame) -> Pixels | None:
        kept = tuple(self._originals)
        return next((other.pixels for other in kept if other.index == frame.index), None)

    def _say(self, text: str) -> None:
        log.warning("%s: %s", self.feed.name, text)
        self._said, self._said_at = self._hide(text), time.perf_counter()

    def _hide(self, text: str) -> str:
        """Return an error's *text* without the folders of this machine."""
        for file in (self.feed.file, self.controls.background):
            text = hide_folder(text, file)
        return hide_folders(text)

    def _revert(self, failed: Controls, kept: Controls | None) -> None:
        self._call(self._on_revert, self, failed, kept)

    def _call(self, function: Callable[..., None], *given: object) -> None:
        with contextlib.suppress(RuntimeError):  # the server was closed while a style was made ready
            self._loop.call_soon_threadsafe(function, *given)

    def _end(self, reason: str) -> None:
        self.audience.end(reason)
        self._on_end(self)


@dataclass(frozen=True)
class Figures:
    """What a look does just now.

    Attributes:
        painting: the style that is painted; the one wanted may still be made ready.
        width, height: of the frames, in pixels; 0 before the first.
        scale: the size at which they are painted, as a part of that; more than 1 where fine strokes need it.
        own_brush: what a brush of 0 stands for at that size.
        waiting: whether the source is lost, and a slate is shown.
        fps: frames painted per second.
        latency_ms, slow_latency_ms: from captured to painted; the median, and the 95th percentile.
        frames: so far.
        dropped: so far, because a newer one was there.
    """

    painting: str
    width: int = 0
    height: int = 0
    scale: float = 1.0
    own_brush: float = 1.0
    waiting: bool = False
    fps: float = 0.0
    latency_ms: int = 0
    slow_latency_ms: int = 0
    frames: int = 0
    dropped: int = 0
