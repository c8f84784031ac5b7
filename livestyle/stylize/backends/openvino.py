"""Runs a style with OpenVINO: CPU, or an Intel GPU. Never imports PyTorch."""

from __future__ import annotations

import functools
import io
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livestyle.errors import DeviceUnavailable
from livestyle.frame import Pixels
from livestyle.styles.store import cache_folder
from livestyle.styles.style import Style
from livestyle.stylize.backends.calibration import calibration_pictures
from livestyle.stylize.backends.ranges import Range, fit_for_8_bits
from livestyle.stylize.backends.rounding import round_weights
from livestyle.stylize.backends.without import without
from livestyle.stylize.graph import Floats, Layer, connect, read_layers
from livestyle.stylize.padding import pack, packed_shape, unpack
from livestyle.whole import whole_file

with without("openvino.tools.ovc"):  # it converts files of others, and tells Google of each import
    import openvino as ov
    import openvino.opset13 as opset

log = logging.getLogger(__name__)

DEVICES = {"auto": "CPU", "cpu": "CPU", "gpu": "GPU"}
CAPABILITIES = {"int8": "INT8", "bf16": "BF16", "f16": "FP16", "f32": "FP32"}
"""Precisions as OpenVINO names what a device can do, in the order in which they are chosen.

8 bits are less exact than bf16, 42 against 56 dB, and take two thirds of its time.
"""

QUICK_IN_8_BITS = "intel64"
"""The processors for which 8 bits are chosen, as OpenVINO names them; others have not been measured."""

WIDEST_IN_8_BITS = 32
"""Channels of the widest network that looks the same in 8 bits; in wider ones a clear sky gets stripes."""

SIZES_KEPT = 5
"""Picture sizes whose compiled networks are kept; the governor needs four."""

NHWC, NCHW = (0, 2, 3, 1), (0, 3, 1, 2)
"""Orders of dimensions to come to, from the other one."""

BLOBS_KEPT = 64
"""Compiled networks kept on disk, 0.4 MB each: a folder of photos may have as many sizes as photos."""


FIRST_VIEW = threading.Lock()
"""Two threads that make the first view of OpenVINO's memory together wait for each other for ever."""


