"""Which styles pages and programs may choose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import write_random_style


def test_a_style_that_was_added_meanwhile_is_offered(
    open_site: Callable[..., Any], livestyle_home: Path
) -> None:
    site = open_site()
    assert site.ask("/api/set", {"style": "barque"}).status == 404
    write_random_style(livestyle_home / "styles" / "barque.safetensors")
    assert "barque" in [style["name"] for style in site.ask("/api/styles").json["styles"]]
    assert site.ask("/api/set", {"style": "barque"}).json["controls"]["style"] == "barque"
    assert site.ask("/snapshot.png").status == 200
