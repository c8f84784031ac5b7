"""Paints on an NVIDIA GPU: everything between the two copies of a frame is one recorded graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from livestyle.frame import Pixels
from livestyle.stylize.backends.passage import PLAN, Passage
from livestyle.stylize.device.smoother import State
from livestyle.stylize.network import StyleNetwork

SIZES_KEPT = 5
"""Picture sizes whose graphs are kept; the governor needs four."""

WARM_UPS = 3
"""Runs before a graph is recorded: libraries choose their algorithms and allocate."""


@dataclass(frozen=True)
class Recording:
    """The way of a picture of one size.

    Attributes:
        given, painted: uint8 RGB, (H, W, 3), in pinned memory: the GPU reads and writes them itself.
        plan: the numbers of ``Passage``, in pinned memory.
        state: the past that is read and written; None: each picture is painted by itself.
        graph: copies *given* and *plan*, paints, copies into *painted*.
    """

    given: Tensor
    plan: Tensor
    painted: Tensor
    state: State | None
    graph: torch.cuda.CUDAGraph


class CudaPainter:
    """Paints with *network*, which is on a GPU, on a stream of its own.

    A graph of the whole way is recorded for each size of picture: what follows costs one launch per frame.
    """

    def __init__(self, network: StyleNetwork) -> None:
        self._network = network
        self._device = network.out.conv.weight.device
        self._stream = torch.cuda.Stream(self._device)
        self._recordings: dict[tuple[int, int, bool], Recording] = {}

    def paint(self, pixels: Pixels, state: State | None = None, plan: Sequence[float] = ()) -> Pixels:
        """Paint a picture, uint8 RGB, (H, W, 3), of any size; same shape out. See ``Passage``."""
        height, width = pixels.shape[:2]
        recording = self._recording(height, width, state)
        recording.given.numpy()[:] = pixels
        if plan:
            recording.plan.numpy()[:] = plan
        with torch.cuda.stream(self._stream):
            recording.graph.replay()
        self._stream.synchronize()
        return recording.painted.numpy().copy()

    def _recording(self, height: int, width: int, state: State | None) -> Recording:
        """Return the recording for that size and past; those used last are kept."""
        key = height, width, state is not None
        recording = self._recordings.pop(key, None)
        if recording is None or recording.state is not state:
            recording = self._record(height, width, state)
        self._recordings[key] = recording
        if len(self._recordings) > SIZES_KEPT:
            del self._recordings[next(iter(self._recordings))]
        return recording

    @torch.inference_mode()
    def _record(self, height: int, width: int, state: State | None) -> Recording:
        given, painted = (torch.zeros((height, width, 3), dtype=torch.uint8, pin_memory=True) for _ in "ab")
        plan = torch.zeros(PLAN, pin_memory=True)
        passage = Passage(self._network, height, width)
        picture, numbers = (
            torch.zeros_like(given, device=self._device),
            torch.zeros(PLAN, device=self._device),
        )

        def run() -> None:
            picture.copy_(given, non_blocking=True)
            numbers.copy_(plan, non_blocking=True)
            painted.copy_(passage.paint(picture, state, numbers), non_blocking=True)

        graph = torch.cuda.CUDAGraph()
        self._stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(self._stream), torch.backends.cudnn.flags(benchmark=True):
            tensors = state.tensors() if state else []
            past = [tensor.clone() for tensor in tensors]
            for _ in range(WARM_UPS):
                run()
            self._stream.synchronize()
            with torch.cuda.graph(graph, stream=self._stream):
                run()
            for tensor, before in zip(tensors, past, strict=True):
                tensor.copy_(before)  # what the runs to warm up made of it never was
        return Recording(given, plan, painted, state, graph)
