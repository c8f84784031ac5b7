import sys
from pathlib import Path

import numpy as np
import pytest

from livestyle.errors import MissingExtra, SinkUnavailable
from livestyle.frame import Frame, StreamInfo
from livestyle.sinks import open_sink
from livestyle.sinks.loopback import is_watched

INFO = StreamInfo(640, 360, 30, live=True)
LOOPBACKS = list(Path("/sys/devices/virtual/video4linux").glob("video*"))


@pytest.mark.skipif(any(Path("/dev").glob("video*")), reason="there may be one")
@pytest.mark.skipif(sys.platform != "linux", reason="others come with one")
def test_without_one_the_steps_are_told():
    pytest.importorskip("pyvirtualcam")
    with pytest.raises(SinkUnavailable, match="modprobe v4l2loopback"):
        open_sink("virtualcam", INFO)


def test_without_the_package_the_extra_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    monkeypatch.delitem(sys.modules, "livestyle.sinks.virtualcam", raising=False)
    with pytest.raises(MissingExtra, match=r"livestyle\[virtualcam\]"):
        open_sink("virtualcam", INFO)


@pytest.mark.parametrize("device", ["/dev/null", "/dev/tty", "/dev/nothing"])
def test_what_is_no_loopback_device_does_not_tell_who_watches(device):
    assert is_watched(device) is None


@pytest.mark.skipif(not LOOPBACKS, reason="no v4l2loopback device")
def test_a_camera_that_nobody_watches_is_idle_after_its_first_frame():
    sink = open_sink("virtualcam", INFO, on_demand=True)
    assert not sink.idle
    sink.write(Frame(np.zeros((360, 640, 3), np.uint8), 0, 0.0))
    assert sink.idle
    sink.close()
