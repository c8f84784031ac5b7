"""State: what the server does just now, as plain values for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from livestyle.web.folders import name_of, tell_controls
from livestyle.web.look import Figures, Look
from livestyle.web.studio import Studio


def state_of(studio: Studio, source: str, look: Look | None) -> dict[str, Any]:
    """Return what *look* does with *source*, or how that would be painted, and what else there is to see."""
    controls = look.controls if look else studio.controls(source)
    figures = look.figures() if look else Figures(painting=controls.style)
    looks = [other for key, other in studio.looks.items() if key.source == source]
    return {
        "source": source,
        "controls": tell_controls(controls),
        "sources": [{"name": feed.name, "kind": feed.kind} for feed in studio.feeds.values()],
        "viewers": sum(len(other.audience.viewers) for other in looks),
        "looks": len(looks),
        "trouble": look.trouble if look else "",
        **asdict(figures),
        "painting": name_of(figures.painting),
    }
