"""The way of a picture on a GPU; what can be tried without one is tried on the CPU."""

from __future__ import annotations

import os
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode

from livestyle.styles.style import Style
from livestyle.stylize.backends.cuda import SIZES_KEPT, CudaPainter, Slot
from livestyle.stylize.backends.passage import PLAN, Passage, reflections
from livestyle.stylize.backends.pytorch import PyTorchBackend, load_network, paint
from livestyle.stylize.device.smoother import DeviceSmoother, State, make_state
from livestyle.stylize.padding import pad

SIZES = [(1, 1), (2, 3), (17, 40), (96, 131)]


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height).integers(0, 256, (height, width, 3), np.uint8)


@pytest.fixture
def gpu() -> None:
    if not torch.cuda.is_available():
        if os.environ.get("LIVESTYLE_NEEDS_GPU") == "1":
            pytest.fail("LIVESTYLE_NEEDS_GPU=1, but PyTorch finds no GPU")
        pytest.skip("no GPU")


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_reflections_are_those_of_the_other_backends(height: int, width: int) -> None:
    pixels = picture(height, width)
    assert np.array_equal(pixels[reflections(height)][:, reflections(width)], pad(pixels))


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_the_recorded_way_paints_the_same(height: int, width: int, tiny_style: Style) -> None:
    network, pixels = load_network(tiny_style).eval(), picture(height, width)
    with torch.inference_mode():
        passage = Passage(network, height, width)
        painted = passage.paint(torch.from_numpy(pixels), None, torch.zeros(PLAN)).numpy()
    assert painted.shape == pixels.shape and painted.flags.c_contiguous
    assert np.abs(painted.astype(int) - paint(network, pixels)).max() <= 1


BROKEN = 200
"""What makes the fake GPU fail."""


class Stream(ThreadPoolExecutor):
    """Stands for a GPU: what it is given it does later, in turn."""

    def __init__(self, *_: object) -> None:
        super().__init__(1)
        self.last: Future[None]

    def wait_stream(self, other: object) -> None:
        """Do nothing: there is one stream."""


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch, tiny_style: Style) -> CudaPainter:
    """A painter whose GPU is a thread, and whose pictures become twice as light and a level lighter."""
    monkeypatch.setattr(torch.cuda, "Stream", Stream)
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: nullcontext())

    monkeypatch.setattr(torch.cuda, "graph_pool_handle", lambda: None)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: None)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)

    def record(self: CudaPainter, height: int, width: int, state: State | None) -> Slot:
        stream: Any = self._stream
        given, painted = torch.zeros((2, height, width, 3), dtype=torch.uint8)

        def run() -> None:
            time.sleep(0.01)
            if given.max() == BROKEN:
                raise RuntimeError("a broken GPU")
            painted.copy_(2 * given + 1)

        def replay() -> None:
            stream.last = stream.submit(run)

        class Done:
            def record(self) -> None:
                self.future = stream.last

            def synchronize(self) -> None:
                self.future.result()

        graph: Any = SimpleNamespace(replay=replay)
        done: Any = Done()
        return Slot(given, torch.zeros(PLAN), painted, graph, done)

    monkeypatch.setattr(CudaPainter, "_record", record)
    return CudaPainter(load_network(tiny_style))


@pytest.mark.parametrize("slots", [1, 2, 3])
def test_each_picture_on_its_way_has_room_of_its_own(painter: CudaPainter, slots: int) -> None:
    painter.widen(slots)
    pictures = [np.full((4, 6, 3), level, np.uint8) for level in range(30)]
    with ThreadPoolExecutor(2) as takers:
        begun = [takers.submit(painter.begin(pixels)) for pixels in pictures]
        taken = [future.result() for future in begun]
    for level, painted in enumerate(taken):
        assert (painted == 2 * level + 1).all()


def test_as_many_pictures_are_on_their_way_as_allowed(painter: CudaPainter) -> None:
    painter.widen(2)
    first, second = (painter.begin(picture(4, 6)) for _ in "ab")
    with ThreadPoolExecutor(1) as other:
        third = other.submit(painter.begin, picture(4, 6))
        with pytest.raises(TimeoutError):
            third.result(timeout=0.2)
        first()
        third.result(timeout=10)()
    second()
    assert painter.begin(picture(8, 6))().shape == (8, 6, 3), "another size"


def test_after_a_failure_there_is_room_again(painter: CudaPainter) -> None:
    painter.widen(2)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            painter.begin(np.full((4, 6, 3), BROKEN, np.uint8))()
        with pytest.raises(ValueError):
            painter.begin(picture(4, 6)[..., :2])
    assert (painter.begin(np.full((4, 6, 3), 3, np.uint8))() == 7).all()


def test_a_photo_is_painted_without_a_recording(painter: CudaPainter, tiny_style: Style) -> None:
    pixels, smoother = picture(17, 40), DeviceSmoother(torch.device("cpu"))
    results = []
    for _ in range(2):
        state, plan = smoother.plan(17, 40, 0.0, 0.6)
        results.append(painter.begin(pixels, state, [*plan, 1.0])())
    truth = paint(load_network(tiny_style).eval(), pixels)
    assert np.abs(results[0].astype(int) - truth).max() <= 1
    assert np.array_equal(results[1], 2 * pixels + 1), "as the fake GPU records it"


