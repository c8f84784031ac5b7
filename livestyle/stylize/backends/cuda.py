"""Paints on an NVIDIA GPU: everything between the two copies of a frame is one recorded graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from livestyle.frame import Pixels
from livestyle.stylize.network import StyleNetwork
from livestyle.stylize.padding import BORDER, STRIDE

SIZES_KEPT = 4
"""Picture sizes whose graphs are kept; the governor needs three."""

WARM_UPS = 3
"""Runs before a graph is recorded: libraries choose their algorithms and allocate."""


@dataclass(frozen=True)
class Recording:
    """The way of a picture of one size.

    Attributes:
        given, painted: uint8 RGB, (H, W, 3), in pinned memory: the GPU reads and writes them itself.
        graph: copies *given*, paints, copies into *painted*.
    """

    given: Tensor
    painted: Tensor
    graph: torch.cuda.CUDAGraph


class CudaPainter:
    """Paints with *network*, which is on a GPU, on a stream of its own.

    A graph of the whole way is recorded for each size of picture: what follows costs one launch per frame.
    """

    def __init__(self, network: StyleNetwork) -> None:
        self._network = network
        self._device = network.out.conv.weight.device
        self._stream = torch.cuda.Stream(self._device)
        self._recordings: dict[tuple[int, int], Recording] = {}

    def paint(self, pixels: Pixels) -> Pixels:
        """Paint a picture, uint8 RGB, (H, W, 3), of any size; same shape out."""
        recording = self._recording(*pixels.shape[:2])
        recording.given.numpy()[:] = pixels
        with torch.cuda.stream(self._stream):
            recording.graph.replay()
        self._stream.synchronize()
        return recording.painted.numpy().copy()

    def _recording(self, height: int, width: int) -> Recording:
        """Return the recording for that size; those used last are kept."""
        recording = self._recordings.pop((height, width), None) or self._record(height, width)
        self._recordings[height, width] = recording
        if len(self._recordings) > SIZES_KEPT:
            del self._recordings[next(iter(self._recordings))]
        return recording

    @torch.inference_mode()
    def _record(self, height: int, width: int) -> Recording:
        given, painted = (torch.zeros((height, width, 3), dtype=torch.uint8, pin_memory=True) for _ in "ab")
        picture = torch.zeros((height, width, 3), dtype=torch.uint8, device=self._device)
        rows, columns = (reflections(side).to(self._device) for side in (height, width))

        def run() -> None:
            picture.copy_(given, non_blocking=True)
            painted.copy_(paint_on_device(self._network, picture, rows, columns), non_blocking=True)

        graph = torch.cuda.CUDAGraph()
        self._stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(self._stream), torch.backends.cudnn.flags(benchmark=True):
            for _ in range(WARM_UPS):
                run()
            self._stream.synchronize()
            with torch.cuda.graph(graph, stream=self._stream):
                run()
        return Recording(given, painted, graph)


def paint_on_device(network: StyleNetwork, picture: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Paint *picture* where it is, without waiting for anything.

    Args:
        network: on the same device, in any precision.
        picture: uint8 RGB, (H, W, 3).
        rows, columns: the ``reflections`` of H and W, on the same device.

    Returns:
        The painting, same shape, type and device.
    """
    height, width, _ = picture.shape
    padded = picture.index_select(0, rows).index_select(1, columns)
    given = padded.permute(2, 0, 1)[None].to(network.out.conv.weight.dtype) / 255  # channels last in memory
    painted = network(given)[0, :, BORDER : BORDER + height, BORDER : BORDER + width]
    return (painted.float() * 255).round_().to(torch.uint8).permute(1, 2, 0).contiguous()


def reflections(side: int) -> Tensor:
    """Return which row, or column, each one of the padded picture shows; as ``padding.pad`` does it."""
    behind = BORDER + -side % STRIDE
    return torch.from_numpy(np.pad(np.arange(side), (BORDER, behind), mode="reflect"))
