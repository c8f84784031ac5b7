"""What a Python user calls, and the commands themselves."""

from __future__ import annotations

from pathlib import Path

from livestyle.stylize.stylizer import Controls, Stylizer


def load(
    style: str | Path = "candy",
    device: str = "auto",
    strength: float = Controls.strength,
    stability: float = Controls.stability,
) -> Stylizer:
    """Return a stylizer that paints in *style*.

    Args:
        style: a name from ``livestyle styles``, or the path of a style file.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.
        strength: 0 shows the original, 1 the painting.
        stability: 0 paints each frame by itself, 1 flickers least.

    Raises:
        UnknownName, BadStyleFile: there is no such style.
        DeviceUnavailable: *device* is not on this machine.
        UsageError: *strength* or *stability* is out of range.
    """
    return Stylizer(Controls(style=str(style), strength=strength, stability=stability), device)
