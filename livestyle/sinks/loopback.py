"""Who watches a v4l2loopback device, which is what a virtual camera is on Linux."""

from __future__ import annotations

import os
import struct
import sys

SUBSCRIBE, DEQUEUE = 0x4020565A, 0x80885659
"""VIDIOC_SUBSCRIBE_EVENT and VIDIOC_DQEVENT, for 64 bits."""

CLIENT_USAGE = 0x08000000 + 0x08E00000 + 1
"""The driver's own event, since version 0.13: how many programs take pictures."""

SEND_INITIAL = 1
"""Of a subscription: tell at once how it is."""

EVENT_BYTES, COUNT_AT = 136, 8
"""The size of a v4l2_event, and where in it the number stands."""


def is_watched(device: str) -> bool | None:
    """Return whether a program takes pictures from *device*; None where the driver does not tell.

    The driver tells only of changes, and may lose one: so it is asked afresh each time.
    """
    if not sys.platform.startswith("linux") or sys.maxsize < 2**32:
        return None
    import fcntl  # not on Windows

    event = bytearray(EVENT_BYTES)
    try:
        descriptor = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        fcntl.ioctl(descriptor, SUBSCRIBE, struct.pack("=8I", CLIENT_USAGE, 0, SEND_INITIAL, *[0] * 5))
        fcntl.ioctl(descriptor, DEQUEUE, event)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    (count,) = struct.unpack_from("=I", event, COUNT_AT)
    return bool(count)
