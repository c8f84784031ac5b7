"""Runs a style with PyTorch: CPU, CUDA or MPS."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable

import numpy as np
import torch

from livestyle.errors import BadStyleFile, DeviceUnavailable
from livestyle.frame import Pixels
from livestyle.styles.style import Style
from livestyle.styles.tiers import Tier
from livestyle.stylize.backends import Memory
from livestyle.stylize.backends.cuda import CudaPainter
from livestyle.stylize.backends.passage import Passage
from livestyle.stylize.device.smoother import DeviceSmoother
from livestyle.stylize.network import StyleNetwork, channels_last
from livestyle.stylize.padding import BORDER, pad
from livestyle.stylize.smoother import Smoother

APPLE = threading.RLock()
"""PyTorch ends the process when two threads use Apple's GPU at the same time (pytorch#197805)."""

DTYPES = {"f16": torch.float16, "bf16": torch.bfloat16, "f32": torch.float32}
"""Precisions, the fastest on a GPU first."""


class PyTorchBackend:
    """Paints with PyTorch; see ``Backend``."""

    def __init__(self, style: Style, device: str = "auto", precision: str = "auto") -> None:
        self._device = choose_device(device)
        precision = choose_precision(self._device, precision)
        self._alone = APPLE if self._device.type == "mps" else contextlib.nullcontext()
        with self._alone:
            self._network = load_network(style).to(self._device, DTYPES[precision]).eval()
            channels_last(self._network)
        self._on_gpu = CudaPainter(self._network) if self._device.type == "cuda" else None
        self._passages: dict[tuple[int, int], Passage] = {}
        self.description = f"pytorch {self._device} {precision}"

    def paint(self, pixels: Pixels) -> Pixels:
        """Paint a picture, uint8 RGB, (H, W, 3), of any size; same shape out."""
        if self._on_gpu:
            return self._on_gpu.paint(pixels)
        with self._alone:
            return paint(self._network, pixels)

    def widen(self, count: int) -> int:
        """See ``Backend``: one picture gets all cores; a GPU is given the next one while it paints."""
        return self._on_gpu.widen(count) if self._on_gpu else 1

    def open_smoother(self) -> Memory:
        """Return a smoother that works where this backend paints best with it."""
        return Smoother() if self._device.type == "cpu" else DeviceSmoother(self._device)

    def warm(self, pixels: Pixels, smoother: Memory) -> None:
        """See ``SteadyBackend``."""
        height, width = pixels.shape[:2]
        if self._on_gpu and isinstance(smoother, DeviceSmoother):
            self._on_gpu.warm(height, width, smoother.room(height, width))
        elif self._on_gpu:
            self._on_gpu.warm(height, width, None)
        else:
            self.paint(pixels)

    def begin_steadily(
        self,
        pixels: Pixels,
        smoother: Memory,
        elapsed_seconds: float,
        stability: float,
        strength: float,
    ) -> Callable[[], Pixels]:
        """Begin to paint the next picture of a clip, which does not leave the device on its way.

        Args:
            pixels: uint8 RGB, (H, W, 3), of any size.
            smoother: on the device of this backend; remembers the clip.
            elapsed_seconds, stability: see ``DeviceSmoother.plan``.
            strength: how much of the painting there is to be, in [0, 1]; the rest is the picture.

        Returns:
            What waits for the painting, of the same shape, and returns it; called once for each picture, in
            order, from as many threads as ``widen`` has allowed.
        """
        assert isinstance(smoother, DeviceSmoother)
        height, width = pixels.shape[:2]
        with self._alone:
            state, plan = smoother.plan(height, width, elapsed_seconds, stability)
        plan.append(strength)
        if self._on_gpu:
            return self._on_gpu.begin(pixels, state, plan)

        @torch.inference_mode()
        def take() -> Pixels:
            with self._alone:
                passage = self._passages.get((height, width)) or Passage(self._network, height, width)
                self._passages = {(height, width): passage}
                picture = torch.from_numpy(np.ascontiguousarray(pixels)).to(self._device)
                painted = passage.paint(picture, state, torch.tensor(plan, device=self._device))
                return painted.cpu().numpy()

        return take


@torch.inference_mode()
def paint(network: StyleNetwork, pixels: Pixels) -> Pixels:
    """Paint a picture, uint8 RGB, (H, W, 3), with *network* on its device and in its precision."""
    height, width = pixels.shape[:2]
    weight = network.out.conv.weight
    padded = torch.from_numpy(pad(pixels)).to(weight.device)[None].permute(0, 3, 1, 2)  # channels last
    painted = network(padded.to(weight.dtype) / 255)
    inner = painted[0, :, BORDER : BORDER + height, BORDER : BORDER + width]
    return (inner.float() * 255).round_().to(torch.uint8).permute(1, 2, 0).contiguous().cpu().numpy()


def load_network(style: Style) -> StyleNetwork:
    """Return the network of *style*, float32, on the CPU.

    Raises:
        BadStyleFile: the weights do not fit the network that the file names.
    """
    network = StyleNetwork(Tier(*style.shape))
    try:
        weights = {
            name: torch.from_numpy(array.astype(np.float32)) for name, array in style.read_weights().items()
        }
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise BadStyleFile(
            f"the weights in {style.path} do not fit a network of shape {style.shape}; get the file again"
        ) from error
    return network


def choose_device(wanted: str) -> torch.device:
    """Return the device that *wanted* names; ``auto`` takes the fastest there is.

    Raises:
        DeviceUnavailable: it is not on this machine, or no device has that name.
    """
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if there[kind]))
    kind, _, number = wanted.partition(":")
    if not re.fullmatch(r"cpu|mps|cuda(:[0-9]+)?", wanted):
        raise DeviceUnavailable(f"no device named {wanted!r}; there are: auto, cpu, cuda, cuda:N, mps")
    if not there[kind] or (number and int(number) >= torch.cuda.device_count()):
        here = ", ".join(["auto", *(name for name in there if there[name])])
        raise DeviceUnavailable(f"device {wanted!r} is not on this machine; here work: {here}")
    return torch.device(wanted)


def choose_precision(device: torch.device, wanted: str) -> str:
    """Return the precision that *wanted* names; ``auto`` takes one that is fast and looks the same as f32.

    Raises:
        DeviceUnavailable: PyTorch does not paint so on *device*.
    """
    there = list(DTYPES)
    if device.type == "cpu":
        there = ["bf16", "f32"] if knows_bf16() else ["f32"]
    if wanted == "auto":
        return there[0]
    if wanted not in there:
        here = ", ".join(["auto", *there])
        raise DeviceUnavailable(f"pytorch {device} cannot run in {wanted!r} here; possible are: {here}")
    return wanted


def knows_bf16() -> bool:
    """Return whether this processor calculates in bfloat16, as fast as it can."""
    return torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
