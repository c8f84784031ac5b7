"""Reads the network that tells people from their surroundings out of its TensorFlow Lite file.

That is a FlatBuffer: tables that say where their fields are. OpenVINO reads such files too, but not this
one: its last layer is of MediaPipe's own making.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

ADD, CONVOLVE, CONVOLVE_EACH, DEQUANTIZE, SIGMOID, MULTIPLY = 0, 3, 4, 6, 14, 18
RELU, ENLARGE, CUSTOM, MEAN, HARD_SWISH = 19, 23, 32, 40, 117
"""What TensorFlow Lite calls the operations; CUSTOM is a transposed convolution here."""

ARITY = {CONVOLVE: 1, CONVOLVE_EACH: 1, CUSTOM: 1, MEAN: 1, ENLARGE: 1, ADD: 2, MULTIPLY: 2}
"""Inputs that are maps; the others are weights, or numbers that we know."""

DTYPES: dict[int, np.dtype[Any]] = {0: np.dtype("<f4"), 1: np.dtype("<f2")}


class Step(NamedTuple):
    """One operation on maps; *output* and *inputs* are the numbers of maps.

    Attributes:
        kind: one of those above.
        weight: of convolutions: (outputs, height, width, inputs); (1, height, width, channels) of
            ``CONVOLVE_EACH``. Else empty.
        bias: (outputs,).
        stride: of convolutions.
    """

    kind: int
    inputs: tuple[int, ...]
    output: int
    weight: Floats
    bias: Floats
    stride: int


class Table:
    """One table of a FlatBuffer *data*; fields go by number."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._at = at
        self._fields = at - int(self._number("i", at))

    def number(self, field: int, kind: str) -> int:
        """Return a number; *kind* as for ``struct``. 0 when the table does not tell."""
        at = self._place(field)
        return int(self._number(kind, at)) if at else 0

    def bytes(self, field: int) -> bytes:
        """Return bytes or a text."""
        start, length = self._vector(field)
        return self._data[start : start + length]

    def numbers(self, field: int) -> tuple[int, ...]:
        """Return a list of 32-bit numbers."""
        start, length = self._vector(field)
        return struct.unpack_from(f"<{length}i", self._data, start)

    def tables(self, field: int) -> list[Table]:
        """Return a list of tables."""
        start, length = self._vector(field)
        places = range(start, start + 4 * length, 4)
        return [Table(self._data, at + self._number("I", at)) for at in places]

    def table(self, field: int) -> Table | None:
        """Return a table; None when there is none."""
        at = self._place(field)
        return Table(self._data, at + self._number("I", at)) if at else None

    def _number(self, kind: str, at: int) -> Any:
        return struct.unpack_from(f"<{kind}", self._data, at)[0]

    def _place(self, field: int) -> int:
        """Return where *field* is, 0 when it is not."""
        entry = 4 + 2 * field
        offset = self._number("H", self._fields + entry) if entry < self._number("H", self._fields) else 0
        return self._at + offset if offset else 0

    def _vector(self, field: int) -> tuple[int, int]:
        """Return where a list starts and how long it is."""
        at = self._place(field)
        if not at:
            return 0, 0
        start = at + self._number("I", at)
        return start + 4, self._number("I", start)


def read_steps(data: bytes) -> list[Step]:
    """Return the operations of the network in the file *data*, in order: the first takes map 0, the picture.

    Raises:
        ValueError: the file is no network made of the operations above.
    """
    try:
        root = Table(data, struct.unpack_from("<I", data)[0])
        steps = list(read_graph(root))
    except (struct.error, IndexError, KeyError, ValueError) as error:
        raise ValueError("not a network that can be read") from error
    if not steps or steps[0].inputs != (0,):
        raise ValueError("not a network that takes a picture")
    return steps


def read_graph(root: Table) -> Iterator[Step]:
    """Yield the operations of the first graph in a file."""
    kinds = [max(code.number(0, "b"), code.number(3, "i")) for code in root.tables(1)]
    (graph,) = root.tables(2)
    buffers = root.tables(4)
    tensors = graph.tables(0)
    weights: dict[int, Floats] = {}
    for number, tensor in enumerate(tensors):
        content = buffers[tensor.number(2, "I")].bytes(0)
        kind = tensor.number(1, "b")
        if content and kind in DTYPES:
            values = np.frombuffer(content, DTYPES[kind]).astype(np.float32)
            weights[number] = values.reshape(tensor.numbers(0))
    for operation in graph.tables(3):
        kind = kinds[operation.number(0, "I")]
        inputs, (output,) = operation.numbers(1), operation.numbers(2)
        if kind == DEQUANTIZE:
            weights[output] = weights[inputs[0]]
        else:
            yield read_step(kind, inputs, output, weights, operation)


def read_step(
    kind: int, inputs: Sequence[int], output: int, weights: dict[int, Floats], operation: Table
) -> Step:
    """Return one operation with its weights."""
    if kind not in (*ARITY, RELU, SIGMOID, HARD_SWISH):
        raise ValueError(f"operation {kind} of TensorFlow Lite is not known here")
    none = np.zeros(0, np.float32)
    weight, bias, stride = none, none, 1
    if kind in (CONVOLVE, CONVOLVE_EACH, CUSTOM):
        weight, bias = weights[inputs[1]], weights[inputs[2]]
        options = operation.table(4)
        stride = options.number(1, "i") if options else len(weight[0])  # transposed: patches that only touch
    return Step(kind, tuple(inputs[: ARITY.get(kind, 1)]), output, weight, bias, stride)
