"""A stylizer whose machine is too slow paints smaller, at the size of the frames all the same."""

from __future__ import annotations

import numpy as np

from livestyle.frame import Frame
from livestyle.styles.style import Style
from livestyle.stylize.governor import Governor
from livestyle.stylize.stylizer import Controls, Stylizer


def test_it_paints_smaller_and_gives_back_the_size(tiny_style: Style) -> None:
    """No machine paints 5000 pictures a second: the governor must go all the way down."""
    stylizer = Stylizer(Controls(style=str(tiny_style.path)), governor=Governor(5000))
    random = np.random.default_rng(0)
    scales = []
    for index in range(10_000):
        frame = Frame(random.integers(0, 256, (90, 121, 3), np.uint8), index, index / 30)
        painted = stylizer(frame)
        scales.append(stylizer.scale)
        assert painted.pixels.shape == frame.pixels.shape
        if stylizer.scale == 0.5:
            break
    assert sorted(set(scales), reverse=True) == [1.0, 0.75, 0.5]


def test_the_size_is_fixed_without_one(tiny_style: Style) -> None:
    assert Stylizer(Controls(style=str(tiny_style.path))).scale == 1.0
