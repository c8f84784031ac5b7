"""Runs a style with ONNX Runtime: CPU, and devices whose providers are installed. Never imports PyTorch."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from livestyle.errors import DeviceUnavailable
from livestyle.frame import Pixels
from livestyle.styles.style import Style
from livestyle.stylize.graph import Layer, connect, read_layers
from livestyle.stylize.padding import pack, packed_shape, unpack

PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "gpu": "DmlExecutionProvider",
    "mps": "CoreMLExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
"""What ONNX Runtime calls the part that runs on each kind of device, the fastest first."""

OPSET, FORMAT = 17, 9
"""Versions of the operations and of the file format: every ONNX Runtime since 1.14 reads these."""


class OnnxBackend:
    """Paints with ONNX Runtime; see ``Backend``."""

    def __init__(self, style: Style, device: str = "auto", precision: str = "auto") -> None:
        ort.disable_telemetry_events()  # on Windows it tells Microsoft what runs
        layers = read_layers(style)
        for kind, number in choose_devices(device):
            floats = choose_precision(kind, precision)
            session = open_session(make_model(layers, half=floats == "f16"), kind, number)
            if session is not None:
                break
        else:
            raise DeviceUnavailable(
                f"onnx cannot use {device} here: its libraries are missing, or too old; --device cpu works"
            )
        self._session = session
        self._packed: NDArray[np.uint8] = np.empty((0, 0, 0, 0), np.uint8)
        self.description = f"onnx {kind} {floats}"

    def widen(self, count: int) -> int:
        """See ``Backend``: one picture gets all cores, or the device."""
        return 1

    def paint(self, pixels: Pixels) -> Pixels:
        """Paint a picture, uint8 RGB, (H, W, 3), of any size; same shape out."""
        height, width = pixels.shape[:2]
        shape = packed_shape(height, width)
        if self._packed.shape != shape:
            self._packed = np.empty(shape, np.uint8)
        pack(pixels, into=self._packed)
        (painted,) = self._session.run(None, {"picture": self._packed})
        return unpack(painted, height, width)


class OnnxOps:
    """The operations of ``graph.Ops`` in ONNX; a node is the name of its output.

    Args:
        floats: type of the weights.
    """

    def __init__(self, floats: type[np.floating[Any]]) -> None:
        self._floats = floats
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def conv(self, x: str, layer: Layer) -> str:
        """See ``Ops``."""
        given = [x, self.constant(layer.weight), self.constant(layer.bias)]
        reach = [layer.dilation] * 2
        return self.node("Conv", given, strides=[layer.stride] * 2, dilations=reach, pads=reach * 2)

    def relu(self, x: str) -> str:
        """See ``Ops``."""
        return self.node("Relu", [x])

    def add(self, x: str, y: str) -> str:
        """See ``Ops``."""
        return self.node("Add", [x, y])

    def enlarge(self, x: str) -> str:
        """See ``Ops``."""
        return self.node("DepthToSpace", [x], blocksize=2, mode="DCR")

    def sigmoid(self, x: str) -> str:
        """See ``Ops``."""
        return self.node("Sigmoid", [x])

    def scale(self, x: str, factor: float) -> str:
        """Return *x* · *factor*."""
        return self.node("Mul", [x, self.constant(factor)])

    def node(self, kind: str, given: list[str], **attributes: Any) -> str:
        """Add a node; return the name of its output."""
        name = f"{kind}-{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, given, [name], **attributes))
        return name

    def constant(self, value: NDArray[np.float32] | float) -> str:
        """Add a constant; return its name."""
        name = f"constant-{len(self.constants)}"
        array = np.ascontiguousarray(value, self._floats).reshape(np.shape(value))
        self.constants.append(numpy_helper.from_array(array, name))
        return name


def make_model(layers: Mapping[str, Layer], *, half: bool = False) -> bytes:
    """Return the network for packed pictures of any size, uint8 in and out, in ONNX's format."""
    ops = OnnxOps(np.float16 if half else np.float32)
    floats = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    picture = ops.node("Cast", [ops.node("Transpose", ["picture"], perm=[0, 3, 1, 2])], to=floats)
    painted = connect(ops, ops.add(ops.scale(picture, 2 / 255), ops.constant(-1)), layers)
    whole = ops.node("Cast", [ops.node("Round", [ops.scale(painted, 255)])], to=TensorProto.UINT8)
    ops.nodes.append(helper.make_node("Transpose", [whole], ["painted"], perm=[0, 2, 3, 1]))
    shape: list[str | int | None] = [1, "rows", "columns", 12]
    ends = [helper.make_tensor_value_info(name, TensorProto.UINT8, shape) for name in ("picture", "painted")]
    graph = helper.make_graph(ops.nodes, "livestyle", ends[:1], ends[1:], ops.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=FORMAT)
    return bytes(model.SerializeToString())


def open_session(model: bytes, kind: str, number: int) -> ort.InferenceSession | None:
    """Return what runs *model* on that device; None where libraries of the device are missing."""
    if kind == "cuda" and hasattr(ort, "preload_dlls"):
        with contextlib.redirect_stdout(sys.stderr):
            ort.preload_dlls()  # CUDA's libraries from PyPI, when they are installed
    options = ort.SessionOptions()
    options.log_severity_level = 3  # errors only
    providers = [(PROVIDERS[kind], {"device_id": number} if kind == "cuda" else {})]
    session = ort.InferenceSession(model, options, providers)
    return (
        session if PROVIDERS[kind] in session.get_providers() else None
    )  # it goes on without what is missing


def choose_devices(wanted: str) -> list[tuple[str, int]]:
    """Return kind and number of the device that *wanted* names; for ``auto`` of all, the fastest first.

    Raises:
        DeviceUnavailable: the installed ONNX Runtime does not run on it.
    """
    there = [kind for kind, provider in PROVIDERS.items() if provider in ort.get_available_providers()]
    if wanted == "auto":
        return [(kind, 0) for kind in there]
    kind, _, number = wanted.partition(":")
    if kind not in there or (number and not (kind == "cuda" and number.isdigit())):
        here = ", ".join(["auto", *there])
        raise DeviceUnavailable(f"onnx has no device {wanted!r} on this machine; here work: {here}")
    return [(kind, int(number or 0))]


def choose_precision(kind: str, wanted: str) -> str:
    """Return the precision that *wanted* names; ``auto`` takes the faster that looks the same.

    Raises:
        DeviceUnavailable: ONNX Runtime gains nothing or fails with it on that kind of device.
    """
    there = ["f32"] if kind == "cpu" else ["f16", "f32"]
    if wanted == "auto":
        return there[0]
    if wanted not in there:
        here = ", ".join(["auto", *there])
        raise DeviceUnavailable(f"onnx {kind} cannot run in {wanted!r}; possible are: {here}")
    return wanted
