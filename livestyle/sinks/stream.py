"""Stream sink: sends picture and sound to a server: rtmp(s), rtsp, srt, WHIP; a player; an HLS folder."""

from __future__ import annotations

import gc
import importlib.util
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from livestyle.address import hide_secrets, port_trouble, split
from livestyle.audio import AudioTrack
from livestyle.errors import MissingExtra, SinkUnavailable, UnknownName
from livestyle.frame import Frame, StreamInfo
from livestyle.settings import EncodeSettings
from livestyle.sinks import LIVE_ENCODING
from livestyle.sinks.feed import Feed, plan_feed
from livestyle.sinks.hearing import HeardTrack
from livestyle.sinks.line import Line
from livestyle.sound import Microphone
from livestyle.whole import refusal_told, target_of

log = logging.getLogger(__name__)

FORMATS: Mapping[str, str] = {
    "rtmp": "flv",
    "rtmps": "flv",
    "rtsp": "rtsp",
    "srt": "mpegts",
    "udp": "mpegts",
    "http": "whip",
    "https": "whip",
}
"""Containers by the beginning of the address."""

PLAYLIST = ".m3u8"
"""Ending of what is no address, but an HLS playlist in a folder."""

STALE_SECONDS = 10.0
"""Of frames without a new segment of an HLS playlist, which come each 2 seconds."""

LONGEST_PAUSE_SECONDS = 1.0
"""Between two frames: what is longer is no time in which a playlist should have grown."""

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 15.0
"""Before a lost server is called again, and at most; doubled in between."""


