from unittest.mock import Mock

import numpy as np

from livestyle.frame import Frame
from livestyle.live.lenient import LenientSink


class Flaky:
    """A sink that fails at its third frame, and again when closed."""

    name = "flaky"

    def __init__(self):
        self.taken = []

    def write(self, frame):
        if len(self.taken) == 2:
            raise OSError("the cable is out\nand more")
        self.taken.append(frame.index)

    def close(self):
        raise RuntimeError("nothing to close")


def test_a_failure_is_said_once_and_later_frames_are_dropped():
    said = []
    flaky = Flaky()
    sink = LenientSink(flaky, said.append)
    for index in range(5):
        sink.write(Frame(np.zeros((2, 2, 3), np.uint8), index, 0.0))
    sink.close()
    assert flaky.taken == [0, 1]
    assert said == ["flaky failed: the cable is out"]


def test_a_failure_without_words_is_said_too():
    said = []
    flaky = Flaky()
    flaky.write = Mock(side_effect=TimeoutError)
    LenientSink(flaky, said.append).write(Frame(np.zeros((2, 2, 3), np.uint8), 0, 0.0))
    assert said == ["flaky failed: TimeoutError"]
