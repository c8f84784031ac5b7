import numpy as np

from livestyle.sinks.lettering import write_lines


def test_letters_are_laid_over_a_copy():
    grey = np.full((360, 640, 3), 128, np.uint8)
    lettered = write_lines(grey, ["30.0 fps", "12 ms"])
    assert (grey == 128).all()
    assert lettered.max() == 255
    assert (lettered[200:] == 128).all()


def test_many_long_lines_fit_any_picture():
    for shape in ((360, 640, 3), (16, 16, 3), (720, 90, 3)):
        assert write_lines(np.zeros(shape, np.uint8), ["x" * 200] * 30).shape == shape
