"""Frames of a file are painted several at once, and come out as one by one."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from livestyle.frame import Frame
from livestyle.styles.style import Style
from livestyle.stylize.ahead import paint_ahead
from livestyle.stylize.device.smoother import DeviceSmoother
from livestyle.stylize.stylizer import Controls, Stylizer

COUNT, CUT = 14, 8


def clip() -> Iterator[Frame]:
    """Yield frames of a noisy picture that moves, and after ``CUT`` of another."""
    rng = np.random.default_rng(0)
    scenes = rng.integers(0, 256, (2, 12, 20, 3), np.uint8).repeat(8, 1).repeat(8, 2)
    for index in range(COUNT):
        scene = np.roll(scenes[int(index >= CUT)], 2 * index, axis=1)
        noisy = scene + rng.normal(0, 3, scene.shape)
        yield Frame(np.clip(noisy, 0, 255).astype(np.uint8), index, index / 30, 0.0)


@pytest.mark.parametrize("backend", ["openvino", "pytorch"])
@pytest.mark.parametrize(
    "look", [{}, {"stability": 0.0}, {"strength": 0.5, "brush": 1.5}, {"strength": 0.0}], ids=str
)
def test_frames_come_out_as_one_by_one(tiny_style: Style, backend: str, look: dict[str, float]) -> None:
    if backend == "openvino":
        pytest.importorskip("openvino")
    controls = Controls(style=str(tiny_style.path), **look)
    one_by_one = Stylizer(controls, "cpu", backend, "f32")
    ahead = paint_ahead(Stylizer(controls, "cpu", backend, "f32"), clip())
    for frame, (original, painted) in zip(clip(), ahead, strict=True):
        assert np.array_equal(original.pixels, frame.pixels)
        assert (painted.index, painted.pts_seconds) == (frame.index, frame.pts_seconds)
        apart = np.abs(one_by_one(frame).pixels.astype(int) - painted.pixels)
        assert apart.max() <= 1 and apart.mean() < 0.01


def test_frames_that_do_not_leave_the_device_come_out_as_one_by_one(tiny_style: Style) -> None:
    stylizers = [Stylizer(Controls(style=str(tiny_style.path)), "cpu", "pytorch", "f32") for _ in range(2)]
    for stylizer in stylizers:
        stylizer.smoother = DeviceSmoother(torch.device("cpu"))
    one_by_one, ahead = stylizers
    for frame, (_, painted) in zip(clip(), paint_ahead(ahead, clip()), strict=True):
        assert np.array_equal(one_by_one(frame).pixels, painted.pixels)


def test_nothing_is_begun_before_a_rest_is_over(tiny_style: Style) -> None:
    controls = Controls(style=str(tiny_style.path))
    one_by_one = Stylizer(controls, "cpu", "pytorch")
    ahead = Stylizer(controls, "cpu", "pytorch")
    painted = paint_ahead(ahead, clip(), lambda frame: frame.index == 5)
    for frame, _ in zip(clip(), painted, strict=False):
        one_by_one(frame)
        if frame.index == 5:
            kept, expected = ahead.snapshot(), one_by_one.snapshot()
            assert kept.keys() == expected.keys()
            assert all(np.array_equal(kept[name], expected[name]) for name in kept)
            return


def test_a_failure_while_painting_is_told(tiny_style: Style, monkeypatch: pytest.MonkeyPatch) -> None:
    stylizer = Stylizer(Controls(style=str(tiny_style.path)), "cpu", "pytorch")
    monkeypatch.setattr("livestyle.stylize.backends.pytorch.pad", lambda pixels: pixels[:0])
    with pytest.raises(RuntimeError):
        list(paint_ahead(stylizer, clip()))


def test_a_failure_afterwards_is_told(tiny_style: Style, monkeypatch: pytest.MonkeyPatch) -> None:
    stylizer = Stylizer(Controls(style=str(tiny_style.path)), "cpu", "pytorch")
    monkeypatch.setattr("livestyle.stylize.smoother.to_pixels", lambda levels: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        list(paint_ahead(stylizer, clip()))
    assert_no_thread_is_left()


def test_who_stops_looking_leaves_no_thread(tiny_style: Style) -> None:
    stylizer = Stylizer(Controls(style=str(tiny_style.path)), "cpu", "pytorch")
    ahead = paint_ahead(stylizer, clip())
    next(ahead)
    ahead.close()  # type: ignore[attr-defined]
    assert_no_thread_is_left()


def assert_no_thread_is_left() -> None:
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith(("painter", "finisher"))]
