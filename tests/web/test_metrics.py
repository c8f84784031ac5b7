from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from screen import wait_for


def read(site: Any, name: str) -> dict[str, float]:
    """Return the values of a figure by its labels."""
    text = site.ask("/metrics").body.decode()
    return {labels: float(value) for labels, value in re.findall(rf"^{name}{{(.*)}} (\S+)$", text, re.M)}


def test_a_look_keeps_its_figures_when_others_end(open_site: Callable[..., Any]) -> None:
    site = open_site(looks=2)
    assert "livestyle_viewers " in site.ask("/metrics").body.decode()
    site.ask("/snapshot.png?strength=0.1")
    (first,) = read(site, "livestyle_frames_total")
    site.ask("/snapshot.png")
    site.ask("/snapshot.png?strength=0.2")  # the first makes room
    wait_for(lambda: first not in read(site, "livestyle_frames_total"))
    frames = read(site, "livestyle_frames_total")
    assert len(frames) == 2 and all(re.fullmatch(r'look="\d+",source="pattern"', labels) for labels in frames)
    assert set(read(site, "livestyle_waiting").values()) == {0}
    before = set(frames)
    site.ask("/api/set", {"style": "candy"})
    assert set(read(site, "livestyle_frames_total")) == before
    assert any('style="candy"' in labels for labels in read(site, "livestyle_look_info"))


def test_a_lost_source_is_told(open_site: Callable[..., Any]) -> None:
    site = open_site()
    site.ask("/snapshot.png")
    (feed,) = site.studio.feeds.values()
    feed._source.lost = True
    wait_for(lambda: set(read(site, "livestyle_waiting").values()) == {1})
