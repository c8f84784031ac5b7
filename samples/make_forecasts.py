"""Make the forecasts that ship: how much each style of the catalog flickers, in each tier.

Usage: python samples/make_forecasts.py

Writes ``flicker.json`` into the catalog: the figures of ``livestyle styles show NAME --flicker``, by the
sha256 of the style's file. Each takes some seconds.
"""

from __future__ import annotations

import json

from livestyle.measure.forecast import measure_forecast
from livestyle.styles.forecast import SHIPPED
from livestyle.styles.store import CATALOG, list_files
from livestyle.styles.style import read_style
from livestyle.whole import whole_file


def main() -> None:
    """Write the forecasts."""
    figures = {}
    for tiers in list_files().values():
        for path in tiers.values():
            if path.parent == CATALOG:
                style = read_style(path)
                figures[style.sha256] = measure_forecast(style)
                print(path.stem, figures[style.sha256], flush=True)
    with whole_file(SHIPPED) as partial:
        partial.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
