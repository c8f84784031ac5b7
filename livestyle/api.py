"""What a Python user calls, and the commands themselves."""

from __future__ import annotations

from pathlib import Path

from livestyle.stylize.stylizer import Controls, Stylizer


def load(style: str | Path = "candy", device: str = "auto", strength: float = 1.0) -> Stylizer:
    """Return a stylizer that paints in *style*.

    Args:
        style: a name from ``livestyle styles``, or the path of a style file.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.
        strength: 0 shows the original, 1 the painting.

    Raises:
        UnknownName, BadStyleFile: there is no such style.
        DeviceUnavailable: *device* is not on this machine.
        UsageError: *strength* is out of range.
    """
    return Stylizer(Controls(style=str(style), strength=strength), device)
