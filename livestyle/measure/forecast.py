"""Forecast: how much a style will flicker, from probes that take some seconds."""

from __future__ import annotations

from livestyle.measure.flicker import FIGURES
from livestyle.measure.probes import fit_still
from livestyle.sources.pattern import PatternSource
from livestyle.styles.forecast import keep_forecast, recall_forecast
from livestyle.styles.style import Style
from livestyle.stylize.stylizer import Controls, Stylizer

PROBES = ("still_noise_gain", "light_ramp_gain", "pan_error")
"""What tells most: a still scene with noise, light that grows, a pan."""


def forecast_flicker(style: Style) -> dict[str, float]:
    """Return what ``measure_forecast`` gives for *style*; measured once by each version, then kept."""
    figures = recall_forecast(style)
    if figures is None:
        figures = measure_forecast(style)
        keep_forecast(style, figures)
    return figures


def measure_forecast(style: Style) -> dict[str, float]:
    """Return the figures of ``PROBES`` for *style*, by title, as ``livestyle flicker`` tells them.

    On one frame of the test scene, with the smoother as ``livestyle video`` has it.
    """
    still = fit_still(next(iter(PatternSource(live=False))).pixels)
    stylizer = Stylizer(Controls(style=str(style.path)))
    figures = {}
    for name in PROBES:
        figure = FIGURES[name]
        assert figure.probe is not None
        figures[figure.title] = round(figure.probe(stylizer, still) * figure.scale, 2)
    return figures
