"""Where painted frames go: the contract and the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import cv2  # noqa: F401 (before PyAV, whose parts of xcb would keep OpenCV's windows from opening)

from livestyle.address import hide_secrets
from livestyle.audio import AudioTrack
from livestyle.errors import UnknownName, UsageError
from livestyle.frame import Frame, StreamInfo
from livestyle.numbering import Numbering
from livestyle.registry import Part, Table
from livestyle.settings import EncodeSettings
from livestyle.sound import Microphone

LIVE_ENCODING = EncodeSettings(preset="superfast")
"""Leaves the processor to the painting."""


OUTPUTS = ("window", "virtualcam", "a file like out.mp4", "an address like rtmp://host/app/key")
"""What a user may give."""


class Sink(Protocol):
    """Takes painted frames.

    Five more members are optional. ``main_thread = True``: the sink runs on the thread that calls
    ``Pipeline.run``, as windows must. ``pump()``: called between frames, to look after a window.
    ``abandon()``: called before ``close`` when the sink failed, or anything else where a file is painted;
    ``abridge()``, when that was ended before the file was. ``idle``: True while nobody sees what it shows;
    when that is so of all sinks of a live source, nothing is painted.
    """

    name: str

    def write(self, frame: Frame) -> None:
        """Show or store *frame*. May block."""

    def close(self) -> None:
        """Flush and let go. Called once, also after a failure."""


SINKS = Table(
    "sink",
    {
        "file": Part("livestyle.sinks.file:FileSink", "an encoded video file with the sound of its source"),
        "sequence": Part("livestyle.sinks.sequence:SequenceSink", "numbered pictures: out/%05d.png"),
        "stream": Part(
            "livestyle.sinks.stream:StreamSink", "a server: rtmp, rtsp, srt; a player: udp; an HLS folder"
        ),
        "virtualcam": Part(
            "livestyle.sinks.virtualcam:VirtualcamSink", "a webcam that other programs can pick", "virtualcam"
        ),
        "window": Part("livestyle.sinks.window:WindowSink", "a window on this machine"),
    },
)


def open_sink(
    given: str,
    info: StreamInfo,
    *,
    overwrite: bool = False,
    bitrate: str = "",
    audio: AudioTrack | None = None,
    listen: Callable[[], Microphone | None] | None = None,
    on_demand: bool = False,
) -> Sink:
    """Open what a user gave: ``virtualcam``, the path of a video file, pictures or a playlist, or an address.

    Args:
        given: as typed by the user.
        info: size and rate of the frames that will come.
        overwrite: whether a file that is there may be replaced.
        bitrate: of files and streams, like ``4M``; chosen by quality and size when empty.
        audio: what streams and files carry beside the picture.
        listen: opens a microphone, if it can, to be heard instead of *audio*; None does not.
        on_demand: whether a virtual camera is idle while nobody watches.

    Raises:
        UnknownName: it is no sink, and no file that can be written.
        UsageError: frames are to be transparent, and it carries no transparency.
        MissingExtra: the sink needs packages that are not installed.
        SinkUnavailable: it cannot be opened.
    """
    stream = is_stream(given)
    if info.cut_out and (stream or given == "virtualcam"):
        kind = "a stream" if stream else given
        raise UsageError(
            f"{kind} carries no transparency; give --background green, and key it where it is seen"
        )
    settings = replace(LIVE_ENCODING if info.live else EncodeSettings(), bitrate=bitrate)
    if not stream and Path(given).suffix and Numbering.of(Path(given)):
        pictures: Sink = SINKS.load("sequence")(Path(given), info, settings=settings, overwrite=overwrite)
        return pictures
    if stream or Path(given).suffix:
        with opened(listen) as microphone:
            options: dict[str, Any] = {"settings": settings, "overwrite": overwrite, "microphone": microphone}
            kind, place = ("stream", given) if stream else ("file", Path(given))
            sink: Sink = SINKS.load(kind)(place, info, audio=audio, **options)
            return sink
    if given == "virtualcam":
        camera: Sink = SINKS.load(given)(info, on_demand=on_demand)
        return camera
    raise UnknownName("output", hide_secrets(given, to_send=True), OUTPUTS)


@contextmanager
def opened(listen: Callable[[], Microphone | None] | None) -> Iterator[Microphone | None]:
    """Yield what *listen* opens, if it is there; closed only when what is done with it fails."""
    microphone = listen() if listen else None
    try:
        yield microphone
    except UsageError:
        if microphone:
            microphone.close()
        raise


def is_stream(given: str) -> bool:
    """Return whether *given* is an address or a playlist, where others watch."""
    return "://" in given or Path(given).suffix.lower() == ".m3u8"
