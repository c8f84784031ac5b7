"""Paints on an NVIDIA GPU: everything that happens to a frame there is one recorded graph.

Of a file, two frames are on their way: while the GPU paints one, the host brings the next and takes the last.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from livestyle.frame import Pixels
from livestyle.stylize.backends.passage import PLAN, Passage
from livestyle.stylize.device.smoother import State, make_state
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
        self._stream.wait_stream(torch.cuda.current_stream(self._device))  # there the weights were laid out
        self._recordings: dict[tuple[int, int, bool], Recording] = {}
        self._launching = threading.Lock()
        self._pool = torch.cuda.graph_pool_handle()  # one for all graphs: no two run at the same time
        self._seen: set[tuple[int, int]] = set()
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

    def warm(self, height: int, width: int, state: State | None) -> None:
        """Record the way of pictures of that size and past; from any thread."""
        self._seen.add((height, width))
        self._free_slots(height, width, state)

    def begin(
        self, pixels: Pixels, state: State | None = None, plan: Sequence[float] = ()
    ) -> Callable[[], Pixels]:
        """Begin to paint a picture, after those before; return what waits for it. See ``Passage``.

        The first of a clip in a size that is new is painted at once and without a recording, which takes
        longer: it may be a photo. Waits itself while there are as many pictures of that size on their way as
        ``widen`` has allowed.
        """
        height, width = pixels.shape[:2]
        if state is not None and (height, width) not in self._seen:
            self._seen.add((height, width))
            painted = self._paint_once(pixels, state, plan)
            return lambda: painted
        free = self._free_slots(height, width, state)
        slot = free.get()
        with ExitStack() as undo:
            undo.callback(free.put, slot)  # after a failure: who waits for it shall not wait for ever
            slot.given.numpy()[:] = pixels
            if plan:
                slot.plan.numpy()[:] = plan
            with self._launching, torch.cuda.stream(self._stream):
                slot.graph.replay()
                slot.done.record()
            undo.pop_all()

        def take() -> Pixels:
            try:
                return slot.take()
            finally:
                free.put(slot)

        return take

    @torch.inference_mode()
    def _paint_once(self, pixels: Pixels, state: State, plan: Sequence[float]) -> Pixels:
        """Paint a picture without a recording."""
        height, width = pixels.shape[:2]
        passage = Passage(self._network, height, width)
        with self._launching, torch.cuda.stream(self._stream):
            picture = torch.from_numpy(np.ascontiguousarray(pixels)).to(self._device)
            numbers = torch.tensor(plan, device=self._device)
            return passage.paint(picture, state, numbers).cpu().numpy()

    def _free_slots(self, height: int, width: int, state: State | None) -> SimpleQueue[Slot]:
        """Return the room for pictures of that size and past; that of the sizes used last is kept."""
        key = height, width, state is not None
        with self._launching:
            recording = self._recordings.pop(key, None)
            if recording is None or recording.state is not state:
                recording = Recording(state, SimpleQueue())
                for _ in range(self._slots):
                    recording.free.put(self._record_in_turn(height, width, state))
            self._recordings[key] = recording
            if len(self._recordings) > SIZES_KEPT:
                del self._recordings[next(iter(self._recordings))]
        return recording.free

    def _record_in_turn(self, height: int, width: int, state: State | None) -> Slot:
        """Record while no other thread does; if memory is short, without the recordings of other sizes."""
        with RECORDING:
            try:
                return self._record(height, width, state)
            except torch.OutOfMemoryError:
                self._recordings.clear()
            torch.cuda.empty_cache()  # not before: until here the error holds what there was no memory for
            return self._record(height, width, state)

    @torch.inference_mode()
    def _record(self, height: int, width: int, state: State | None) -> Slot:
        given, painted = (torch.zeros((height, width, 3), dtype=torch.uint8, pin_memory=True) for _ in "ab")
        plan = torch.zeros(PLAN, pin_memory=True)
        passage = Passage(self._network, height, width)
        picture, numbers = (
            torch.zeros_like(given, device=self._device),
            torch.zeros(PLAN, device=self._device),
        )

        def run(past: State | None) -> None:
            picture.copy_(given, non_blocking=True)
            numbers.copy_(plan, non_blocking=True)
            painted.copy_(passage.paint(picture, past, numbers), non_blocking=True)

        # Not on the state itself: a frame may be painted with it just now.
        scratch = make_state(height, width, self._device) if state else None
        graph = torch.cuda.CUDAGraph()
        self._stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(self._stream), torch.backends.cudnn.flags(enabled=True, benchmark=True):
            for _ in range(WARM_UPS):
                run(scratch)
            self._stream.synchronize()
            with torch.cuda.graph(graph, self._pool, self._stream, capture_error_mode="thread_local"):
                run(state)
        held = picture, numbers, passage, state
        return Slot(given, plan, painted, graph, torch.cuda.Event(blocking=True), held)
