"""The network once more, without PyTorch: one description that every graph library builds from.

``network.py`` is the network that learns; this is the one that ships: norms folded away, and the first and
last layers ordered so that a packed picture (see ``padding.pack``) goes in and comes out as it lies in
memory. A test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from livestyle.errors import BadStyleFile
from livestyle.styles.style import Style

Node = TypeVar("Node")
Floats = NDArray[np.float32]


class Layer(NamedTuple):
    """One 3×3 convolution, padded with *dilation* zeros.

    Attributes:
        weight: (outputs, inputs, 3, 3).
        bias: (outputs,).
        peers: (outputs,); outputs of the same number become pixels of the same channel.
    """

    weight: Floats
    bias: Floats
    peers: NDArray[np.int64]
    stride: int = 1
    dilation: int = 1


class Ops(Protocol[Node]):
    """How one library spells the few operations of the network, on (1, channels, H, W)."""

    def conv(self, x: Node, layer: Layer) -> Node:
        """Convolve *x* and add the bias."""

    def relu(self, x: Node) -> Node:
        """Cut off what is negative."""

    def add(self, x: Node, y: Node) -> Node:
        """Add two maps of the same shape."""

    def enlarge(self, x: Node) -> Node:
        """Spread a quarter of the channels over 2×2 pixels: channel (2·row + column)·quarter + c."""

    def sigmoid(self, x: Node) -> Node:
        """Squash into [0, 1]."""


def connect(ops: Ops[Node], picture: Node, layers: Mapping[str, Layer]) -> Node:
    """Return the painting, in [0, 1], of *picture*, in [-1, 1]; both packed, (1, 12, H/2, W/2)."""
    stem = ops.relu(ops.conv(picture, layers["stem"]))
    x = ops.relu(ops.conv(stem, layers["down"]))
    for name in layers:
        if name.endswith(".first"):
            inner = ops.relu(ops.conv(x, layers[name]))
            x = ops.add(x, ops.conv(inner, layers[name.replace("first", "second")]))
    x = ops.add(ops.enlarge(ops.relu(ops.conv(x, layers["up"]))), stem)
    x = ops.relu(ops.conv(x, layers["head"]))
    return ops.sigmoid(ops.conv(x, layers["out"]))


def read_layers(style: Style) -> dict[str, Layer]:
    """Return the layers of *style* in the order in which they run; raises BadStyleFile as ``arrange``."""
    layers = arrange(style, style.read_weights())
    layers["out"] = double(layers["out"])
    return layers


def arrange(style: Style, given: Mapping[str, NDArray[Any]]) -> dict[str, Layer]:
    """Return the layers that the weights *given* are, as *style* has them, in the order in which they run.

    Raises:
        BadStyleFile: the weights do not fit the network that the file names.
    """
    channels, blocks = style.shape
    weights = {name: array.astype(np.float32) for name, array in given.items()}
    shapes = layer_shapes(channels, blocks)
    fits: dict[str, tuple[int, ...]] = {f"{name}.conv.bias": shape[:1] for name, shape in shapes.items()}
    fits |= {f"{name}.conv.weight": (*shape, 3, 3) for name, shape in shapes.items()}
    if {name: array.shape for name, array in weights.items()} != fits:
        raise BadStyleFile(
            f"the weights in {style.path} do not fit a network of shape {style.shape}; get the file again"
        )
    layers = {
        name: Layer(weights[f"{name}.conv.weight"], weights[f"{name}.conv.bias"], np.arange(outputs))
        for name, (outputs, _) in shapes.items()
    }
    layers["stem"] = order_inputs(layers["stem"])
    layers["down"] = layers["down"]._replace(stride=2)
    layers["up"] = order_outputs(layers["up"])
    layers["out"] = order_outputs(layers["out"])
    for block in range(blocks):
        name = f"body.{block}.first"
        layers[name] = layers[name]._replace(dilation=2 ** (block % 3))
    return layers


def layer_shapes(channels: int, blocks: int) -> dict[str, tuple[int, int]]:
    """Return outputs and inputs of each convolution of a network of that shape."""
    body = {
        f"body.{block}.{half}": (channels, channels)
        for block in range(blocks)
        for half in ("first", "second")
    }
    ends = {"up": (64, channels), "head": (16, 16), "out": (12, 16)}
    return {"stem": (16, 12), "down": (channels, 16)} | body | ends


def order_inputs(layer: Layer) -> Layer:
    """Take inputs in the order row, column, colour instead of colour, row, column."""
    weight = layer.weight.reshape(-1, 3, 2, 2, 3, 3).transpose(0, 2, 3, 1, 4, 5)
    return layer._replace(weight=weight.reshape(layer.weight.shape))


def order_outputs(layer: Layer) -> Layer:
    """Give outputs in the order row, column, channel instead of channel, row, column."""
    channels = len(layer.bias) // 4
    weight = layer.weight.reshape(channels, 2, 2, -1, 3, 3).transpose(1, 2, 0, 3, 4, 5)
    bias = layer.bias.reshape(channels, 2, 2).transpose(1, 2, 0)
    peers = np.arange(4 * channels) % channels
    return Layer(weight.reshape(layer.weight.shape), bias.reshape(-1), peers)


def double(layer: Layer) -> Layer:
    """Give outputs twice as large: tanh(x) / 2 + 1/2 is sigmoid(2x), half the time in OpenVINO."""
    return layer._replace(weight=2 * layer.weight, bias=2 * layer.bias)
