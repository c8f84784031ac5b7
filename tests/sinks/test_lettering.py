import numpy as np
import pytest

from livestyle.sinks.lettering import write_lines


def test_letters_are_laid_over_a_copy():
    grey = np.full((360, 640, 3), 128, np.uint8)
    lettered = write_lines(grey, ["30.0 fps", "12 ms"])
    assert (grey == 128).all()
    assert lettered.max() == 255
    assert (lettered[200:] == 128).all()


@pytest.mark.parametrize("height", [240, 360, 720, 1080])
def test_letters_stay_on_their_panel(height):
    lettered = write_lines(np.full((height, 2 * height, 3), 128, np.uint8), ["strength 100%", "50%"])
    dark, bright = (np.flatnonzero(seen.any((0, 2))) for seen in (lettered < 128, lettered > 128))
    assert dark.max() > bright.max()


def test_many_long_lines_fit_any_picture():
    for shape in ((360, 640, 3), (16, 16, 3), (720, 90, 3)):
        assert write_lines(np.zeros(shape, np.uint8), ["x" * 200] * 30).shape == shape


def test_what_is_too_long_is_broken():
    said = "no network to find people with: the download and PyPI are out of reach; " * 2
    wide = write_lines(np.zeros((360, 640, 3), np.uint8), [said])
    assert not wide[:, -4:].any(), "all of it is inside"
    rows = np.flatnonzero((wide == 255).any((1, 2)))
    assert np.diff(rows).max() > 2, "in two lines"
