"""Forecasts are measured when nothing is known that still holds."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from livestyle.measure import forecast as measuring
from livestyle.measure.forecast import forecast_flicker
from livestyle.styles import forecast as keeping
from livestyle.styles.forecast import keep_forecast, recall_forecast
from livestyle.styles.store import find_style
from livestyle.styles.style import Style

SCRIPT = Path(__file__).parents[2] / "samples" / "make_forecasts.py"


def measured(style: Style) -> dict[str, float]:
    return {"still noise": 7.0}


def test_what_another_version_measured_is_measured_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(keeping, "SHIPPED", tmp_path / "none.json")
    (tmp_path / "none.json").write_text("{}")
    monkeypatch.setattr(measuring, "measure_forecast", measured)
    candy = find_style("candy")
    keep_forecast(candy, {"still noise": 1.0})
    assert forecast_flicker(candy) == {"still noise": 1.0}
    monkeypatch.setattr(keeping, "__version__", "0.0.1")
    assert recall_forecast(candy) is None
    assert forecast_flicker(candy) == recall_forecast(candy) == {"still noise": 7.0}


def test_those_that_ship_are_always_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    shipped = tmp_path / "flicker.json"
    monkeypatch.setattr(keeping, "SHIPPED", shipped)
    monkeypatch.setattr(measuring, "measure_forecast", measured)
    shipped.write_text(json.dumps({find_style("candy").sha256: {"still noise": 1.0}}))
    runpy.run_path(str(SCRIPT), run_name="make_forecasts")["main"]()
    known = json.loads(shipped.read_text())
    assert len(known) > 1 and all(figures == {"still noise": 7.0} for figures in known.values())