class OpenVINOBackend:
    """Paints with OpenVINO; see ``Backend``."""

    def __init__(self, style: Style, device: str = "auto", precision: str = "auto") -> None:
        self._core = open_core()
        self._device = choose_device(self._core, device)
        self._precision = choose_precision(self._core, self._device, precision, style.shape[0])
        self._style = style
        self._layers = read_layers(style)
        self._streams = 1
        self._requests: dict[tuple[int, int], SimpleQueue[Request]] = {}
        self._opening = threading.Lock()
        self.description = f"openvino {self._device.lower()} {self._precision}"

    def paint(self, pixels: Pixels) -> Pixels:
        """Paint a picture, uint8 RGB, (H, W, 3), of any size; same shape out."""
        height, width = pixels.shape[:2]
        free = self._free_requests(height, width)
        request = free.get()
        try:
            pack(pixels, into=request.given)
            request.infer()
            return unpack(request.painted, height, width)
        finally:
            free.put(request)  # after a failure, too: others wait for it

    def widen(self, count: int) -> int:
        """See ``Backend``."""
        if count != self._streams:
            self._streams = count
            self._requests.clear()
        return count

    def _free_requests(self, height: int, width: int) -> SimpleQueue[Request]:
        """Return what runs the network at that size, as often as wanted; the sizes used last are kept."""
        shape = packed_shape(height, width)
        with self._opening:
            free = self._requests.pop(shape[1:3], None) or self._open_requests(shape)
            self._requests[shape[1:3]] = free
            if len(self._requests) > SIZES_KEPT:
                del self._requests[next(iter(self._requests))]
        return free

    def _open_requests(self, shape: Sequence[int]) -> SimpleQueue[Request]:
        """Return a request for each picture that may be painted at the same time."""
        compiled = self._compile(shape)
        free: SimpleQueue[Request] = SimpleQueue()
        for _ in range(self._streams):
            free.put(Request.of(compiled))
        return free

    def _compile(self, shape: Sequence[int]) -> ov.CompiledModel:
        """Return the network for packed pictures of *shape*, from the user's cache when it is there."""
        path = self._cache_path(shape)
        try:
            return self._core.import_model(path.read_bytes(), self._device, self._settings())
        except (OSError, RuntimeError) as error:  # not there, or not what this OpenVINO reads
            log.debug("compiling %s: %s", path.name, error)
        model = make_model(*self._fitted, shape)
        compiled = self._core.compile_model(model, self._device, self._settings())
        blob = io.BytesIO()
        compiled.export_model(blob)
        keep(path, blob.getvalue())
        return compiled

    @functools.cached_property
    def _fitted(self) -> tuple[Mapping[str, Layer], Sequence[Range | None] | None]:
        """The layers and ranges of all sizes; measured when the first one is compiled."""
        if self._precision != "int8":
            return self._layers, None
        return fit_for_8_bits(self._layers, measure_extremes(self._core, self._layers))

    def _settings(self) -> dict[str, str]:
        """Return how to compile; what does not run in 8 bits runs in the fastest floats."""
        if self._precision != "int8":
            return settings(self._precision, self._streams)
        able = self._core.get_property(self._device, "OPTIMIZATION_CAPABILITIES")
        floats = next(name for name in ("bf16", "f16", "f32") if CAPABILITIES[name] in able)
        return settings(floats, self._streams)

    def _cache_path(self, shape: Sequence[int]) -> Path:
        """Return where this style is kept, compiled for *shape* on this device by this code."""
        code = [path.read_bytes() for path in sorted(Path(__file__).parents[1].rglob("*.py"))]
        device = self._core.get_property(self._device, "FULL_DEVICE_NAME")
        key = sha256(
            b"".join([*code, f"{self._style.sha256} {ov.__version__} {device}".encode()])
        ).hexdigest()
        _, rows, columns, _ = shape
        streams = f"-{self._streams}" if self._streams > 1 else ""
        name = f"{self._style.path.stem}-{key[:16]}-{columns * 2}x{rows * 2}-{self._precision}{streams}.blob"
        return cache_folder() / "openvino" / name


class Request(NamedTuple):
    """Runs a compiled network on the packed picture *given*, which becomes *painted*; see ``padding``.

    Both are views of OpenVINO's memory, made once.
    """

    infer: Callable[[], object]
    given: NDArray[np.uint8]
    painted: NDArray[np.uint8]

    @classmethod
    def of(cls, compiled: ov.CompiledModel) -> Request:
        """Return a new one that runs *compiled*."""
        request = compiled.create_infer_request()
        return cls(request.infer, request.get_input_tensor().data, request.get_output_tensor().data)


@functools.cache
def open_core() -> ov.Core:
    """Return OpenVINO itself, one for the whole process.

    Its CPU plugin gives the thread that opens it a stack for signals, and frees that stack when it goes. With
    a plugin for each style, or one that goes on another thread, the next signal (Ctrl-C) would crash.
    """
    with FIRST_VIEW:
        _ = ov.Tensor(np.zeros(1, np.uint8)).data
    return ov.Core()


