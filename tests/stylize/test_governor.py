"""The governor, without a clock: machines are functions from working size to seconds per frame."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livestyle.stylize.governor import SCALES, Governor, resize, restore


def drive(
    governor: Governor, machine: Callable[[float, float], float], seconds: float, start: float = 0
) -> list[float]:
    """Let *machine*(scale, now) paint as fast as 30 fps allow; return the scale of each frame."""
    now, scales = start, []
    while now < start + seconds:
        cost = machine(governor.scale, now)
        now += max(cost, 1 / 30)
        scales.append(governor.scale)
        governor.note(cost, now)
    return scales


def test_a_fast_machine_is_left_alone() -> None:
    assert set(drive(Governor(30), lambda scale, now: 0.020, 30)) == {1.0}


def test_a_slow_machine_steps_down_within_two_seconds() -> None:
    scales = drive(Governor(30), lambda scale, now: 0.100 * scale**2, 2)
    assert scales[0] == 1.0 and scales[-1] == 0.5


def test_a_machine_that_takes_seconds_per_frame_steps_down_soon() -> None:
    scales = drive(Governor(30), lambda scale, now: 2.0 * scale**2, 14)
    assert scales[:3] == [1.0] * 3 and scales[3:6] == [0.75] * 3 and scales[6] == 0.5


def test_a_slow_start_is_forgiven() -> None:
    costs = iter([1.5])
    assert set(drive(Governor(30), lambda scale, now: next(costs, 0.02), 5)) == {1.0}


def test_a_hopeless_machine_stays_at_the_smallest() -> None:
    assert set(drive(Governor(30), lambda scale, now: 0.5, 30)[-5:]) == {SCALES[-1]}


def test_it_takes_the_finest_that_holds_and_stays_there() -> None:
    scales = drive(Governor(30), lambda scale, now: 0.045 * scale**2, 60)
    assert set(scales[60:]) == {0.75}


def test_it_comes_back_when_the_machine_is_free_again() -> None:
    scales = drive(Governor(30), lambda scale, now: (0.2 if now < 10 else 0.015) * scale**2, 25)
    assert scales[250] == SCALES[-1] and scales[-1] == 1.0


def test_single_slow_frames_change_nothing() -> None:
    scales = drive(
        Governor(30), lambda scale, now: 0.2 if int(now * 2) % 4 == 0 and now % 0.5 < 0.03 else 0.02, 20
    )
    assert set(scales) == {1.0}


def test_a_step_up_that_fails_is_tried_more_and_more_rarely() -> None:
    """Costs that do not shrink with the size mislead it: it must not swing for ever."""
    machine = {1.0: 0.040, 0.75: 0.012, 0.5: 0.010}
    scales = drive(Governor(30), lambda scale, now: machine[scale], 120)
    changes = [index for index, pair in enumerate(pairwise(scales)) if pair[0] != pair[1]]
    assert len(changes) < 14
    gaps = np.diff(changes[::2])
    assert gaps[-1] > 2 * gaps[0]


@given(st.lists(st.floats(0, 1), max_size=200), st.floats(1, 240))
def test_whatever_it_is_told_the_scale_is_one_of_the_table(costs: list[float], fps: float) -> None:
    governor, now = Governor(fps), 0.0
    for cost in costs:
        before = governor.scale
        changed = governor.note(cost, now := now + max(cost, 1 / fps))
        assert governor.scale in SCALES and changed == (governor.scale != before)


def test_no_rate_to_hold() -> None:
    with pytest.raises(ValueError, match="positive"):
        Governor(0)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("size", [(90, 160), (91, 161), (2, 2), (1, 1)])
def test_restoring_keeps_size_and_level(scale: float, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    small = resize(pixels, scale)
    restored = restore(small, small, pixels, 1.0)
    assert restored.shape == pixels.shape and restored.dtype == np.uint8
    assert np.abs(restored.mean((0, 1)) - pixels.mean((0, 1))).max() < 2 or min(size) == 2


def test_restoring_brings_edges_back() -> None:
    pixels = np.full((64, 64, 3), 40, np.uint8)
    pixels[:, 33:] = 200
    small = resize(pixels, 0.5)
    soft = cv2.resize(small, (64, 64), interpolation=cv2.INTER_LINEAR)
    sharp = restore(small, small, pixels, 1.0)
    assert np.abs(sharp.astype(int) - pixels).sum() < 0.7 * np.abs(soft.astype(int) - pixels).sum()


@pytest.mark.parametrize("scale", [0.375, 0.5, 0.75])
@pytest.mark.parametrize("strength", [0.0, 0.05, 0.3, 1.0])
def test_restoring_is_as_if_it_had_been_mixed_at_the_whole_size(scale: float, strength: float) -> None:
    pixels = np.random.default_rng(0).integers(60, 190, (96, 128, 3), np.uint8)
    small = resize(pixels, scale)
    painted = cv2.add(cv2.GaussianBlur(small, (0, 0), 2), (20, 0, 0, 0)).astype(np.uint8)
    mixed = cv2.addWeighted(painted, strength, small, 1 - strength, 0).astype(np.uint8)
    whole = restore(painted, small, pixels, 1.0)
    wanted = cv2.addWeighted(whole, strength, pixels, 1 - strength, 0).astype(int)
    assert np.abs(restore(mixed, small, pixels, strength) - wanted).mean() < 2.5


def test_restoring_takes_the_colours_of_the_painting() -> None:
    pixels = np.random.default_rng(0).integers(100, 140, (80, 80, 3), np.uint8)
    small = resize(pixels, 0.5)
    painted = np.full_like(small, (250, 20, 130))
    restored = restore(painted, small, pixels, 1.0)
    assert np.abs(restored.mean((0, 1)) - (250, 20, 130)).max() < 4
    assert restored[..., 2].std() > 3, "the detail of the original is in it"
