"""Small colour profiles (ICC.1:2001-04), as cameras and printing houses put them into pictures."""

from __future__ import annotations

import itertools
import struct

ADOBE = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
"""XYZ of red, green and blue of Adobe RGB (1998), under D50."""


def pack(space: bytes, linked_to: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Return the profile of that colour *space* with *tags*."""
    tags = {b"desc": text(b"desc"), b"cprt": text(b"text"), b"wtpt": xyz(0.9642, 1.0, 0.8249), **tags}
    table, data, at = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, tag in tags.items():
        table += name + struct.pack(">II", at + len(data), len(tag))
        data += tag
    head = struct.pack(">I4xI4s4s4s12x4s28x", at + len(data), 0x02100000, b"mntr", space, linked_to, b"acsp")
    white = struct.pack(">iii", 63190, 65536, 54061)
    return (head + white).ljust(128, b"\0") + table + data


def text(kind: bytes) -> bytes:
    if kind == b"text":
        return b"text\0\0\0\0none\0\0\0\0"
    return b"desc\0\0\0\0" + struct.pack(">I", 5) + b"none\0" + bytes(4 + 4 + 2 + 1 + 67 + 2)


def xyz(*numbers: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(number * 65536) for number in numbers))


def gamma(number: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(number * 256)) + b"\0\0"


def adobe_rgb() -> bytes:
    """Return the profile of Adobe RGB (1998), whose gamut is wide."""
    lights = {name + b"XYZ": xyz(*light) for name, light in zip((b"r", b"g", b"b"), ADOBE, strict=True)}
    return pack(b"RGB ", b"XYZ ", {**lights, **{name + b"TRC": gamma(2.2) for name in (b"r", b"g", b"b")}})


def grey(number: float = 1.0) -> bytes:
    """Return a profile of greys, linear unless a gamma is given."""
    return pack(b"GRAY", b"XYZ ", {b"kTRC": gamma(number)})


def pale_inks() -> bytes:
    """Return a profile of CMYK in which all inks make but a grey, of L* 50 to 100, and no colours."""
    ramp = bytes(range(256))
    corners = b"".join(
        bytes((255 - 32 * sum(inks), 128, 128)) for inks in itertools.product((0, 1), repeat=4)
    )
    unit = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    lookup = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + unit + 4 * ramp + corners + 3 * ramp
    return pack(b"CMYK", b"Lab ", {b"A2B0": lookup})
