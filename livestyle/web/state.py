"""State: what the server does just now, as plain values for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from livestyle.web.look import Look
from livestyle.web.studio import Studio


def state_of(studio: Studio, look: Look) -> dict[str, Any]:
    """Return what *look* does, and what else there is to see."""
    return {
        **state_of_source(studio, look.feed.name),
        "controls": asdict(look.controls),
        "trouble": look.trouble,
        **asdict(look.figures()),
    }


def state_of_source(studio: Studio, source: str) -> dict[str, Any]:
    """Return how *source* is set, whether anybody watches, and what else there is to see."""
    return {
        "source": source,
        "controls": asdict(studio.controls(source)),
        "sources": [{"name": feed.name, "kind": feed.kind} for feed in studio.feeds.values()],
        "viewers": studio.viewers,
        "looks": len(studio.looks),
    }
