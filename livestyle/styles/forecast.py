"""What was measured of how a style flickers: shipped or kept, because measuring takes seconds."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path

from livestyle import __version__
from livestyle.styles.store import CATALOG, cache_folder
from livestyle.styles.style import Style
from livestyle.whole import whole_file

SHIPPED = CATALOG / "flicker.json"
"""What was measured of the styles that ship, by the sha256 of their files; see samples/make_forecasts.py."""


def recall_forecast(style: Style) -> dict[str, float] | None:
    """Return what is known of *style*: figures by name; None when there is nothing that can be read."""
    try:
        shipped = json.loads(SHIPPED.read_text(encoding="utf-8"))
        told = shipped.get(style.sha256) or json.loads(place_of(style).read_text(encoding="utf-8"))
        return {str(name): float(value) for name, value in told.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def keep_forecast(style: Style, figures: Mapping[str, float]) -> None:
    """Keep *figures*; where nothing can be written they are measured again next time."""
    with contextlib.suppress(OSError), whole_file(place_of(style)) as partial:
        partial.write_text(json.dumps(figures), encoding="utf-8")


def place_of(style: Style) -> Path:
    """Return where the figures of *style* are kept: for this version, as another may smooth otherwise."""
    return cache_folder() / "flicker" / __version__ / f"{style.sha256}.json"
