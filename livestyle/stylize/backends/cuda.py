"""Paints on an NVIDIA GPU: everything that happens to a frame there is one recorded graph.

Of a file, two frames are on their way: while the GPU paints one, the host brings the next and takes the last.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, NamedTuple

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

RECORDING = threading.Lock()
"""Only one thread of the process may record; others may go on painting."""


@dataclass(frozen=True)
class Slot:
    """Room for one picture on its way.

    Attributes:
        given, painted: uint8 RGB, (H, W, 3), in pinned memory: the GPU reads and writes them itself.
        plan: the numbers of ``Passage``, in pinned memory.
        graph: copies *given* and *plan*, paints, copies into *painted*.
        done: of the graph.
        held: what the graph works in and on, by its address alone: it must live as long.
    """

    given: Tensor
    plan: Tensor
    painted: Tensor
    graph: torch.cuda.CUDAGraph
    done: torch.cuda.Event
    held: tuple[object, ...] = ()

    def take(self) -> Pixels:
        """Wait for the painting and return it."""
        self.done.synchronize()
        return self.painted.numpy().copy()


class Recording(NamedTuple):
    """The way of pictures of one size, recorded once for each that may be on it at the same time.

    Attributes:
        state: the past that is read and written; None: each picture is painted by itself.
        free: what no picture is in.
    """

    state: State | None
    free: SimpleQueue[Slot]


class CudaPainter:
    """Paints with *network*, which is on a GPU, on a stream of its own: one picture after the other.

    A graph of the whole way is recorded for each size of picture: what follows costs one launch per frame.
    """

    def __init__(self, network: StyleNetwork) -> None:
        self._network = network
        self._device = network.out.conv.weight.device
        self._stream = torch.cuda.Stream(self._device)
        self._recordings: dict[tuple[int, int, bool], Recording] = {}
        self._launching = threading.Lock()
        self._slots = 1

    def widen(self, count: int) -> int:
        """See ``Backend``."""
        with self._launching:
            if count != self._slots:
                self._slots = count
                self._recordings.clear()
        return count

    def paint(self, pixels: Pixels) -> Pixels:
        """Paint a picture, uint8 RGB, (H, W, 3), of any size; same shape out."""
        return self.begin(pixels)()

    def begin(
        self, pixels: Pixels, state: State | None = None, plan: Sequence[float] = ()
    ) -> Callable[[], Pixels]:
        """Begin to paint a picture, after those before; return what waits for it. See ``Passage``.

        Waits itself while there are as many pictures of that size on their way as ``widen`` has allowed.
        """
        height, width = pixels.shape[:2]
        free = self._free_slots(height, width, state)
        slot = free.get()
        try:
            slot.given.numpy()[:] = pixels
            if plan:
                slot.plan.numpy()[:] = plan
            with self._launching, torch.cuda.stream(self._stream):
                slot.graph.replay()
                slot.done.record()
        except BaseException:
            free.put(slot)  # who waits for it shall not wait for ever
            raise

        def take() -> Pixels:
            try:
                return slot.take()
            finally:
                free.put(slot)

        return take

    def _free_slots(self, height: int, width: int, state: State | None) -> SimpleQueue[Slot]:
        """Return the room for pictures of that size and past; that of the sizes used last is kept."""
        key = height, width, state is not None
        with self._launching:
            recording = self._recordings.pop(key, None)
            if recording is None or recording.state is not state:
                recording = Recording(state, SimpleQueue())
                with RECORDING:
                    pool = torch.cuda.graph_pool_handle()  # one for all: they never run at the same time
                    for _ in range(self._slots):
                        recording.free.put(self._record(height, width, state, pool))
            self._recordings[key] = recording
            if len(self._recordings) > SIZES_KEPT:
                del self._recordings[next(iter(self._recordings))]
        return recording.free

    @torch.inference_mode()
    def _record(self, height: int, width: int, state: State | None, pool: Any) -> Slot:
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
        with torch.cuda.stream(self._stream), torch.backends.cudnn.flags(enabled=True, benchmark=True):
            tensors = state.tensors() if state else []
            past = [tensor.clone() for tensor in tensors]
            for _ in range(WARM_UPS):
                run()
            self._stream.synchronize()
            with torch.cuda.graph(graph, pool, self._stream, capture_error_mode="thread_local"):
                run()
            for tensor, before in zip(tensors, past, strict=True):
                tensor.copy_(before)  # what the runs to warm up made of it never was
        held = picture, numbers, passage, state
        return Slot(given, plan, painted, graph, torch.cuda.Event(blocking=True), held)
