import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
import skimage.data
from conftest import write_random_style

from livestyle.frame import Frame
from livestyle.live.show import Fade, Show, Wipe, split
from livestyle.stylize.cutout.cutout import Cut
from livestyle.stylize.stylizer import Controls, Stylizer


@pytest.fixture
def stylizer(tmp_path):
    """Two styles, of which only the names matter; strength 0 keeps the colours of the frames."""
    for name in ("aaa", "bbb"):
        write_random_style(tmp_path / f"{name}.safetensors")
    return Stylizer(Controls(style=str(tmp_path / "aaa.safetensors"), strength=0.0))


def grey(level, index=0):
    return Frame(np.full((24, 32, 3), level, np.uint8), index, index / 30)


def test_a_change_of_style_fades(stylizer, tmp_path):
    show = Show(stylizer, lambda _: stylizer.controls)
    show.next_fade_seconds = 0.3
    assert show(grey(0)).pixels.max() == 0
    stylizer.controls = Controls(style=str(tmp_path / "bbb.safetensors"), strength=0.0)
    levels = []
    for _ in range(8):
        levels.append(int(show(grey(200)).pixels.mean()))
        time.sleep(0.05)
    assert levels[0] < 60
    assert levels == sorted(levels)
    assert levels[-1] == 200


def test_the_original_is_shown_for_as_long_as_asked(stylizer, tmp_path):
    stylizer.controls = Controls(style=str(tmp_path / "aaa.safetensors"))
    show = Show(stylizer, lambda _: stylizer.controls)
    show.original_until = time.perf_counter() + 60
    assert (show(grey(200)).pixels == 200).all()
    show.original_until = 0
    assert not (show(grey(200)).pixels == 200).all()


def test_a_slate_is_not_painted(stylizer, tmp_path):
    stylizer.controls = Controls(style=str(tmp_path / "aaa.safetensors"))
    assert (Show(stylizer, lambda _: stylizer.controls, lambda: True)(grey(200)).pixels == 200).all()


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("background", ["green", "transparent"])
def test_a_slate_shows_nothing_that_was_cut_out(stylizer, tmp_path, background):
    stylizer.controls = Controls(
        style=str(tmp_path / "aaa.safetensors"), strength=0.0, cutout="person", background=background
    )
    lost = []
    show = Show(stylizer, lambda _: stylizer.controls, lambda: bool(lost))
    seen = Frame(skimage.data.astronaut(), 0, 0.0)
    cut = show(seen)
    lost.append(True)
    slate = show(Frame(seen.pixels // 3, 1, 1.0))
    wall, face = (slice(200, 260), slice(0, 40)), (slice(100, 140), slice(210, 240))
    assert np.array_equal(slate.pixels[wall], cut.pixels[wall])
    assert np.array_equal(slate.pixels[face], seen.pixels[face] // 3)
    if background == "transparent":
        assert slate.alpha[wall].max() == 0


@pytest.mark.parametrize(
    ("position", "original_left"), [(0.25, True), (0.25, False), (0, True), (1, True), (7, True)]
)
def test_the_wipe_parts_original_and_painting(position, original_left):
    original, painted = (np.full((4, 40, 3), level, np.uint8) for level in (10, 90))
    both = split(original, painted, Wipe(position, original_left))
    share = (both == 10).mean()
    expected = min(position, 1) if original_left else 1 - position
    assert abs(share - expected) < 0.06
    assert both.shape == original.shape
    assert (original == 10).all()
    assert (painted == 90).all()


def test_fading_survives_a_change_of_size(stylizer, tmp_path):
    show = Show(stylizer, lambda _: stylizer.controls)
    show(grey(0))
    stylizer.controls = Controls(style=str(tmp_path / "bbb.safetensors"), strength=0.0)
    other = Frame(np.full((48, 64, 3), 99, np.uint8), 1, 0.1)
    assert (show(other).pixels == 99).all()


def test_any_change_fades_when_told_to_and_the_next_one_does_not(stylizer):
    show = Show(stylizer, lambda _: stylizer.controls)
    show(grey(0))
    for seconds, faded in ((60.0, True), (0.0, False), (None, False)):
        show.next_fade_seconds = seconds
        stylizer.controls = replace(stylizer.controls, stability=stylizer.controls.stability - 0.1)
        assert (show(grey(200)).pixels.max() < 100) == faded
        assert show.next_fade_seconds is None


def test_what_a_person_newly_covers_does_not_begin_black(stylizer):
    old, new = (np.zeros((4, 8), np.uint8) for _ in range(2))
    old[:, :4], new[:, 2:6] = 255, 255
    frames = [Frame(np.full((4, 8, 3), 200, np.uint8), 0, 0.0, alpha=alpha) for alpha in (old, new)]
    show = Show(stylizer, lambda controls: controls)
    show._shown = Cut(cv2.copyTo(frames[0].pixels, old), old)
    show._fading = Fade(show._shown, time.perf_counter(), 60.0)
    faded = show._fade(frames[1])
    assert (faded[:, 2:6] == 200).all(), "where the old one was clear there is nothing to fade from"
    assert (faded[:, :2] == 0).all() and (faded[:, 6:] == 0).all(), "what is hidden stays hidden"
