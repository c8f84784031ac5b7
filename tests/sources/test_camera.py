import struct
import subprocess
import sys
from types import SimpleNamespace

import cv2
import pytest
from screen import wait_for

from livestyle.errors import SourceUnavailable
from livestyle.sources import open_source
from livestyle.sources.camera import (
    Camera,
    CameraSettings,
    advise,
    describe,
    is_capture,
    list_cameras,
    open_capture,
)


@pytest.mark.parametrize("given", ["97", "/dev/video97", "No Such Camera"])
def test_a_camera_that_is_not_there_is_said_in_one_line(given, capfd):
    with pytest.raises(SourceUnavailable) as caught:
        open_source(given)
    assert given in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")  # OpenCV says nothing on its own


def test_the_command_ends_with_that_line(tmp_path):
    code = "from livestyle.sources import open_source; open_source('97')"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (
        ran.stderr.strip()
        .splitlines()[-1]
        .startswith("livestyle.errors.SourceUnavailable: camera 97 does not open")
    )
    assert "VIDEOIO" not in ran.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems ask a package")
def test_a_system_without_cameras_lists_none_or_named_ones():
    assert all(camera.name and camera.index >= 0 for camera in list_cameras())
    assert "0" in describe([])
    assert describe([Camera(2, "C922")]) == "there are: 2 (C922)"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems ask a package")
def test_a_codec_is_not_listed(tmp_path, monkeypatch):
    import fcntl

    node = tmp_path / "null"  # as if /dev/null were it
    node.mkdir()
    (node / "name").write_text("bcm2835-codec-decode\n")
    (node / "index").write_text("0\n")
    assert is_capture(node), "it cannot be asked"
    monkeypatch.setattr(
        fcntl, "ioctl", lambda device, request, answer: struct.pack_into("=2I", answer, 84, 1 << 31, 0x4000)
    )
    assert not is_capture(node)


@pytest.mark.parametrize(
    ("system", "text"),
    [("darwin", "System Settings > Privacy & Security"), ("win32", "Settings > Privacy & security > Camera")],
)
def test_who_did_not_allow_it_is_told_where(system, text, monkeypatch):
    monkeypatch.setattr(sys, "platform", system)
    assert text in advise(0)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell")
def test_who_holds_a_camera_is_named(tmp_path):
    device = tmp_path / "video0"
    device.touch()
    assert advise(str(device)).startswith("another program may hold it")
    holder = subprocess.Popen(["tail", "-f", str(device)])
    wait_for(lambda: advise(str(device)).startswith("tail may hold it"))
    holder.kill()
    holder.wait(10)


@pytest.mark.parametrize(
    ("system", "first"), [("linux", cv2.CAP_PROP_FOURCC), ("win32", cv2.CAP_PROP_FRAME_WIDTH)]
)
def test_each_system_is_asked_for_mjpg_in_the_order_that_it_heeds(system, first, monkeypatch):
    asked = []
    device = SimpleNamespace(isOpened=lambda: True, set=lambda name, value: asked.append(name))
    monkeypatch.setattr(cv2, "VideoCapture", lambda *given: device)
    monkeypatch.setattr(sys, "platform", system)
    open_capture(0, "0", CameraSettings(1280, 720, 30))
    assert asked[1] == first
    assert asked.index(cv2.CAP_PROP_FOURCC) in (1, 4) and len(asked) == 5
