"""Studio: the sources, what is painted of them, and who watches; knows nothing of HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any, NamedTuple

from livestyle.errors import TooMany, UnknownName, UsageError
from livestyle.live.carousel import with_look
from livestyle.live.remote import replace_controls
from livestyle.settings import ServeSettings
from livestyle.styles.store import find_style, list_files
from livestyle.stylize.stylizer import Controls, Stylizer
from livestyle.web.audience import Viewer
from livestyle.web.feed import Feed
from livestyle.web.folders import FILES, name_of
from livestyle.web.look import Look
from livestyle.web.wishes import check_texts

LINGER_SECONDS = 10.0
"""How long a source stays open after the last viewer left: pages are loaded again."""

STOPPING_SECONDS = 5.0
"""How long the end waits for what is being painted."""


class Key(NamedTuple):
    """What tells one look from another: the source, and which settings it has of its own."""

    source: str
    own: tuple[tuple[str, Any], ...] = ()


class Studio:
    """Opens looks when somebody watches, and closes them when nobody does. All in one event loop.

    Args:
        feeds: the sources of this server; the first is shown unless another is asked for.
        controls: of each source at first.
        open_stylizer: opens one for so many frames per second.
        settings: the limits.

    Attributes:
        feeds: by name; cameras lent by browsers come and go.
        controls: of each source that was ever shown, by its name.
        looks: that are painted now.
        closed: whether nothing is painted any more.
    """

    def __init__(
        self,
        feeds: Sequence[Feed],
        controls: Controls,
        open_stylizer: Callable[[Controls, float], Stylizer],
        settings: ServeSettings,
    ) -> None:
        self.feeds = {feed.name: feed for feed in feeds}
        self.looks: dict[Key, Look] = {}
        self.closed = False
        self._threads: set[Look] = set()
        self._leaving: dict[Key, asyncio.TimerHandle] = {}
        self._controls: dict[str, Controls] = {}
        self._first_controls = controls
        self._open_stylizer = open_stylizer
        self._settings = settings

    @property
    def styles(self) -> tuple[str, ...]:
        """Names that may be chosen, with those that were added meanwhile; no other reaches the disk."""
        return tuple(list_files())

    @property
    def viewers(self) -> int:
        """How many watch."""
        return sum(len(look.audience.viewers) for look in self.looks.values())

    def find(self, source: str | None) -> Feed:
        """Return the feed of that name, or the first; raises UnknownName when there is none."""
        if not source:
            return next(iter(self.feeds.values()))
        if source not in self.feeds:
            raise UnknownName("source", source[:40], self.feeds)
        return self.feeds[source]

    def controls(self, source: str) -> Controls:
        """Return the controls of *source*, as they were set last."""
        return self._controls.get(source, self._first_controls)

    def set(self, source: str, wishes: Mapping[str, Any]) -> Controls:
        """Change those controls of *source* that *wishes* names; looks with settings of their own keep those.

        Raises:
            UsageError: there is no such control or style, or it cannot have that value; nothing changes.
        """
        controls = self._check(self._replace(self.controls(source), wishes))
        told = [
            (look, self._with_own(controls, dict(key.own)))
            for key, look in self.looks.items()
            if key.source == source
        ]
        self._controls[source] = controls
        for look, its in told:
            look.set(its)
        return controls

    @contextmanager
    def watch(self, source: str | None, own: Mapping[str, Any], viewer: Viewer) -> Iterator[Look]:
        """Let *viewer* watch *source* with its *own* settings instead of those of all, while inside.

        Raises:
            UnknownName, UsageError: there is no such source or setting.
            TooMany: no more viewers or looks are taken.
        """
        if self.viewers >= self._settings.viewers:
            raise TooMany(f"{self._settings.viewers} viewers are watching, no more are let in; try later")
        key, look = self._enter(source, own)
        look.audience.join(viewer)
        try:
            yield look
        finally:
            look.audience.leave(viewer)
            if not look.audience.viewers and self.looks.get(key) is look:
                loop = asyncio.get_running_loop()
                self._leaving[key] = loop.call_later(LINGER_SECONDS, self._leave, key, look)

    def add(self, feed: Feed) -> None:
        """Offer *feed* to watch; its name must be new."""
        self.feeds[feed.name] = feed

    def remove(self, feed: Feed) -> None:
        """Offer *feed* no more, and stop what is painted of it."""
        self.feeds.pop(feed.name, None)
        for key, look in self.looks.items():
            if key.source == feed.name:
                look.stop()

    async def close(self) -> None:
        """Stop all that is painted, and what reads the sources: a thread within OpenCV makes Python abort."""
        self.closed = True
        looks = list(self._threads)
        for look in looks:
            look.stop()
            look.audience.end("the server is being stopped")
        await asyncio.gather(*(asyncio.to_thread(look.join, STOPPING_SECONDS) for look in looks))
        await asyncio.gather(*(asyncio.to_thread(feed.join) for feed in self.feeds.values()))

    def _enter(self, source: str | None, own: Mapping[str, Any]) -> tuple[Key, Look]:
        feed = self.find(source)
        key = Key(feed.name, tuple(sorted(own.items())))
        controls = self._with_own(self.controls(feed.name), own)
        self._stop_leaving(key)
        look = self.looks.get(key)
        if look is None:
            self._make_room()
            if len(self.looks) >= self._settings.looks or len(self._threads) >= 2 * self._settings.looks:
                raise TooMany(
                    f"{self._settings.looks} pictures are being painted, no more are begun; close an overlay"
                    " with a style of its own, or try later"
                )
            loop = asyncio.get_running_loop()
            look = Look(feed, controls, self.styles, self._open_stylizer, loop, self._revert, self._forget)
            self.looks[key] = look
            self._threads.add(look)
        return key, look

    def _make_room(self) -> None:
        """When there are as many looks as there may be, stop the oldest that nobody watches any more."""
        if len(self.looks) >= self._settings.looks:
            for key, look in self.looks.items():
                if not look.audience.viewers:
                    self._leave(key, look)
                    return

    def _leave(self, key: Key, look: Look) -> None:
        """Stop *look* when nobody came back."""
        self._stop_leaving(key)
        if not look.audience.viewers and self.looks.get(key) is look:
            del self.looks[key]
            look.stop()

    def _stop_leaving(self, key: Key) -> None:
        if key in self._leaving:
            self._leaving.pop(key).cancel()

    def _revert(self, look: Look, failed: Controls, kept: Controls | None) -> None:
        """Set back for all what *look* cannot paint of what *failed*, so that no other look tries."""
        kept = kept or with_look(replace(failed, cutout=self._first_controls.cutout), self._first_controls)
        shared = self.controls(look.feed.name)
        own = next((dict(key.own) for key, other in self.looks.items() if other is look), {})
        for name, value in asdict(failed).items():
            if name not in own and value == getattr(shared, name) != getattr(kept, name):
                shared = replace(shared, **{name: getattr(kept, name)})
        self._controls[look.feed.name] = shared

    def _forget(self, look: Look) -> None:
        """Do without *look*, which has ended."""
        self._threads.discard(look)
        for key in [key for key, other in self.looks.items() if other is look]:
            self._stop_leaving(key)
            del self.looks[key]

    def _replace(self, controls: Controls, wishes: Mapping[str, Any]) -> Controls:
        """Return *controls* as *wishes* want them; files of this machine go by the name that is told."""
        ours = {name: getattr(self._first_controls, name) for name in FILES}
        files = {name: value for name, value in ours.items() if wishes.get(name) == name_of(value)}
        return replace_controls(controls, {**wishes, **files})

    def _check(self, controls: Controls) -> Controls:
        """Return *controls*; raises UsageError unless they say only what is offered, and can be painted."""
        check_texts(controls, self._first_controls, self.styles)
        find_style(controls.style, controls.tier)
        return controls

    def _with_own(self, shared: Controls, own: Mapping[str, Any]) -> Controls:
        """Return *shared* controls with those replaced that a look has of its *own*; raises as ``set``.

        Where the style is its own or the tier, but not both, and one is not there in the other, it is painted
        in a tier in which it is.
        """
        controls = self._replace(shared, own)
        check_texts(controls, self._first_controls, self.styles)  # before any of them reaches the disk
        try:
            find_style(controls.style, controls.tier)
        except UsageError:
            if ("style" in own) == ("tier" in own):
                raise
            return self._check(replace(controls, tier="auto"))
        return controls
