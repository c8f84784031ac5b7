"""Playlist: which style when, for a show that runs by itself."""

from __future__ import annotations

import threading
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from livestyle.errors import UnknownName, UsageError
from livestyle.settings import BACKGROUNDS, CUTOUTS, Checked, setting
from livestyle.styles.store import find_style
from livestyle.styles.tiers import AUTO
from livestyle.stylize.brush import BROADEST, NARROWEST
from livestyle.stylize.cutout.backdrop import Backdrop

TEXTS = ("style", "cutout", "background")
"""Fields of a scene that are texts; all but ``keep_colors`` that are none of them are numbers."""


AHEAD_SECONDS = 5.0
"""By which a scene is prepared before its time."""


@dataclass(frozen=True)
class Scene(Checked):
    """A stretch of the show in one style."""

    style: str = setting("", "name or file of the style")
    seconds: float = setting(20.0, "how long it lasts", low=0.1, high=86400)
    strength: float | None = setting(None, "0 shows the original, 1 the painting", low=0.0, high=1.0)
    stability: float | None = setting(None, "0 paints each frame by itself", low=0.0, high=1.0)
    keep_colors: bool | None = setting(None, "whether the colours stay the original's")
    brush: float | None = setting(None, "breadth of strokes", low=0.0, high=BROADEST, least=NARROWEST)
    cutout: str | None = setting(None, f"what to paint alone: {', '.join(CUTOUTS)}")
    background: str | None = setting(
        None, f"what becomes of the rest: {', '.join(BACKGROUNDS)}, or the path of a picture"
    )
    fade: float = setting(0.5, "seconds in which the scene before gives way", low=0.0, high=60.0)


@dataclass(frozen=True)
class Playlist:
    """Scenes in order.

    Attributes:
        scenes: at least one.
        repeat: whether the first follows the last; otherwise the last stays.
    """

    scenes: Sequence[Scene]
    repeat: bool = True

    @property
    def cuts_out(self) -> bool:
        """Whether a part of the frames becomes transparent in some scene."""
        return any(scene.background == "transparent" for scene in self.scenes)

    def play(
        self, prepare: Callable[[Scene], None], show: Callable[[Scene], None], ended: threading.Event
    ) -> None:
        """Call *show* with each scene when its time has come, until *ended* is set or the last has begun.

        *prepare* is called with it before; what that takes holds up no show whose scenes last some seconds.
        """
        due = time.perf_counter()
        while True:
            for number, scene in enumerate(self.scenes, start=1):
                if wait_until(due - AHEAD_SECONDS, ended):
                    return
                prepare(scene)
                if wait_until(due, ended):
                    return
                due = time.perf_counter() + scene.seconds
                show(scene)
                if number == len(self.scenes) and not self.repeat:
                    return


def wait_until(due: float, ended: threading.Event) -> bool:
    """Wait until ``time.perf_counter()`` is *due*; return whether *ended* was set before."""
    return ended.wait(max(due - time.perf_counter(), 0.0))


def read_playlist(path: Path, tier: str = AUTO) -> Playlist:
    """Read a TOML file with a table ``[[scene]]`` for each scene, and ``repeat = false`` to play it once.

    Its styles must be there in *tier*.

    Raises:
        UsageError: the file cannot be read, or a scene says something that cannot be.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {(error.strerror or '').lower()}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not a playlist: it is no text") from error
    except ValueError as error:
        raise UsageError(f"{path} is not a playlist: {error}") from error
    scenes = told.pop("scene", [])
    repeat = told.pop("repeat", True)
    tables = isinstance(scenes, list) and all(isinstance(scene, dict) for scene in scenes)
    if told or not isinstance(repeat, bool) or not tables or not scenes:
        raise UsageError(
            f"{path} must hold tables [[scene]], each with style and seconds, and maybe 'repeat = false'"
        )
    return Playlist([read_scene(scene, path, tier, number) for number, scene in enumerate(scenes, 1)], repeat)


def read_scene(told: dict[str, Any], path: Path, tier: str, number: int) -> Scene:
    """Return the scene that table *number* of the file at *path* tells of; raises UsageError as above."""
    known = {field.name for field in fields(Scene)}
    if set(told) - known or "style" not in told:
        able = ", ".join(sorted(known - {"style"}))
        unknown = f", not {', '.join(sorted(set(told) - known))}" if set(told) - known else ""
        raise UsageError(f"a scene in {path} must have a style, and may have {able}{unknown}")
    numbers = {name: value for name, value in told.items() if name not in (*TEXTS, "keep_colors")}
    if not all(type(value) in (int, float) for value in numbers.values()):
        raise UsageError(f"in {path}, {', '.join(numbers)} must be numbers")
    texts = {name: value for name, value in told.items() if name in TEXTS}
    if not all(isinstance(value, str) for value in texts.values()):
        raise UsageError(f"in {path}, {', '.join(texts)} must be texts")
    if type(told.get("keep_colors", True)) is not bool:
        raise UsageError(f"in {path}, keep_colors must be true or false")
    try:
        find_style(told["style"], tier)
        if told.get("cutout", "none") not in CUTOUTS:
            raise UnknownName("cutout", told["cutout"], CUTOUTS)
        Backdrop(told.get("background", "keep"))
        return Scene(**told)
    except UsageError as error:
        raise UsageError(f"{path}, scene {number}: {error}") from error
