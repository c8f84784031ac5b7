import struct
import sys

import pytest

from livestyle.sources.modes import (
    CAPABILITIES,
    FORMATS,
    INTERVALS,
    SIZES,
    Mode,
    gives_pictures,
    list_modes,
    may_be_camera,
    read_modes,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Video4Linux is Linux")

OFFERED = {
    b"MJPG": {(1920, 1080): [(1, 30), (1, 15)], (1280, 720): [(1, 60)]},
    b"YUYV": {(640, 480): [(1001, 30000)]},
}


def kernel(request, answer):
    """Answers as the kernel's documentation of the three requests says."""
    (index,) = struct.unpack_from("=I", answer)
    try:
        if request == FORMATS:
            assert struct.unpack_from("=I", answer, 4) == (1,)
            struct.pack_into("=4s", answer, 44, list(OFFERED)[index])
        elif request == SIZES:
            sizes = list(OFFERED[bytes(answer[4:8])])
            struct.pack_into("=3I", answer, 8, 1, *sizes[index])
        elif request == INTERVALS:
            rates = OFFERED[bytes(answer[4:8])][struct.unpack_from("=2I", answer, 8)]
            struct.pack_into("=3I", answer, 16, 1, *rates[index])
    except IndexError:
        raise OSError(22, "Invalid argument") from None


def ranges(request, answer):
    """A driver that offers all sizes between two, with no word of rates: v4l2loopback before it is fed."""
    (index,) = struct.unpack_from("=I", answer)
    if request == INTERVALS or (request == FORMATS and index):
        raise OSError(22, "Invalid argument")
    if request == FORMATS:
        struct.pack_into("=4s", answer, 44, b"YU12")
    else:
        struct.pack_into("=7I", answer, 8, 3, 2, 8192, 1, 1, 4096, 1)


def test_what_a_camera_offers_is_read():
    modes = list(read_modes(kernel))
    assert modes == [
        Mode("MJPG", 1920, 1080, 30),
        Mode("MJPG", 1280, 720, 60),
        Mode("YUYV", 640, 480, pytest.approx(29.97, abs=0.01)),
    ]
    assert str(modes[0]) == "MJPG 1920x1080 at 30"
    assert str(modes[2]) == "YUYV 640x480 at 30"


def test_of_a_range_the_largest_is_told():
    assert list(read_modes(ranges)) == [Mode("YU12", 8192, 4096, 0)]
    assert str(Mode("YU12", 8192, 4096, 0)) == "YU12 8192x4096"


@pytest.mark.parametrize("device", ["/dev/null", "/dev/nothing", "/dev/video97"])
def test_what_is_no_camera_offers_nothing(device):
    assert list_modes(device) == []
    assert may_be_camera(device)  # nothing tells otherwise


@pytest.mark.parametrize(
    ("able", "node", "camera"),
    [
        (0x84A00001, 0x04200001, True),  # uvcvideo: the node that gives pictures
        (0x84A00001, 0x04A00000, False),  # and the one that tells of them
        (0x84201000, 0x04201000, True),  # an image sensor of a phone, in planes
        (0x84204000, 0x04204000, False),  # bcm2835-codec-decode of a Raspberry Pi
        (0x84208000, 0x04208000, False),  # a scaler
        (0x84200003, 0x04200002, False),  # bcm2835-isp: what is put into it
        (0x04000001, 0, True),  # a driver that knows nothing of nodes
    ],
)
def test_codecs_are_no_cameras(able, node, camera):
    def ask(request, answer):
        assert request == CAPABILITIES and len(answer) == 104
        struct.pack_into("=16s32s32s4I", answer, 0, b"driver", b"card", b"bus", 6, able, node, 0)

    assert gives_pictures(ask) is camera
