"""Broadcast: a live source, painted, to outputs that nobody steers."""

from __future__ import annotations

from collections.abc import Sequence

from livestyle.live.show import Show
from livestyle.pipeline import Pipeline, each
from livestyle.sinks import Sink
from livestyle.sources import Source
from livestyle.stylize.stylizer import Stylizer


def open_broadcast(source: Source, stylizer: Stylizer, sinks: Sequence[Sink]) -> Pipeline:
    """Return the pipeline that paints *source* onto *sinks*; it closes both.

    While the source is lost its slate goes out, not painted.
    """
    show = Show(stylizer, lambda _: stylizer.controls, lambda: getattr(source, "lost", False))
    return Pipeline(source, each(show), sinks)
