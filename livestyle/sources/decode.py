"""Opens video files and decodes them as far as they go."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import av
import av.container
from av.stream import Disposition

from livestyle.errors import SourceUnavailable

log = logging.getLogger(__name__)

TEXT_FORMATS = {"tty", "bin", "xbin", "adf", "idf"}
"""FFmpeg shows text files as videos; we do not."""


def open_container(path: Path) -> av.container.InputContainer:
    """Open the media file at *path*; close what is returned.

    Raises:
        SourceUnavailable: there is none, or it cannot be read.
    """
    try:
        if path.is_dir():
            raise SourceUnavailable(f"{path} is a folder; give a video file")
        if path.stat().st_size == 0 and path.is_file():
            raise SourceUnavailable(f"{path} is empty; give a video file")
        container = av.open(
            f"file:{path}", metadata_errors="replace"
        )  # file: keeps a colon in the name from meaning a protocol
    except OSError as error:
        raise SourceUnavailable(f"cannot open {path}: {explain(error)}") from error
    except ValueError as error:  # av's own InvalidDataError is one
        raise SourceUnavailable(
            f"{path} is not a video, or is damaged from the start; give a video file"
        ) from error
    if container.format.name in TEXT_FORMATS:
        container.close()
        raise SourceUnavailable(f"{path} is not a video, it is text; give a video file")
    return container


def explain(error: OSError) -> str:
    """Return what the system says is wrong, in lower case."""
    return (error.strerror or str(error)).lower()


def choose_video(container: av.container.InputContainer, path: Path) -> av.VideoStream:
    """Return the video stream to paint: the first that is marked as default, never a cover picture.

    Raises:
        SourceUnavailable: there is none.
    """
    moving = [
        stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic
    ]
    if not moving:
        raise SourceUnavailable(f"{path} has no video, only {list_types(container)}; give a video file")
    return next((stream for stream in moving if stream.disposition & Disposition.default), moving[0])


def list_types(container: av.container.InputContainer) -> str:
    """Return what kinds of streams there are, in words."""
    kinds = sorted(
        {"a cover picture" if stream.type == "video" else stream.type for stream in container.streams}
    )
    return " and ".join(kinds) or "unreadable streams"


def decode(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    """Yield each frame that can be decoded, in order; what is damaged is skipped and told at the end."""
    damaged = 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (OSError, ValueError) as error:  # a file that breaks off
            log.warning("the file cannot be read to its end (%s); what comes before is used", error)
            return
        if packet is None:
            break
        try:
            yield from packet.decode()
        except ValueError:
            damaged += 1
    if damaged:
        log.warning("%d damaged packets were skipped", damaged)
