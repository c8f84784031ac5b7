"""The stylizer as Python users call it: any size, any strength, nothing but pictures."""

from __future__ import annotations

import gc
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import write_random_style

import livestyle
from livestyle.errors import DeviceUnavailable, UnknownName, UsageError
from livestyle.styles.style import Style
from livestyle.stylize.stylizer import LOOKS_KEPT, Controls, Stylizer

RNG = np.random.default_rng(0)
PICTURE = RNG.integers(0, 256, (30, 40, 3), np.uint8)


@pytest.fixture(scope="module")
def stylizer(tiny_style: Style) -> Stylizer:
    return livestyle.load(tiny_style.path, device="cpu")


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (2, 2), (3, 2), (5, 300), (31, 47)])
def test_any_size_and_a_change_of_size(stylizer: Stylizer, size: tuple[int, int]) -> None:
    stylizer.stylize(PICTURE, 1 / 30)
    for level in (0, 90, 250):
        painted = stylizer.stylize(np.full((*size, 3), level, np.uint8), 1 / 30)
        assert painted.shape == (*size, 3) and painted.dtype == np.uint8


def test_the_picture_given_is_left_as_it_is(stylizer: Stylizer) -> None:
    given, kept = PICTURE.copy(), PICTURE.copy()
    stylizer.reset()
    painted = stylizer.stylize(given)
    painted[:] = 0
    assert np.array_equal(given, kept)


@pytest.mark.parametrize("order", [(2, 0, 1), (2, 1, 0), (1, 2, 0)], ids=str)
def test_pictures_in_any_order_of_memory(stylizer: Stylizer, order: tuple[int, int, int]) -> None:
    """As a permuted tensor of PyTorch gives them."""
    stylizer.reset()
    moving = [np.roll(PICTURE, step, 1) for step in range(3)]
    plain = [stylizer.stylize(picture, 1 / 30) for picture in moving]
    stylizer.reset()
    for picture, expected in zip(moving, plain, strict=True):
        back = tuple(np.argsort(order))
        other = np.ascontiguousarray(picture.transpose(order)).transpose(back)
        assert not other.flags.c_contiguous
        assert np.array_equal(stylizer.stylize(other, 1 / 30), expected)


def test_a_new_clip_knows_nothing_of_the_old(stylizer: Stylizer) -> None:
    stylizer.reset()
    first = stylizer.stylize(PICTURE, 1 / 30)
    for _ in range(3):
        stylizer.stylize(RNG.integers(0, 256, PICTURE.shape, np.uint8), 1 / 30)
    stylizer.reset()
    assert np.array_equal(stylizer.stylize(PICTURE, 1 / 30), first)


def test_of_many_styles_the_newest_are_kept(tmp_path: Path) -> None:
    styles = [write_random_style(tmp_path / f"s{number}.safetensors") for number in range(LOOKS_KEPT + 4)]
    looks = [Controls(str(style.path)) for style in styles]
    stylizer = Stylizer(looks[0], device="cpu")
    kept = [weakref.ref(stylizer._networks(look).own) for look in looks[1:]]
    gc.collect()
    assert [ref() is not None for ref in kept] == [False, False] + [True] * (LOOKS_KEPT + 1)
    assert stylizer.is_warm(looks[0]), "it paints now"
    assert stylizer.is_warm(looks[-1]) and not stylizer.is_warm(looks[1])


def test_strength(tiny_style: Style) -> None:
    none, half, full = (
        livestyle.load(tiny_style.path, "cpu", strength).stylize(PICTURE) for strength in (0, 0.5, 1)
    )
    assert none is PICTURE
    between = (full.astype(float) + PICTURE) / 2
    assert np.abs(half - between).mean() < 12  # the original may have been calmed first


@pytest.mark.parametrize(
    "given",
    [
        PICTURE / 255,
        PICTURE[..., 0],
        PICTURE[..., :1],
        np.zeros((5, 5, 4), np.uint8),
        PICTURE[:0],
        [[1]],
        None,
    ],
    ids=["float", "grey", "one channel", "alpha", "empty", "list", "none"],
)
def test_what_is_no_picture(stylizer: Stylizer, given: Any) -> None:
    with pytest.raises(ValueError, match=r"must be .*uint8 \(H, W, 3\)"):
        stylizer.stylize(given)


def test_what_is_changed_counts_from_the_next_picture_on(tiny_style: Style) -> None:
    stylizer = livestyle.load(tiny_style.path, device="cpu", stability=0)
    painted = stylizer.stylize(PICTURE)
    stylizer.change(strength=0.0)
    assert np.array_equal(stylizer.stylize(PICTURE), PICTURE)
    stylizer.change(strength=1)
    assert np.array_equal(stylizer.stylize(PICTURE), painted)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"style": "nope"}, UnknownName),
        ({"tier": "nope"}, UnknownName),
        ({"strength": 2}, UsageError),
        ({"strength": None}, UsageError),
        ({"keep_colors": "no"}, UsageError),
        ({"background": "green"}, UsageError),
        ({"brsuh": 2}, TypeError),
    ],
)
def test_a_change_that_cannot_be_changes_nothing(
    tiny_style: Style, change: dict[str, Any], kind: type[Exception]
) -> None:
    stylizer = livestyle.load(tiny_style.path, device="cpu")
    before = stylizer.controls
    with pytest.raises(kind):
        stylizer.change(**change)
    assert stylizer.controls is before


def test_changes_from_two_threads_both_hold(tiny_style: Style) -> None:
    stylizer = livestyle.load(tiny_style.path, device="cpu")
    for number in range(20):
        values = {"strength": number / 20, "stability": 1 - number / 20}
        threads = [threading.Thread(target=stylizer.change, kwargs={name: values[name]}) for name in values]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {name: getattr(stylizer.controls, name) for name in values} == values


def test_an_attribute_that_does_not_exist_is_not_taken_in_silence(stylizer: Stylizer) -> None:
    with pytest.raises(AttributeError, match="strength"):
        stylizer.strength = 0.5  # type: ignore[attr-defined]


def test_options_that_do_not_exist(tiny_style: Style) -> None:
    for error, options in (
        (UnknownName, {"style": "no-such-style"}),
        (UnknownName, {"backend": "no-such-backend"}),
        (DeviceUnavailable, {"device": "no-such-device"}),
        (DeviceUnavailable, {"precision": "no-such-precision"}),
        (UsageError, {"strength": float("nan")}),
        (UsageError, {"stability": 2.0}),
        (UsageError, {"background": "transparent"}),
    ):
        with pytest.raises(error):
            livestyle.load(**{"style": tiny_style.path, **options})
