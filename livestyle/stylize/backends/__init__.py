"""What runs a style's network: the contract, the table, the choice."""

from __future__ import annotations

from typing import Protocol

from livestyle.frame import Pixels
from livestyle.registry import Part, Table
from livestyle.styles.style import Style


class Backend(Protocol):
    """Runs one style on one device.

    Made with ``(style, device)``; *device* is ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.
    Raises DeviceUnavailable when the device is not there.
    """

    description: str
    """Which library, device and precision run: ``"pytorch cpu bf16"``."""

    def paint(self, pixels: Pixels) -> Pixels:
        """Paint a picture, uint8 RGB, (H, W, 3), of any size; same shape out."""


BACKENDS = Table("backend", {"pytorch": Part("livestyle.stylize.backends.pytorch:PyTorchBackend", "PyTorch")})


def open_backend(style: Style, device: str = "auto") -> Backend:
    """Return a backend that paints in *style* on *device*.

    Raises:
        DeviceUnavailable: *device* is not on this machine.
    """
    return BACKENDS.load("pytorch")(style, device)
