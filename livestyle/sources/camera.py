"""Camera source: webcams and capture cards, by number, device or name."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from livestyle.errors import SourceUnavailable, how_to_install
from livestyle.frame import Frame, StreamInfo
from livestyle.settings import Checked, setting
from livestyle.sources.modes import Mode, list_modes, may_be_camera

APIS = {"linux": "CAP_V4L2", "darwin": "CAP_AVFOUNDATION", "win32": "CAP_DSHOW"}
"""The way into the system's cameras that takes a wish for size and format."""


@dataclass(frozen=True)
class CameraSettings(Checked):
    """What to ask the camera for; it may answer with something near."""

    width: int = setting(640, "in pixels", low=16, high=7680)
    height: int = setting(360, "in pixels", low=16, high=4320)
    fps: float = setting(30.0, "frames per second", low=1, high=240)


class CameraSource:
    """Yields what a camera sees, always its newest picture.

    Args:
        given: ``0``, ``/dev/video0``, or part of a name: ``C922``.
        options: fields of ``CameraSettings``.

    Raises:
        SourceUnavailable: there is no such camera, or no picture comes; so does iteration, when it dies.
    """

    def __init__(self, given: int | str, **options: int | float) -> None:
        self.name = str(given)
        place = find_camera(self.name)
        self._capture = open_capture(place, self.name, CameraSettings(**options))  # type: ignore[arg-type]
        there, first = self._capture.read()
        if not there:
            self.close()
            raise SourceUnavailable(f"camera {self.name} gives no picture; {advise(place)}")
        height, width = first.shape[:2]
        self.info = StreamInfo(width, height, float(self._capture.get(cv2.CAP_PROP_FPS)) or 30.0, live=True)

    def __iter__(self) -> Iterator[Frame]:
        started, index = time.perf_counter(), 0
        while self._capture.isOpened():
            there, pixels_bgr = self._capture.read()
            now = time.perf_counter()
            if not there:
                raise SourceUnavailable(f"camera {self.name} gives no picture any more; replug it")
            try:
                pixels = cv2.cvtColor(pixels_bgr, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)
            except cv2.error as error:  # of what drivers give when they fail
                raise SourceUnavailable(f"camera {self.name} gives no picture any more; replug it") from error
            yield Frame(pixels, index, now - started, now)
            index += 1

    def close(self) -> None:
        """Let go of the camera."""
        self._capture.release()


@dataclass(frozen=True)
class Camera:
    """A camera of this machine: what OpenCV opens it by, and what people call it."""

    index: int
    name: str

    @property
    def backend(self) -> str:
        """Which part of the system opens it."""
        return str(cv2.videoio_registry.getBackendName(choose_api()))

    def modes(self) -> list[Mode]:
        """Return what it offers; nothing where the system does not tell."""
        return list_modes(f"/dev/video{self.index}") if sys.platform == "linux" else []


def list_cameras() -> list[Camera]:
    """Return the cameras of this machine; none where the system does not tell and the extra is missing."""
    if sys.platform == "linux":
        found = filter(is_capture, Path("/sys/class/video4linux").glob("video*"))
        listed = [Camera(int(path.name[5:]), (path / "name").read_text().strip()) for path in found]
        return sorted(listed, key=lambda camera: camera.index)
    try:
        from cv2_enumerate_cameras import enumerate_cameras
    except ModuleNotFoundError:
        return []
    return [Camera(camera.index, camera.name) for camera in enumerate_cameras(choose_api())]


def choose_api() -> int:
    """Return the number of OpenCV's way into the cameras of this system."""
    return int(getattr(cv2, APIS.get(sys.platform, "CAP_ANY")))


def is_capture(path: Path) -> bool:
    """Return whether a folder of ``/sys/class/video4linux`` is of a device's first, picture-giving node."""
    index = path / "index"
    is_first = (path / "name").exists() and (not index.exists() or index.read_text().strip() == "0")
    return is_first and may_be_camera(f"/dev/{path.name}")


def find_camera(given: str) -> int | str:
    """Return what OpenCV opens the camera *given* by: a number, or the path of a device.

    Raises:
        SourceUnavailable: no camera is called so.
    """
    if given.isdigit():
        return int(given)
    if given.startswith("/dev/"):
        return given
    cameras = list_cameras()
    for camera in cameras:
        if given.lower() in camera.name.lower():
            return camera.index
    raise SourceUnavailable(f"no file and no camera named {given!r}; {describe(cameras)}")


def describe(cameras: list[Camera]) -> str:
    """Return what can be used instead, for the end of a message."""
    if cameras:
        return "there are: " + ", ".join(f"{camera.index} ({camera.name})" for camera in cameras)
    names = "" if sys.platform == "linux" else f" ({how_to_install('cameras')}, for names)"
    return f"give a number like 0{names}, or 'pattern' for a test scene without a camera"


def open_capture(place: int | str, name: str, wanted: CameraSettings) -> Any:
    """Open the camera at *place* and ask it for *wanted*, as MJPG: only so do most reach their full rate.

    Raises:
        SourceUnavailable: it does not open.
    """
    os.environ.setdefault(
        "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1"
    )  # seconds; a dead camera would block for 10
    cv2.utils.logging.setLogLevel(0)  # our message says it in one line
    capture = cv2.VideoCapture(place, choose_api())
    if not capture.isOpened():
        raise SourceUnavailable(f"camera {name} does not open; {advise(place)}")
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    kind = [(cv2.CAP_PROP_FOURCC, float(cv2.VideoWriter.fourcc(*"MJPG")))]
    sizes = [
        (cv2.CAP_PROP_FRAME_WIDTH, wanted.width),
        (cv2.CAP_PROP_FRAME_HEIGHT, wanted.height),
        (cv2.CAP_PROP_FPS, wanted.fps),
    ]
    # On Windows OpenCV forgets the kind when it is told a size.
    for name_of_property, value in sizes + kind if sys.platform == "win32" else kind + sizes:
        capture.set(name_of_property, value)
    return capture


def advise(place: int | str) -> str:
    """Return what to do about a camera that does not open."""
    if sys.platform == "darwin":
        return (
            "answer what macOS asks and run this again, or allow it in System Settings > Privacy & Security "
            "> Camera, and close other programs that use it"
        )
    if sys.platform == "win32":
        return "replug it, close programs that use it, or allow it in Settings > Privacy & security > Camera"
    device = Path(f"/dev/video{place}" if isinstance(place, int) else place)
    if sys.platform == "linux" and not device.exists():
        return f"{device} is not there; {describe(list_cameras())}"
    if sys.platform == "linux" and not os.access(device, os.R_OK | os.W_OK):
        return f"you may not use {device}; run: sudo usermod -aG video $USER, then log in again"
    return f"{name_holders(device)} may hold it: close that program, or replug the camera"


def name_holders(device: Path) -> str:
    """Return which programs of the user have *device* open, as far as the system tells: Linux does."""
    names = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # not ours to see, or gone
            held = any(
                os.path.realpath(link) == os.path.realpath(device) for link in (process / "fd").iterdir()
            )
            if held and process.name != str(os.getpid()):
                names.add((process / "comm").read_text().strip())
    return " or ".join(sorted(names)) or "another program"
