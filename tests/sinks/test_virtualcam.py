import sys
from pathlib import Path

import pytest

from livestyle.errors import MissingExtra, SinkUnavailable
from livestyle.frame import StreamInfo
from livestyle.sinks import open_sink

INFO = StreamInfo(640, 360, 30, live=True)


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