class OpenVINOOps:
    """The operations of ``graph.Ops`` in OpenVINO.

    Args:
        ranges: of each relu and each sum, in order, to run in 8 bits; None for one runs it in floats.
    """

    def __init__(self, ranges: Sequence[Range | None] | None = None) -> None:
        self._ranges = ranges
        self.points: list[ov.Output] = []
        """What has a range, in order."""

    def conv(self, x: ov.Output, layer: Layer) -> ov.Output:
        """See ``Ops``."""
        weight = constant(layer.weight)
        if x.get_node().get_type_name() == "FakeQuantize":
            rounded, span = round_weights(layer)
            weight = quantize(constant(rounded), span, levels=255)
        stride, dilation = [layer.stride] * 2, [layer.dilation] * 2
        y = opset.convolution(x, weight, stride, dilation, dilation, dilation)
        return opset.add(y, constant(layer.bias.reshape(1, -1, 1, 1))).output(0)

    def relu(self, x: ov.Output) -> ov.Output:
        """See ``Ops``."""
        return self._point(opset.relu(x).output(0))

    def add(self, x: ov.Output, y: ov.Output) -> ov.Output:
        """See ``Ops``."""
        return self._point(opset.add(x, y).output(0))

    def enlarge(self, x: ov.Output) -> ov.Output:
        """See ``Ops``."""
        _, channels, height, width = x.get_shape()
        halves = opset.split(transpose(x, NHWC), opset.constant(3, np.int64), 2).outputs()
        rows = [reshape(half, height, 1, width * channels // 2) for half in halves]
        pixels = reshape(opset.concat(rows, 1).output(0), 1, 2 * height, 2 * width, channels // 4)
        return transpose(pixels, NCHW)

    def sigmoid(self, x: ov.Output) -> ov.Output:
        """See ``Ops``."""
        return opset.sigmoid(x).output(0)

    def _point(self, x: ov.Output) -> ov.Output:
        self.points.append(x)
        span = self._ranges[len(self.points) - 1] if self._ranges else None
        return quantize_range(x, span) if span else x


def make_model(
    layers: Mapping[str, Layer], ranges: Sequence[Range | None] | None, shape: Sequence[int]
) -> ov.Model:
    """Return the network for packed pictures of *shape*, uint8 in and out."""
    given = opset.parameter(list(shape), np.uint8)
    ops = OpenVINOOps(ranges)
    if ranges is None:
        painted = connect(ops, read_packed(given), layers)
    else:
        painted = connect(ops, read_bytes(given), {**layers, "stem": lighten(layers["stem"])})
    whole = opset.convert(opset.round(opset.multiply(painted, constant(255)), "half_to_even"), np.uint8)
    return ov.Model([transpose(whole, NHWC)], [given], "livestyle")


def read_packed(given: ov.Node) -> ov.Output:
    """Return the packed picture *given*, uint8, as the network wants it."""
    x = opset.multiply(opset.convert(given, np.float32), constant(2 / 255))
    return transpose(opset.subtract(x, constant(1)), NCHW)


def read_bytes(given: ov.Node) -> ov.Output:
    """Return the packed picture *given* in 8 bits: its bytes as they are.

    Zero must be a whole byte, 128 instead of 127.5, so all is darker by half a level: see ``lighten``.
    """
    x = transpose(opset.convert(given, np.float32).output(0), NCHW)
    bounds = map(constant, (0, 255, -256 / 255, 254 / 255))
    return opset.fake_quantize(x, *bounds, 256).output(0)


def lighten(layer: Layer) -> Layer:
    """Let *layer* give for pictures that are darker by half a level what it gave for others."""
    return layer._replace(bias=layer.bias + layer.weight.sum((1, 2, 3)) / 255)


def transpose(x: ov.Output, order: Sequence[int]) -> ov.Output:
    """Return *x* with its dimensions in *order*.

    Values lie as NHWC between the layers; what keeps that order in memory costs nothing.
    """
    return opset.transpose(x, constant(order, np.int64)).output(0)


def reshape(x: ov.Output, *shape: int) -> ov.Output:
    """Return the values of *x* in another *shape*."""
    return opset.reshape(x, constant(shape, np.int64), False).output(0)


def measure_extremes(core: ov.Core, layers: Mapping[str, Layer]) -> list[Floats]:
    """Return the lowest and the highest value of each channel at each point of the network.

    Returns:
        For each point, (pictures, 2, channels), of the calibration pictures.
    """
    pictures = calibration_pictures()
    height, width = pictures[0].shape[:2]
    given = opset.parameter(list(packed_shape(height, width)), np.uint8)
    ops = OpenVINOOps()
    connect(ops, read_packed(given), layers)
    axes = constant([0, 2, 3], np.int64)
    ends = [reduce(point, axes) for point in ops.points for reduce in (opset.reduce_min, opset.reduce_max)]
    compiled = core.compile_model(ov.Model(ends, [given], "extremes"), "CPU", settings("f32"))
    request = compiled.create_infer_request()
    found: list[list[Floats]] = []
    for picture in pictures:
        pack(picture, into=request.get_input_tensor().data)
        request.infer()
        found.append([tensor.data.copy() for tensor in request.output_tensors])
    values = [np.stack(end) for end in zip(*found, strict=True)]
    return [np.stack(pair, 1) for pair in zip(values[::2], values[1::2], strict=True)]


def quantize_range(x: ov.Output, span: Range) -> ov.Output:
    """Round *x* to 256 levels: of one sign from zero on, of both signs around zero."""
    if span.low < 0:
        return quantize(x, np.float32(max(span.high, -span.low)), levels=255)
    bounds = [constant(0), constant(span.high)] * 2
    return opset.fake_quantize(x, *bounds, 256).output(0)


def quantize(x: ov.Output, reach: NDArray[np.float32] | np.float32, levels: int) -> ov.Output:
    """Round *x* to *levels* between minus and plus *reach*."""
    bounds = [constant(-reach), constant(reach)] * 2
    return opset.fake_quantize(x, *bounds, levels).output(0)


def constant(value: object, dtype: type = np.float32) -> ov.Output:
    """Return a constant node."""
    return opset.constant(np.ascontiguousarray(value, dtype)).output(0)


def settings(floats: str, streams: int = 1) -> dict[str, str]:
    """Return OpenVINO's settings; *floats* names their precision.

    With one of *streams* a picture is done soon; with more there are as many at a time, on a part of the
    cores each.
    """
    if streams == 1:
        return {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": floats}
    hints = {"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": str(streams)}
    return {**hints, "INFERENCE_PRECISION_HINT": floats}


def keep(path: Path, blob: bytes) -> None:
    """Write *blob*, complete or not at all; a full or read-only disk costs only the time to compile again."""
    try:
        with whole_file(path) as partial:
            partial.write_bytes(blob)
        by_age = sorted(path.parent.glob("*.blob"), key=lambda kept: kept.stat().st_mtime)
        for old in by_age[:-BLOBS_KEPT]:
            old.unlink()
    except OSError as error:
        log.debug("cannot keep %s: %s", path, error)


def choose_device(core: ov.Core, wanted: str) -> str:
    """Return OpenVINO's name of the device that *wanted* names.

    Raises:
        DeviceUnavailable: it is not on this machine, or not OpenVINO's.
    """
    name = DEVICES.get(wanted)
    if name == "CPU":  # always there; to ask for all loads what drives the others, 29 MB
        return name
    if name is None or not any(device.startswith(name) for device in core.available_devices):
        here = [given for given, device in DEVICES.items() if device in core.available_devices]
        raise DeviceUnavailable(
            f"openvino has no device {wanted!r} on this machine; here work: {', '.join(here)}"
        )
    return name


def choose_precision(core: ov.Core, device: str, wanted: str, channels: int) -> str:
    """Return the precision that *wanted* names; ``auto`` takes the fastest that looks the same.

    *channels* is how wide the network is; see ``QUICK_IN_8_BITS`` and ``WIDEST_IN_8_BITS``.

    Raises:
        DeviceUnavailable: *device* does not calculate so.
    """
    able = core.get_property(device, "OPTIMIZATION_CAPABILITIES")
    there = [name for name, capability in CAPABILITIES.items() if capability in able]
    if wanted == "auto":
        quick = core.get_property(device, "DEVICE_ARCHITECTURE") == QUICK_IN_8_BITS
        return next(name for name in there if name != "int8" or (quick and channels <= WIDEST_IN_8_BITS))
    if wanted not in there:
        here = ", ".join(["auto", *there])
        raise DeviceUnavailable(
            f"openvino {device.lower()} cannot run in {wanted!r} here; possible are: {here}"
        )
    return wanted
