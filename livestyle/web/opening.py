"""Opens what a site is made of: the sources, and everything else around the studio."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from livestyle.address import hide_secrets
from livestyle.errors import SourceUnavailable, UsageError
from livestyle.live.opening import is_camera, open_live
from livestyle.sources import Source, open_source
from livestyle.sources.camera import find_camera, list_cameras
from livestyle.sources.pattern import PatternSettings
from livestyle.web.feed import Feed

log = logging.getLogger(__name__)

PATTERN = "pattern"

FILE = re.compile(r"\.\d?[a-z]\w{1,3}$", re.IGNORECASE)
"""How names of files end; those of cameras may have dots too."""


def open_feeds(given: Sequence[str], width: int, height: int, fps: float) -> list[Feed]:
    """Return a feed for each source *given*, or for the cameras here when there is none; the test scene last.

    Args:
        given: as for ``open_live``.
        width, height, fps: to ask cameras for.

    Raises:
        SourceUnavailable: one can never be opened.
        UsageError: one is given twice, or no camera has such a size or rate.
    """
    PatternSettings(width, height, fps)
    sources = list(given) or [str(camera.index) for camera in list_cameras()]
    if not sources and sys.platform != "linux":  # which tells its cameras; others do with an extra alone
        sources = ["0"]
    if not sources:
        log.warning("no camera is here: the test scene is shown, and cameras that browsers lend")
    if len(set(sources)) < len(sources):
        shown = ", ".join(map(hide_secrets, sources))
        raise UsageError(f"each camera can be given once, not like this: {shown}")
    for source in sources:
        check(source)
    feeds: dict[str, Feed] = {}
    for source in [*sources, PATTERN]:
        name = name_of(source)
        if source == PATTERN and name in feeds:
            continue
        number = 2
        while name in feeds:
            name, number = f"{name_of(source)}-{number}", number + 1
        file = source if Path(source).is_file() else ""
        feeds[name] = Feed(name, opener(source, width, height, fps), file=file)
    return list(feeds.values())


def check(source: str) -> None:
    """Raise SourceUnavailable when *source* is meant to be a file and there is none, or one without video."""
    if Path(source).is_file():
        open_source(source).close()
    elif FILE.search(source) and "://" not in source:
        raise SourceUnavailable(f"no file at {source}; give a video file, a camera, an address or 'pattern'")
    elif is_camera(source) and sys.platform == "linux":  # which tells its cameras
        try:
            place = find_camera(source)
            if not Path(f"/dev/video{place}" if isinstance(place, int) else place).exists():
                raise SourceUnavailable(f"camera {source} is not there")
        except SourceUnavailable as error:
            log.warning("%s; it is looked for whenever somebody watches", error)


def opener(source: str, width: int, height: int, fps: float) -> partial[Source]:
    """Return what opens *source*."""
    return partial(open_live, source, width, height, fps)


def name_of(source: str) -> str:
    """Return what the web calls *source*: it tells neither folders nor what an address may hold."""
    if "://" in source:
        return "stream"
    if is_camera(source):
        return f"camera-{slug(source.removeprefix('/dev/'))}"
    return slug(Path(source).stem)


def slug(text: str) -> str:
    """Return *text* as lower-case words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "source"
