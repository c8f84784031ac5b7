"""The value that crosses all borders checks itself."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from livestyle.frame import Frame

PIXELS = np.zeros((4, 6, 3), np.uint8)


def test_other_pixels_of_the_same_moment() -> None:
    frame = Frame(PIXELS, 812, 27.07, 5.0)
    other = frame.with_pixels(PIXELS + 9)
    assert (other.index, other.pts_seconds, other.captured_at) == (812, 27.07, 5.0)
    assert other.pixels.max() == 9 and frame.pixels.max() == 0


def test_shows_its_shape_not_its_pixels() -> None:
    assert repr(Frame(PIXELS, 812, 27.07)) == "Frame(812, 27.070 s, 6×4)"


def test_is_never_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Frame(PIXELS, 0, 0.0).index = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    "pixels",
    [
        PIXELS.astype(float),
        PIXELS[0],
        PIXELS[..., :1],
        np.zeros((2, 2, 4), np.uint8),
        np.zeros((0, 2, 3), np.uint8),
        [[1]],
    ],
)
def test_refuses_what_is_no_picture(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"uint8 \(H, W, 3\)"):
        Frame(pixels, 0, 0.0)
