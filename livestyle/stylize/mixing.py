"""Mixes networks into one that paints as strongly as they do.

Where networks differ, their weights partly cancel each other, and the mean of them paints pale. So each
channel of each layer gets back the mean and the deviation that it has in the networks that were mixed,
measured on a few pictures (Jordan et al. 2022, arXiv:2211.08403).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from livestyle.styles.blend import Blend
from livestyle.stylize.backends.calibration import calibration_pictures
from livestyle.stylize.graph import Floats, Layer, arrange, connect
from livestyle.stylize.padding import pack, packed_shape

PICTURES = 4
"""Of those that ranges are measured on, at half of their size."""

MOST = 5.0
"""A channel becomes so many times as strong, or as weak, at most: one may give next to nothing."""


@dataclass(frozen=True)
class Mixture(Blend):
    """A blend whose weights are made strong again."""

    @classmethod
    def of(cls, blend: Blend) -> Self:
        """Return *blend* so."""
        return cls(**{field.name: getattr(blend, field.name) for field in fields(blend)})

    def read_weights(self) -> dict[str, NDArray[np.float16]]:
        """Read the weights, mixed; see ``Style.read_weights``.

        Raises:
            BadStyleFile: they do not fit the networks that the files name.
        """
        mean = super().read_weights()
        pictures = read_pictures()
        shares = [share for _, share in self.parts]
        seen = [watch(arrange(style, style.read_weights()), pictures).seen for style, _ in self.parts]
        wanted = [Spread(*np.tensordot(shares, spreads, 1)) for spreads in zip(*seen, strict=True)]
        layers = arrange(self, mean)
        changes = watch(layers, pictures, wanted).changes
        mixed = dict(mean)
        for name, (gain, shift) in zip(layers, changes, strict=True):
            weight, bias = f"{name}.conv.weight", f"{name}.conv.bias"
            gains, shifts = (np.repeat(each, len(mean[bias]) // len(each)) for each in (gain, shift))
            mixed[weight] = (mean[weight] * gains[:, None, None, None]).astype(np.float16)
            mixed[bias] = (mean[bias] * gains + shifts).astype(np.float16)
        return mixed


class Spread(NamedTuple):
    """Mean and deviation of the values of each channel of a layer, (channels,) each."""

    mean: NDArray[Any]
    deviation: NDArray[Any]


class Watcher:
    """The operations of ``graph.Ops`` in NumPy, on (pictures, channels, H, W).

    Args:
        wanted: of each layer, in order: values are changed to have it. None changes none.

    Attributes:
        seen: of each layer, in order, what it gave.
        changes: by what each channel of each layer was multiplied, and what was then added.
    """

    def __init__(self, wanted: Sequence[Spread] | None) -> None:
        self._wanted = wanted
        self.seen: list[Spread] = []
        self.changes: list[tuple[NDArray[Any], NDArray[Any]]] = []

    def conv(self, x: Floats, layer: Layer) -> Floats:
        """See ``Ops``."""
        y = convolve(x, layer)
        seen = spread_of(y, layer.peers)
        self.seen.append(seen)
        if self._wanted is None:
            return y
        wanted = self._wanted[len(self.seen) - 1]
        gain = np.clip(wanted.deviation / np.maximum(seen.deviation, 1e-5), 1 / MOST, MOST)
        shift = wanted.mean - gain * seen.mean
        self.changes.append((gain, shift))
        changed = y * gain[layer.peers, None, None] + shift[layer.peers, None, None]
        return changed.astype(np.float32, copy=False)

    def relu(self, x: Floats) -> Floats:
        """See ``Ops``."""
        return np.maximum(x, 0)

    def add(self, x: Floats, y: Floats) -> Floats:
        """See ``Ops``."""
        return x + y

    def enlarge(self, x: Floats) -> Floats:
        """See ``Ops``."""
        count, channels, height, width = x.shape
        cells = x.reshape(count, 2, 2, channels // 4, height, width).transpose(0, 3, 4, 1, 5, 2)
        return cells.reshape(count, channels // 4, 2 * height, 2 * width)

    def sigmoid(self, x: Floats) -> Floats:
        """See ``Ops``: nobody looks at what comes out."""
        return x


def watch(layers: Mapping[str, Layer], pictures: Floats, wanted: Sequence[Spread] | None = None) -> Watcher:
    """Return what watched the network of *layers* paint *pictures*, (N, 12, H/2, W/2); see ``Watcher``."""
    watcher = Watcher(wanted)
    connect(watcher, pictures, layers)
    return watcher


def read_pictures() -> Floats:
    """Return a few pictures as the network takes them, in [-1, 1], (PICTURES, 12, H/2, W/2)."""
    small = [cv2.resize(each, None, fx=0.5, fy=0.5) for each in calibration_pictures()[:PICTURES]]
    packed = np.empty((PICTURES, *packed_shape(*small[0].shape[:2])[1:]), np.uint8)
    for picture, cells in zip(small, packed, strict=True):
        pack(picture.astype(np.uint8, copy=False), into=cells[None])
    return packed.transpose(0, 3, 1, 2) * np.float32(2 / 255) - 1


def convolve(x: Floats, layer: Layer) -> Floats:
    """Return *x*, (N, C, H, W), after the convolution of *layer*.

    One product of matrices: where other programs keep the cores busy, the threads of a BLAS wait for each
    other in each, 20 ms and more.
    """
    step, side = layer.dilation, layer.stride
    count, channels, height, width = len(x), x.shape[1], x.shape[2] // side, x.shape[3] // side
    padded = np.pad(x, ((0, 0), (0, 0), (step, step), (step, step)))
    taps = np.empty((channels, 3, 3, count, height, width), np.float32)
    for row, column in np.ndindex(3, 3):
        tap = padded[:, :, row * step :: side, column * step :: side][:, :, :height, :width]
        taps[:, row, column] = tap.transpose(1, 0, 2, 3)
    outputs = len(layer.bias)
    product = layer.weight.reshape(outputs, -1) @ taps.reshape(channels * 9, -1)
    product += layer.bias[:, None]
    return np.ascontiguousarray(product.reshape(outputs, count, height, width).transpose(1, 0, 2, 3))


def spread_of(y: Floats, peers: NDArray[np.int64]) -> Spread:
    """Return the mean and deviation of each channel of *y*, (N, outputs, H, W); *peers* are one channel."""
    count = np.bincount(peers)
    mean = np.bincount(peers, y.mean((0, 2, 3))) / count
    square = np.bincount(peers, np.square(y).mean((0, 2, 3))) / count
    deviation = np.sqrt(np.maximum(square - np.square(mean), 0))
    return Spread(mean, deviation)
