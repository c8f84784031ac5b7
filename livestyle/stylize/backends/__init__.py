"""What runs a style's network: the contract, the table, the choice."""

from __future__ import annotations

import importlib.util
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from livestyle.frame import Pixels
from livestyle.registry import Part, Table
from livestyle.styles.blend import Blend
from livestyle.styles.style import Style

if TYPE_CHECKING:
    from livestyle.stylize.smoother import Past


class Backend(Protocol):
    """Runs one style on one device.

    Made with ``(style, device, precision)``. *device* is ``auto``, ``cpu``, ``cuda``, ``cuda:N``, ``mps``
    or ``gpu`` (Intel), of which each backend knows some; *precision* is ``auto``, ``f32``, ``bf16``, ``f16``
    or ``int8``.
    Raises DeviceUnavailable when the device is not there or cannot calculate so.
    """

    description: str
    """Which library, device and precision run: ``"pytorch cpu bf16"``."""

    def paint(self, pixels: Pixels) -> Pixels:
        """Paint a picture, uint8 RGB, (H, W, 3), of any size; same shape out."""

    def widen(self, count: int) -> int:
        """Return from how many threads ``paint`` may be called at the same time from now on: at most *count*.

        Each picture then takes longer, as it shares the cores or the device, and all of them less.
        """


class Memory(Protocol):
    """What remembers a clip: the smoother of the stylizer, or one on a device."""

    past: Past | None
    """All that is remembered; None at the start of a clip."""

    def reset(self) -> None:
        """Forget the past: what follows is a new clip."""


@runtime_checkable
class SteadyBackend(Protocol):
    """A backend that may smooth, too, where it paints: frames do not leave its device on their way."""

    def open_smoother(self) -> Memory:
        """Return what remembers a clip for this backend; a ``Smoother`` if it is better done outside."""

    def warm(self, pixels: Pixels, smoother: Memory) -> None:
        """Make ready to paint pictures like *pixels* that *smoother* remembers; from any thread."""

    def begin_steadily(
        self,
        pixels: Pixels,
        smoother: Memory,
        elapsed_seconds: float,
        stability: float,
        strength: float,
    ) -> Callable[[], Pixels]:
        """Begin to paint the next picture of the clip that *smoother*, from ``open_smoother``, remembers.

        Returns:
            What waits for the painting and returns it; called once for each picture, in order, from as many
            threads as ``widen`` has allowed.
        """


BACKENDS = Table(
    "backend",
    {
        "openvino": Part(
            "livestyle.stylize.backends.openvino:OpenVINOBackend", "OpenVINO: CPUs, Intel GPUs", "openvino"
        ),
        "pytorch": Part("livestyle.stylize.backends.pytorch:PyTorchBackend", "PyTorch: NVIDIA, Apple, CPUs"),
        "onnx": Part("livestyle.stylize.backends.onnx:OnnxBackend", "ONNX Runtime: many devices", "onnx"),
    },
)


def open_backend(
    style: Style, device: str = "auto", backend: str = "auto", precision: str = "auto"
) -> Backend:
    """Return a backend that paints in *style*; its description says which it is and why.

    Args:
        style: what to paint like.
        device: see ``Backend``.
        backend: a name in the table, or ``auto`` for the fastest that is installed for *device*.
        precision: see ``Backend``.

    Raises:
        UnknownName: there is no such backend.
        MissingExtra: *backend* is not installed.
        DeviceUnavailable: *device* is not on this machine, or cannot calculate in *precision*.
    """
    if isinstance(style, Blend) and not style.mixes:
        from livestyle.stylize.backends.blended import BlendedBackend

        return BlendedBackend(
            [(open_backend(part, device, backend, precision), share) for part, share in style.parts]
        )
    if isinstance(style, Blend):
        from livestyle.stylize.mixing import Mixture

        style = Mixture.of(style)
    name, reason = (backend, "as asked") if backend != "auto" else choose_backend(device)
    opened: Backend = BACKENDS.load(name)(style, device, precision)
    opened.description = f"{opened.description} ({reason})"
    return opened


def choose_backend(device: str) -> tuple[str, str]:
    """Return the name of the backend that is fastest on *device*, and why, without importing any."""
    if device == "gpu":
        return "openvino", "the one for Intel GPUs"
    if device not in ("auto", "cpu"):
        return "pytorch", f"the one for {device.partition(':')[0]}"
    if device == "auto" and has_gpu():
        return "pytorch", "fastest on this GPU"
    if importlib.util.find_spec("openvino"):
        return "openvino", "fastest on a CPU"
    return "pytorch", "openvino, faster on a CPU, is not installed"


def has_gpu() -> bool:
    """Return whether PyTorch finds a GPU; imports it only where there is a driver."""
    windows = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "nvcuda.dll")
    drivers = (Path("/dev/nvidiactl"), Path("/dev/dxg"), Path("/dev/kfd"), windows)
    apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    if not apple and not any(path.exists() for path in drivers):
        return False
    from torch import backends, cuda

    return cuda.is_available() or backends.mps.is_available()
