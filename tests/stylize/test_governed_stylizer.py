"""A stylizer whose machine is too slow paints smaller, at the size of the frames all the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from livestyle.frame import Frame, Pixels
from livestyle.styles.style import Style, write_style
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


def test_at_half_size_strokes_are_half_as_broad(tiny_style: Style, tmp_path: Path) -> None:
    """The fine network paints there; a look may be changed meanwhile."""
    weights = tiny_style.read_weights()
    white = {name: np.zeros_like(array) for name, array in weights.items()}
    white["out.conv.bias"] = np.full_like(white["out.conv.bias"], 9)
    path = tmp_path / "both.safetensors"
    write_style(path, weights, tiny_style.credits, tiny_style.shape, {}, white)
    stylizer = Stylizer(Controls(str(path), stability=0), governor=Governor(5000))
    pixels = np.random.default_rng(0).integers(0, 256, (90, 121, 3), np.uint8)
    stylizer.warm(Controls(f"{path}:1,{path}:2", stability=0), pixels)
    while stylizer.scale > 0.75:
        assert not white_in(stylizer(Frame(pixels, 0, 0.0)).pixels)
    while stylizer.scale > 0.5:
        stylizer(Frame(pixels, 0, 0.0))
    assert white_in(stylizer.stylize(np.zeros_like(pixels)))
    stylizer.controls = Controls(f"{path}:1,{path}:2", stability=0)
    assert stylizer.is_warm(stylizer.controls)
    assert white_in(stylizer.stylize(np.zeros_like(pixels)))
    stylizer.controls = Controls(str(tiny_style.path), stability=0)
    assert not white_in(stylizer.stylize(np.zeros_like(pixels))), "it has no fine network"


def white_in(pixels: Pixels) -> bool:
    """Return whether *pixels* is all white."""
    return bool((pixels == 255).all())


def test_the_size_is_fixed_without_one(tiny_style: Style) -> None:
    assert Stylizer(Controls(style=str(tiny_style.path))).scale == 1.0
