"""Dials: opens network streams for reading."""

from __future__ import annotations

import io
import subprocess
import threading
from dataclasses import dataclass, replace

import av
import av.container
import av.error

from livestyle.address import port_trouble, split
from livestyle.errors import SourceUnavailable
from livestyle.handoff import Handoff
from livestyle.relay import open_relay

TIMEOUT_SECONDS = 5.0
"""For a server to answer; streams that have begun are given less."""

READ_SECONDS = 2.0
"""Between two packets of a stream that has begun."""

SEGMENT_SECONDS = 10.0
"""The same for a stream that comes in segments."""

LOW_DELAY = {"fflags": "nobuffer", "flags": "low_delay", "analyzeduration": "4500000"}
"""Keeps FFmpeg from gathering frames before it gives the first; times in microseconds.

The time to look at a stream ends before ``TIMEOUT_SECONDS``, which would break the connection.
"""

PATIENT_SECONDS = 12.0
"""For the first key frame, before which no size is known; senders left to themselves take up to ten."""

PATIENT = {
    "flags": "low_delay",  # and what follows the key frame is kept: the next may be as long in coming
    "analyzeduration": f"{PATIENT_SECONDS * 1e6:.0f}",
    "probesize": "64000000",
}
"""The same for a stream whose key frame is waited for; sizes in bytes."""

UNANNOUNCED = ("rtmp", "rtmps")
"""Kinds of streams that do not tell whether a picture will follow."""

KINDS = ("rtsp", "rtsps", "rtmp", "rtmps", "srt", "udp", "http", "https", "tcp", "rtp", "mms", "mmsh")
"""Beginnings of addresses that can be opened."""

AS_IT_HAPPENS = ("mpjpeg", "mjpeg")
"""What comes by HTTP and yet picture by picture."""


@dataclass
class Call:
    """An open stream.

    Attributes:
        container: to read from.
        paced: whether it comes in bursts, and is to be shown at its own pace.
        relay: what brings it; None when PyAV does.
        waited: whether its first key frame was waited for.
    """

    container: av.container.InputContainer
    paced: bool = False
    relay: Relay | None = None
    waited: bool = False

    @property
    def picture(self) -> av.VideoStream | None:
        """The first picture in it whose size is known; None before its first key frame."""
        streams = self.container.streams.video
        return next((s for s in streams if s.codec_context is not None and s.codec_context.width), None)

    def hang_up(self) -> None:
        """Let go of it. May be called twice."""
        self.container.close()
        if self.relay:
            self.relay.close()

    def explain(self, error: Exception) -> str:
        """Return what *error* says, without the address."""
        return self.relay.explain() if self.relay else explain(error)


def dial(given: str, name: str) -> Call:
    """Open the stream that was *given*, called *name* in messages; wait for its first key frame if need be.

    Raises:
        SourceUnavailable: nothing answers there, or there are no such streams.
        MissingExtra: such streams need packages that are not installed.
    """
    kind = split(given).scheme.lower()
    if kind not in KINDS:
        there = ", ".join(KINDS)
        raise SourceUnavailable(f"cannot open a stream of kind {kind!r}; there are: {there}")
    if trouble := port_trouble(given):
        raise SourceUnavailable(f"cannot open {name}: {trouble}")
    call = open_call(given, name, kind, LOW_DELAY, TIMEOUT_SECONDS)
    if call.picture or not (kind in UNANNOUNCED or call.container.streams.video):
        return call
    call.hang_up()
    return replace(open_call(given, name, kind, PATIENT, PATIENT_SECONDS + READ_SECONDS), waited=True)


def open_call(given: str, name: str, kind: str, wishes: dict[str, str], open_seconds: float) -> Call:
    """Open a stream of *kind*, with *wishes* for FFmpeg; raises as ``dial`` does."""
    if kind == "srt":
        return open_srt(given, name, wishes)
    by_http = kind.startswith("http")
    wishes = {**wishes, **({"rtsp_transport": "tcp"} if kind.startswith("rtsp") else {})}
    if by_http:
        wishes.pop("fflags", None)
    container = open_container(
        given, name, wishes, open_seconds, SEGMENT_SECONDS if by_http else READ_SECONDS
    )
    return Call(container, paced=by_http and container.format.name not in AS_IT_HAPPENS)


def open_container(
    place: str, name: str, wishes: dict[str, str], open_seconds: float, read_seconds: float
) -> av.container.InputContainer:
    """Open *place* with PyAV; raises SourceUnavailable as ``dial`` does. Ctrl-C need not wait for it."""
    results: list[av.container.InputContainer | Exception] = []

    def work() -> None:
        try:
            results.append(av.open(place, options=wishes, timeout=(open_seconds, read_seconds)))
        except (av.error.FFmpegError, OSError, ValueError) as error:
            results.append(error)

    worker = threading.Thread(target=work, name="dial", daemon=True)
    worker.start()
    while worker.is_alive():
        worker.join(0.1)  # Windows notices Ctrl-C in between only
    if not results:  # another error, as of no memory
        raise SourceUnavailable(f"cannot open {name}")
    result = results[0]
    if isinstance(result, Exception):  # its text has the password: told by nobody
        raise SourceUnavailable(f"cannot open {name}: {explain(result)}; is the address right?")
    return result


def open_srt(given: str, name: str, wishes: dict[str, str]) -> Call:
    """Open an SRT stream through the ffmpeg program; raises as ``dial`` does."""
    relay = Relay(open_relay(given, to_send=False))
    try:
        container = av.open(relay, "r", format="mpegts", options=wishes, buffer_size=1316)
    except (av.error.FFmpegError, OSError, ValueError):
        relay.close()
        raise SourceUnavailable(f"cannot open {name}: {relay.explain()}") from None
    return Call(container, relay=relay)


class Relay(io.RawIOBase):
    """What the ffmpeg program brings, as a file that never waits for long.

    Args:
        process: closed at the end.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        super().__init__()
        self._process = process
        self._pieces: Handoff[bytes] = Handoff(256, drop_oldest=False)
        self._rest = b""
        self._waits_seconds = TIMEOUT_SECONDS
        self._said: list[str] = []
        for work in (self._bring, self._listen):
            threading.Thread(target=work, name="relay", daemon=True).start()

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill *buffer* with what there is; 0 at the end, and when nothing comes for too long."""
        if not self._rest:
            self._rest = self._pieces.take(self._waits_seconds) or b""
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        if size:
            self._waits_seconds = READ_SECONDS
        return size

    def close(self) -> None:
        """End the process."""
        self._pieces.end(discard=True)
        self._process.kill()
        self._process.wait()
        super().close()

    def explain(self) -> str:
        """Return why nothing comes, in a line."""
        text = " ".join(self._said).lower()
        if "password required" in text or "unsecure" in text or "badsecret" in text:
            return "the passphrase is not the server's"
        if "resolve" in text:
            return "no such host; is the name right?"
        return "nothing comes; is the server running, and the address right?"

    def _bring(self) -> None:
        stdout = self._process.stdout
        while stdout is not None and (piece := stdout.read(65536)) and self._pieces.put(piece):
            pass
        self._pieces.end()

    def _listen(self) -> None:
        for line in self._process.stderr or ():
            self._said = [*self._said[-20:], line.decode(errors="replace")]


def explain(error: Exception) -> str:
    """Return what *error* says, without the address."""
    if isinstance(error, av.error.ExitError):  # by our own timeout
        return "nothing comes"
    return (getattr(error, "strerror", None) or str(error)).lower()