def test_when_memory_is_short_other_sizes_give_theirs(
    painter: CudaPainter, monkeypatch: pytest.MonkeyPatch
) -> None:
    painter.warm(8, 6, None)
    record, failures = CudaPainter._record, [torch.OutOfMemoryError("CUDA out of memory")]

    def short(self: CudaPainter, *size: Any) -> Slot:
        if failures:
            raise failures.pop()
        return record(self, *size)

    monkeypatch.setattr(CudaPainter, "_record", short)
    assert painter.begin(picture(4, 6))().shape == (4, 6, 3)
    assert list(painter._recordings) == [(4, 6, False)]


def test_going_back_to_a_size_records_nothing(painter: CudaPainter, monkeypatch: pytest.MonkeyPatch) -> None:
    smoother, sizes = DeviceSmoother(torch.device("cpu")), [(48, 64), (24, 32), (48, 64), (24, 32)]
    for height, width in sizes:
        painter.warm(height, width, smoother.room(height, width))
    monkeypatch.setattr(CudaPainter, "_record", lambda *_: pytest.fail("recorded again"))
    for height, width in sizes:
        state, plan = smoother.plan(height, width, 1 / 30, 0.6)
        assert plan[-1] == 0.0, "another size is a new clip"
        painter.begin(picture(height, width), state, [*plan, 1.0])()


class NoNumbersToTheDevice(TorchFunctionMode):
    """Fails where a number becomes a tensor: it would be copied to the GPU, which a recording forbids."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        forbidden = torch.tensor, torch.as_tensor, torch.from_numpy, torch.Tensor.new_tensor
        assert func not in forbidden, func
        if func in (torch.where, torch.Tensor.where):
            assert all(isinstance(value, torch.Tensor) for value in args), "a number becomes a tensor"
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("number", [torch.tensor, lambda value: torch.where(torch.ones(1) > 0, 1.0, value)])
def test_the_guard_sees_numbers(number: Any) -> None:
    with pytest.raises(AssertionError), NoNumbersToTheDevice():
        number(2.0)


@pytest.mark.parametrize(("height", "width"), [*SIZES, (720, 1280)])
def test_nothing_on_the_way_waits_for_the_device_nor_copies_to_it(
    height: int, width: int, tiny_style: Style
) -> None:
    """Tensors without values can be asked for none."""
    device = torch.device("meta")
    passage = Passage(load_network(tiny_style).to(device).eval(), height, width)
    state, given = make_state(height, width, device), torch.empty((height, width, 3), device=device)
    with NoNumbersToTheDevice(), torch.inference_mode():
        for past in (state, None):
            painted = passage.paint(given.to(torch.uint8), past, torch.zeros(PLAN, device=device))
            assert painted.shape == given.shape and painted.dtype == torch.uint8


@pytest.mark.gpu
@pytest.mark.parametrize("precision", ["f16", "bf16", "f32"])
def test_on_a_gpu_it_paints_what_the_cpu_paints(gpu: None, precision: str, tiny_style: Style) -> None:
    backend, truth = PyTorchBackend(tiny_style, "cuda", precision), PyTorchBackend(tiny_style, "cpu", "f32")
    for height, width in SIZES + [(64, 64 + 8 * n) for n in range(SIZES_KEPT + 1)]:
        pixels = picture(height, width)
        backend.paint(pixels)  # algorithms are chosen
        first = backend.paint(pixels)
        error = np.mean((first.astype(float) - truth.paint(pixels)) ** 2)
        assert error < 255**2 / 10**3.4, (height, width)
        again = backend.paint(255 - pixels)
        assert not np.shares_memory(first, again) and np.array_equal(backend.paint(pixels), first)


@pytest.mark.gpu
def test_on_a_gpu_a_clip_is_as_steady_as_on_the_cpu(gpu: None, tiny_style: Style) -> None:
    still, random = picture(96, 131), np.random.default_rng(0)
    clip = [np.clip(still + random.normal(0, 3, still.shape), 0, 255).astype(np.uint8) for _ in range(12)]
    results = []
    for device in ("cuda", "cpu"):
        backend = PyTorchBackend(tiny_style, device, "f32")
        smoother = DeviceSmoother(torch.device(device))
        results.append([backend.begin_steadily(pixels, smoother, 1 / 30, 0.6, 1.0)() for pixels in clip])
    for here, there in zip(*results, strict=True):
        assert np.abs(here.astype(int) - there).mean() < 0.5


@pytest.mark.gpu
def test_on_a_gpu_the_smoother_comes_along(gpu: None, tiny_style: Style) -> None:
    assert isinstance(PyTorchBackend(tiny_style, "cuda").open_smoother(), DeviceSmoother)


@pytest.mark.gpu
def test_on_a_gpu_two_frames_on_their_way_are_as_one_by_one(gpu: None, tiny_style: Style) -> None:
    clip = [np.roll(picture(96, 131), 2 * index, axis=1) for index in range(12)]
    results = []
    for slots in (1, 2):
        backend, smoother = PyTorchBackend(tiny_style, "cuda"), DeviceSmoother(torch.device("cuda"))
        backend.widen(slots)
        with ThreadPoolExecutor(slots) as takers:
            begun = [
                takers.submit(backend.begin_steadily(pixels, smoother, 1 / 30, 0.6, 1.0)) for pixels in clip
            ]
            results.append([future.result() for future in begun])
    for alone, together in zip(*results, strict=True):
        assert np.abs(alone.astype(int) - together).mean() < 0.5
