"""Figures: the lines of text over a live picture: style, speed, age, what was said last, the keys."""

from __future__ import annotations

from livestyle.live.keys import help_lines
from livestyle.live.remote import Remote, State


class Figures:
    """What is to be read over the picture; asks *remote* anew for each frame.

    Attributes:
        visible: whether the figures show; what is said shows in any case.
        help: whether the keys show.
    """

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self.visible = True
        self.help = False

    def read(self) -> list[str]:
        """Return the lines; none when there is nothing to read."""
        state = self._remote.state()
        lines = describe(state) if self.visible else []
        if state.recording:
            lines.append("recording")
        if state.said:
            lines.append(state.said)
        return lines + help_lines() if self.help else lines


def describe(state: State) -> list[str]:
    """Return the lines that tell of *state* in figures."""
    wanted = state.controls
    style = state.painting if wanted.style == state.painting else f"{state.painting} > {wanted.style} ..."
    extras = f"   brush {wanted.brush:.2g}" if wanted.brush else ""
    extras += "   colours kept" if wanted.keep_colors else ""
    extras += f"   {wanted.cutout} alone" if wanted.cutout != "none" else ""
    size = f"   {state.width}x{state.height}" + ("" if state.scale == 1 else f" painted at {state.scale:.0%}")
    middle, slow = 1000 * state.latency_seconds, 1000 * state.slow_latency_seconds
    speed = f"{state.fps:.1f} of {state.source_fps:.1f} fps"
    return [
        f"{style}   strength {wanted.strength:.0%}   stability {wanted.stability:.0%}{extras}{size}",
        f"{speed}   {middle:.0f} ms, p95 {slow:.0f} ms   {state.dropped} dropped",
    ]
