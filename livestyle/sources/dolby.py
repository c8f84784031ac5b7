"""Dolby Vision: whether the layer that every decoder reads is a picture that others can show."""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path

import av

from livestyle.errors import SourceUnavailable

log = logging.getLogger(__name__)

RECORD = re.compile(rb"dv[cvw]C..(.)(.)(.)", re.DOTALL)
"""Beginning of a configuration record: name, version, then profile, level and layers in bits."""


def check_dolby_vision(stream: av.VideoStream, path: Path) -> None:
    """Tell in the log when *stream* is Dolby Vision; its base layer will be read.

    Raises:
        SourceUnavailable: that layer is in Dolby's own colours; without the rest it is green and pink.
    """
    found = read_dolby_vision(stream)
    if found is None:
        return
    profile, compatible = found
    if not compatible:
        raise SourceUnavailable(
            f"{path} is Dolby Vision of profile {profile}: only Dolby's decoders show its colours;"
            " give a copy in profile 8, HDR10 or HLG"
        )
    log.warning("of Dolby Vision (profile %d) the base layer is read", profile)


def read_dolby_vision(stream: av.VideoStream) -> tuple[int, int] | None:
    """Return profile and base layer (0: in colours of its own) of Dolby Vision; None when it is none.

    PyAV does not tell; so an empty copy of the file is written to memory, whose header holds it.
    """
    header = io.BytesIO()
    options = {"movflags": "empty_moov", "strict": "unofficial"}
    try:
        with av.open(header, "w", format="mp4", container_options=options) as copy:
            copy.add_stream_from_template(stream, opaque=True)
            copy.start_encoding()
    except (OSError, ValueError):  # nothing that mp4 can hold: no Dolby Vision
        return None
    found = RECORD.search(header.getvalue())
    return (found[1][0] >> 1, found[3][0] >> 4) if found else None
