"""Opens what a live picture is made of."""

from __future__ import annotations

from pathlib import Path

from livestyle.sources import SOURCES, Source, open_source
from livestyle.sources.ear import FileSound
from livestyle.sources.loop import LoopSource
from livestyle.sources.reconnect import ReconnectingSource


def open_live(given: str, width: int, height: int, fps: float, *, once: bool = False) -> Source:
    """Open a live source: a file plays in a loop; file, camera or stream that is lost comes back by itself.

    *given* is as for ``open_source``; *width*, *height* and *fps* are those of the test scene, and what a
    camera is asked for. With *once* a file ends instead of beginning again.

    Raises:
        SourceUnavailable: it cannot be opened.
    """
    path = Path(given)
    if path.is_file():
        open_file = SOURCES.load("file")  # and nothing else of that name, should the file go away
        return LoopSource(lambda: open_file(path), lambda: FileSound(path), once=once)
    if given == "pattern":
        return open_source(given, width=width, height=height, fps=fps)
    kind, is_address, _ = given.partition("://")
    name = f"camera {given}" if is_camera(given) else f"the {kind}{' stream' * bool(is_address)}"
    return ReconnectingSource(lambda: open_source(given, width=width, height=height, fps=fps), name)


def is_camera(given: str) -> bool:
    """Return whether *given* names a camera rather than anything else that can be opened."""
    return (
        given not in ("pattern", "screen")
        and "://" not in given
        and (given.startswith("/dev/") or not Path(given).exists())
    )
