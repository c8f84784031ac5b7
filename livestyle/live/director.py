"""Director: plays a playlist, so that each scene comes as a whole and in time."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from livestyle.live.carousel import Carousel
from livestyle.live.playlist import Playlist, Scene
from livestyle.live.show import Show
from livestyle.stylize.stylizer import Controls


class Director:
    """Changes style and controls as *playlist* says; what scenes leave open is as without the show."""

    def __init__(self, playlist: Playlist, carousel: Carousel, show: Show) -> None:
        self._playlist = playlist
        self._carousel = carousel
        self._show = show
        self._before: dict[str, Any] = {}  # what the scene at hand has changed

    def play(self, ended: threading.Event) -> None:
        """Play until *ended* is set, or until the last scene of a show that is played once."""
        self._playlist.play(self._prepare, self._change, ended)

    def _prepare(self, scene: Scene) -> None:
        self._carousel.prepare(self._controls_of(scene))

    def _change(self, scene: Scene) -> None:
        controls = self._controls_of(scene)
        without = replace(self._carousel.wanted, **self._before)
        self._before = {name: getattr(without, name) for name in told_by(scene)}
        if controls != self._carousel.wanted:
            self._show.next_fade_seconds = scene.fade
            self._carousel.set(controls)

    def _controls_of(self, scene: Scene) -> Controls:
        return replace(self._carousel.wanted, **{**self._before, **told_by(scene)}, style=scene.style)


def told_by(scene: Scene) -> dict[str, Any]:
    """Return the controls, beside the style, that *scene* does not leave open."""
    others = ("style", "seconds", "fade")
    return {name: value for name, value in vars(scene).items() if value is not None and name not in others}