class StreamSink:
    """Sends frames as H.264 and sound as AAC, at their times. A server that is lost is called again.

    Frames are never kept: what comes while the server is away, or slower than the stream, is left out.

    Args:
        address: ``rtmp://server/app/key`` and the like; ``https://…`` is WHIP; or the path of a playlist,
            ``folder/name.m3u8``.
        info: size and rate of the frames that will come; an odd line or column is left out.
        settings: preset and bitrate.
        audio: what is heard; None sends silence.
        microphone: what is to be heard instead; closed at the end.
        overwrite: whether a playlist that is there may be replaced.

    Attributes:
        sent: frames that went to the server so far; to a playlist, since it was there.
        away: whether the server is lost now.

    Raises:
        UnknownName: streams are not sent to such addresses.
        MissingExtra: such streams need packages that are not installed.
        SinkUnavailable: nothing answers there, or it refuses the stream.
    """

    name = "stream"

    def __init__(
        self,
        address: str,
        info: StreamInfo,
        *,
        settings: EncodeSettings = LIVE_ENCODING,
        audio: AudioTrack | None = None,
        microphone: Microphone | None = None,
        overwrite: bool = False,
    ) -> None:
        self._format = choose_format(address)
        if self._format == "whip" and not importlib.util.find_spec("aiortc"):
            raise MissingExtra("whip", "web")
        if self._format == "hls":
            prepare_folder(Path(address), overwrite=overwrite)
        if trouble := port_trouble(address):
            raise SinkUnavailable(f"cannot stream to {hide_secrets(address, to_send=True)}: {trouble}")
        self._address = address
        self._place = hide_secrets(address, to_send=True)
        even = replace(info, width=info.width // 2 * 2, height=info.height // 2 * 2)
        self._codec = "libopus" if self._format == "whip" else "aac"
        self._plan = plan_feed(even, settings, plain=self._format == "whip")
        self._microphone = HeardTrack(microphone) if microphone else None
        track = self._microphone or audio
        self._heard = track.listen() if track else None
        self._lost_at: float | None = None
        self._wait_seconds = FIRST_WAIT_SECONDS
        self._next_try_at = 0.0
        self._growth = Growth(Path(address)) if self._format == "hls" else None
        self.sent = 0
        self._line: Line | None = None
        try:
            self._line = self._call()
            self._line.wait_ready()
        except SinkUnavailable as error:
            if self._line:
                self._line.hang_up()
            raise SinkUnavailable(f"cannot stream to {self._place}: {error}") from None

    @property
    def away(self) -> bool:
        """Whether the server is lost."""
        return self._lost_at is not None

    def write(self, frame: Frame) -> None:
        """Send *frame*; while the server is away, forget it."""
        if self._microphone:
            self._microphone.advance(frame, frame.pts_seconds)
        if self._line is None and time.perf_counter() < self._next_try_at:
            return
        try:
            line = self._line = self._line or self._call()
            if line.check():
                pixels = frame.pixels[: self._plan.height, : self._plan.width]
                line.send(line.feed.encode(frame.with_pixels(pixels)))
                if self._growth:
                    self._growth.check()
                if self._growth is None or self._growth.begun:
                    self._note_return()
                    self.sent += 1
        except SinkUnavailable as error:
            self._lose(error)

    def close(self) -> None:
        """Send what is left and hang up."""
        if self._microphone:
            self._microphone.close()
        if self._line is not None:
            if self._line.ready:
                with suppress(SinkUnavailable):  # the server hung up first
                    self._line.send(self._line.feed.finish())
            self._line.close()

    def _call(self) -> Line:
        """Call the server, with a feed of its own: it begins with a key frame."""
        if self._growth:
            self._growth = Growth(Path(self._address))
        gc.collect()  # PyAV's containers and streams hold each other, and the encoders of the last feed
        return Line(self._address, self._format, Feed(self._plan, self._heard, self._codec))

    def _note_return(self) -> None:
        self._wait_seconds = FIRST_WAIT_SECONDS
        if self._lost_at is not None:
            away_seconds = time.perf_counter() - self._lost_at
            self._lost_at = None
            log.warning("the stream to %s is back after %.0f s", self._place, away_seconds)

    def _lose(self, error: Exception) -> None:
        """Hang up; say so the first time; choose when the server is called again."""
        if self._lost_at is None:
            self._lost_at = time.perf_counter()
            log.warning(
                "the stream to %s was lost: %s; calling again until it is back", self._place, str(error)
            )
        line, self._line = self._line, None
        if line is not None:
            line.hang_up()
        self._next_try_at = time.perf_counter() + self._wait_seconds
        self._wait_seconds = min(2 * self._wait_seconds, LONGEST_WAIT_SECONDS)


class Growth:
    """Watches an HLS playlist: FFmpeg does not tell that the disk is full, or the folder gone.

    Attributes:
        begun: whether it has grown yet.
    """

    def __init__(self, playlist: Path) -> None:
        self._playlist = playlist
        self._seen = self._look()
        self._checked_at, self._stale_seconds = time.perf_counter(), 0.0
        self.begun = False

    def check(self) -> None:
        """Raise SinkUnavailable when it has not grown for many frames; call it for each."""
        now, seen = time.perf_counter(), self._look()
        self._stale_seconds += min(now - self._checked_at, LONGEST_PAUSE_SECONDS)
        self._checked_at = now
        if seen != self._seen and seen[0]:
            self._seen, self._stale_seconds, self.begun = seen, 0.0, True
        if self._stale_seconds > STALE_SECONDS:
            raise SinkUnavailable("the playlist grows no more; is the disk full, or the folder gone?")

    def _look(self) -> tuple[int, int]:
        with suppress(OSError):
            state = self._playlist.stat()
            return state.st_size, state.st_mtime_ns
        return 0, 0


def choose_format(address: str) -> str:
    """Return the container that *address* asks for, as FFmpeg names it.

    Raises:
        UnknownName: streams are not sent to such addresses.
    """
    if "://" not in address and Path(address).suffix.lower() == PLAYLIST:
        return "hls"
    scheme = split(address).scheme.lower() if "://" in address else ""
    if scheme not in FORMATS:
        shown = scheme or hide_secrets(address, to_send=True)
        raise UnknownName("kind of stream", shown, [*FORMATS, f"a path ending in {PLAYLIST}"])
    return FORMATS[scheme]


def prepare_folder(playlist: Path, *, overwrite: bool) -> None:
    """Make the folder for *playlist*, and remove the playlist of an earlier stream with its segments.

    Raises:
        SinkUnavailable: the folder cannot be written, or the playlist is there and must not be replaced.
    """
    if playlist.exists() and not overwrite:
        raise SinkUnavailable(f"{playlist} exists; give -y to replace it, or another name")
    with refusal_told(f"write {playlist}"):
        target_of(playlist)  # a pipe would keep us waiting
        playlist.parent.mkdir(parents=True, exist_ok=True)
        if playlist.exists():
            for line in playlist.read_text(encoding="utf-8", errors="replace").splitlines():
                if line.startswith(playlist.stem) and line.endswith(".ts") and Path(line).name == line:
                    (playlist.parent / line).unlink(missing_ok=True)
            playlist.unlink()
