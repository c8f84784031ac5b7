"""Desk: the window, the keys and the figures of a live picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from livestyle.live.keys import find_key
from livestyle.pipeline import Pipeline, Report
from livestyle.sinks.window import WindowSink
from livestyle.sources import Source
from livestyle.stylize.stylizer import Stylizer

STRENGTH_STEP = 0.1


class Desk:
    """Shows what *stylizer* makes of *source* in a window, and lets its keys steer.

    Args:
        source: closed at the end.
        stylizer: its controls change as keys are pressed.
        styles: names to go through with ``n`` and ``p``.
        hud: whether the figures show at first.

    Raises:
        SinkUnavailable: there is no display.
    """

    def __init__(
        self, source: Source, stylizer: Stylizer, styles: Sequence[str], *, hud: bool = True
    ) -> None:
        self._stylizer = stylizer
        self._styles = list(styles)
        self._hud = hud
        self._strength = stylizer.controls.strength
        self._window = WindowSink(
            source.info.width,
            source.info.height,
            on_key=self.press,
            on_close=self.quit,
            read_lines=self.read_figures,
        )
        self._pipeline = Pipeline(source, stylizer, [self._window])

    def run(self) -> Report:
        """Show frames until the user quits or the source ends. Call it from the main thread.

        Raises:
            StageError: a stage failed.
        """
        return self._pipeline.run()

    def press(self, code: int) -> None:
        """Do what the key with *code* does, if anything."""
        key = find_key(code)
        if key is not None:
            getattr(self, key.action)()

    def read_figures(self) -> list[str]:
        """Return the lines of the HUD; none while it is hidden."""
        if not self._hud:
            return []
        controls, meter = self._stylizer.controls, self._pipeline.meters[0]
        scale = self._stylizer.scale
        size = "" if scale == 1 else f"  painted at {scale:.0%} size"
        return [
            f"{controls.style}  {controls.strength:.0%}{size}",
            f"{meter.fps:.1f} fps  {meter.latency_seconds() * 1000:.0f} ms  {self._pipeline.dropped} dropped",
        ]

    def next_style(self) -> None:
        """Paint in the next style."""
        self._step_style(1)

    def previous_style(self) -> None:
        """Paint in the style before."""
        self._step_style(-1)

    def stronger(self) -> None:
        """Show more of the painting."""
        self._set_strength(self._strength + STRENGTH_STEP)

    def weaker(self) -> None:
        """Show more of the original."""
        self._set_strength(self._strength - STRENGTH_STEP)

    def toggle_original(self) -> None:
        """Show the original; the second time, the painting again at the strength it had."""
        shown = self._stylizer.controls.strength
        self._stylizer.controls = replace(
            self._stylizer.controls, strength=0.0 if shown else self._strength or 1.0
        )

    def toggle_hud(self) -> None:
        """Show or hide the figures."""
        self._hud = not self._hud

    def quit(self) -> None:
        """End the run."""
        self._pipeline.stop()

    def _step_style(self, step: int) -> None:
        controls = self._stylizer.controls
        here = self._styles.index(controls.style) if controls.style in self._styles else -max(step, 0)
        if self._styles:
            style = self._styles[(here + step) % len(self._styles)]
            self._stylizer.controls = replace(controls, style=style)

    def _set_strength(self, strength: float) -> None:
        self._strength = round(min(max(strength, 0.0), 1.0), 2)
        self._stylizer.controls = replace(self._stylizer.controls, strength=self._strength)
