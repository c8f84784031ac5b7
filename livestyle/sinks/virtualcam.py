"""Virtual camera sink: a webcam that video calls and OBS can pick."""

from __future__ import annotations

import sys

import pyvirtualcam

from livestyle.errors import SinkUnavailable
from livestyle.frame import Frame, StreamInfo

STEPS = {
    "linux": "install v4l2loopback-dkms, then run: "
    "sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label=livestyle",
    "darwin": "install OBS 30 or later, start it, press 'Start Virtual Camera' once, allow its extension in "
    "System Settings > General > Login Items & Extensions, then quit OBS",
    "win32": "install OBS 26 or later and start it once; its virtual camera then works without it",
}
"""What makes a virtual camera available, by system."""


class VirtualcamSink:
    """Shows frames as a camera of this machine. pyvirtualcam, which does it, is under the GPL, version 2.

    Args:
        info: size and rate of the frames that will come.

    Raises:
        SinkUnavailable: no virtual camera is set up; the text says how to.
    """

    name = "virtualcam"

    def __init__(self, info: StreamInfo) -> None:
        fps = info.fps or 30
        try:
            self._camera = pyvirtualcam.Camera(info.width, info.height, fps, fmt=pyvirtualcam.PixelFormat.RGB)
        except RuntimeError as error:
            steps = STEPS.get(sys.platform, "see the documentation of pyvirtualcam")
            raise SinkUnavailable(f"no virtual camera on this machine; {steps}") from error

    @property
    def device(self) -> str:
        """What other programs call the camera."""
        return str(self._camera.device)

    def write(self, frame: Frame) -> None:
        """Show *frame* to whoever watches."""
        self._camera.send(frame.pixels)

    def close(self) -> None:
        """Take the camera away."""
        self._camera.close()
