"""Pattern source: a moving test scene, for demos, benchmarks and tests without a camera."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from livestyle.frame import Frame, StreamInfo
from livestyle.settings import Checked, setting
from livestyle.sources.landscape import Landscape


@dataclass(frozen=True)
class PatternSettings(Checked):
    """What the scene looks like, and how long it lasts."""

    width: int = setting(640, "in pixels", low=16, high=7680)
    height: int = setting(360, "in pixels", low=16, high=4320)
    fps: float = setting(30.0, "frames per second", low=1, high=240)
    frame_count: int | None = setting(None, "frames to yield; none for ever", low=1)
    live: bool = setting(True, "True keeps time like a camera, False draws as fast as frames are taken")


class PatternSource:
    """Yields a landscape in motion; the same picture for the same index, in every run.

    Args:
        options: fields of ``PatternSettings``.

    Live, frame *i* comes *i / fps* seconds after the first; whoever is late for one gets the next, and the
    index counts those left out.
    """

    def __init__(self, **options: int | float | bool | None) -> None:
        self._settings = settings = PatternSettings(**options)  # type: ignore[arg-type]
        self._scene = Landscape(settings.width, settings.height)
        self._closed = False
        self.info = StreamInfo(
            settings.width, settings.height, settings.fps, settings.live, settings.frame_count
        )

    def __iter__(self) -> Iterator[Frame]:
        fps, count = self._settings.fps, self._settings.frame_count
        started = time.perf_counter()
        index = 0
        while not self._closed and (count is None or index < count):
            if self._settings.live:
                time.sleep(max(started + index / fps - time.perf_counter(), 0))
            pixels = self._scene.draw(index / fps)
            yield Frame(pixels, index, index / fps, time.perf_counter())
            late = int((time.perf_counter() - started) * fps) if self._settings.live else 0
            index = max(index + 1, late)

    def close(self) -> None:
        """End the scene."""
        self._closed = True
