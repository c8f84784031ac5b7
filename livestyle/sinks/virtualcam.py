"""Virtual camera sink: a webcam that video calls and OBS can pick."""

from __future__ import annotations

import logging
import sys
import time

import pyvirtualcam

from livestyle.errors import SinkUnavailable, one_line
from livestyle.frame import Frame, StreamInfo
from livestyle.sinks.loopback import is_watched

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
"""Between two looks whether somebody watches."""

STEPS = {
    "linux": "install v4l2loopback-dkms, then run: "
    "sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label=livestyle",
    "darwin": "install OBS 30 or later, start it, press 'Start Virtual Camera' once, allow its extension in "
    "System Settings > General > Login Items & Extensions, then quit OBS: one program can feed it",
    "win32": "install OBS 26 or later and start it once; its virtual camera then works without it, "
    "and must not be on in OBS: one program can feed it",
}
"""What makes a virtual camera available, by system."""


class VirtualcamSink:
    """Shows frames as a camera of this machine. pyvirtualcam, which does it, is under the GPL, version 2.

    Args:
        info: size and rate of the frames that will come.
        on_demand: whether to be idle while nobody watches, where the system tells: Linux, v4l2loopback 0.13.

    Raises:
        SinkUnavailable: no virtual camera is set up; the text says how to.
    """

    name = "virtualcam"

    def __init__(self, info: StreamInfo, *, on_demand: bool = False) -> None:
        fps = info.fps or 30
        try:
            self._camera = pyvirtualcam.Camera(info.width, info.height, fps, fmt=pyvirtualcam.PixelFormat.RGB)
        except RuntimeError as error:
            steps = STEPS.get(sys.platform, "see the documentation of pyvirtualcam")
            raise SinkUnavailable(f"no virtual camera here ({one_line(error)}); {steps}") from error
        self._on_demand = on_demand
        self._shown = self._watched = False
        self._looked_at = float("-inf")
        if on_demand and is_watched(self.device) is None:
            log.warning("nobody tells here who watches the virtual camera; it is painted all the time")
            self._on_demand = False

    @property
    def device(self) -> str:
        """What other programs call the camera."""
        return str(self._camera.device)

    @property
    def idle(self) -> bool:
        """Whether nobody watches; never before the first frame, by which others find the camera."""
        if not self._on_demand or not self._shown:
            return False
        now = time.perf_counter()
        if now - self._looked_at > LOOK_SECONDS:
            self._looked_at = now
            self._watched = is_watched(self.device) is not False
        return not self._watched

    def write(self, frame: Frame) -> None:
        """Show *frame* to whoever watches."""
        self._camera.send(frame.on_black)
        self._shown = True

    def close(self) -> None:
        """Take the camera away."""
        self._camera.close()
