"""Figures: the lines of text over a live picture: style, speed, age, what was said last, the keys."""

from __future__ import annotations

import time

from livestyle.live.carousel import Carousel
from livestyle.live.keys import help_lines
from livestyle.live.recorder import Recorder
from livestyle.pipeline import Pipeline
from livestyle.stylize.stylizer import Stylizer

SAID_SECONDS = 4.0
"""How long what was said stays on the screen."""


class Figures:
    """What is to be read over the picture; asks its parts anew for each frame.

    Attributes:
        visible: whether the figures show; what is said shows in any case.
        help: whether the keys show.
    """

    def __init__(
        self, stylizer: Stylizer, carousel: Carousel, recorder: Recorder, pipeline: Pipeline
    ) -> None:
        self._stylizer = stylizer
        self._carousel = carousel
        self._recorder = recorder
        self._pipeline = pipeline
        self._said, self._said_at = "", float("-inf")
        self.visible = True
        self.help = False

    def say(self, text: str) -> None:
        """Show *text* for some seconds. From any thread."""
        self._said, self._said_at = text, time.perf_counter()

    def read(self) -> list[str]:
        """Return the lines; none when there is nothing to read."""
        lines = self._measured() if self.visible else []
        if self._recorder.recording:
            lines.append("recording")
        if time.perf_counter() - self._said_at < SAID_SECONDS:
            lines.append(self._said)
        return lines + help_lines() if self.help else lines

    def _measured(self) -> list[str]:
        controls, meter = self._stylizer.controls, self._pipeline.meters[0]
        wanted = self._carousel.wanted
        style = controls.style if wanted == controls.style else f"{controls.style} > {wanted} ..."
        middle, slow = (1000 * meter.latency_seconds(percentile) for percentile in (50, 95))
        scale = self._stylizer.scale
        size = "" if scale == 1 else f"   painted at {scale:.0%} size"
        return [
            f"{style}   strength {controls.strength:.0%}   stability {controls.stability:.0%}{size}",
            f"{meter.fps:.1f} fps   {middle:.0f} ms, p95 {slow:.0f} ms   {self._pipeline.dropped} dropped",
        ]
