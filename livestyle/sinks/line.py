"""Line: our end of the process that carries packets to a server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import av

from livestyle.address import split
from livestyle.errors import SinkUnavailable
from livestyle.handoff import Handoff
from livestyle.sinks.courier import LAST_SECONDS, READY
from livestyle.sinks.feed import Feed
from livestyle.sinks.parcel import pack

CONNECT_SECONDS = 20.0
"""For our process to start, on a busy machine, and a server to take the stream."""

OPTIONS = {
    "flv": {"flvflags": "no_duration_filesize"},
    "rtsp": {"rtsp_transport": "tcp"},
    "mpegts": {"mpegts_flags": "resend_headers", "flush_packets": "1"},
    "hls": {
        "hls_time": "2",
        "hls_list_size": "6",
        "hls_delete_threshold": "3",
        "hls_flags": "delete_segments+independent_segments+temp_file",
        "hls_start_number_source": "epoch",
    },
}
"""Of each container. Late packets of one stream do not hold up the other for long."""


class Line:
    """Carries packets to a server, from another process.

    Args:
        address: of the server, or the path of an HLS playlist.
        format: the container, as FFmpeg names it.
        feed: makes the packets.

    Attributes:
        feed: as given.
        ready: whether the server has taken the stream.

    Raises:
        SinkUnavailable: the process ends at once; by ``check``, ``wait_ready`` and ``send``: no server can
            be reached, or was lost.
    """

    def __init__(self, address: str, format: str, feed: Feed) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "livestyle.sinks.courier"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us: the courier ends when we have sent all
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # the same on Windows
            bufsize=0,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},  # finds what we found
        )
        assert self._process.stdin is not None
        self._pipe = self._process.stdin
        self._said: Handoff[str] = Handoff(8, drop_oldest=True)
        threading.Thread(target=self._listen, name="line", daemon=True).start()
        parts = split(address)
        listens = parts.scheme == "srt" and parse_qs(parts.query).get("mode") == ["listener"]
        self._deadline = None if listens else time.perf_counter() + CONNECT_SECONDS
        self.feed = feed
        self.ready = False
        options = {"max_interleave_delta": "500000", **OPTIONS.get(format, {})}
        request = {"address": address, "format": format, "options": options, "header": len(feed.header)}
        try:
            self._write(json.dumps(request).encode() + b"\n" + feed.header)
        except SinkUnavailable:
            self.hang_up()
            raise

    def wait_ready(self) -> None:
        """Wait until the server takes the stream; not for one that calls us."""
        while self._deadline is not None and not self.check():
            time.sleep(0.02)

    def check(self) -> bool:
        """Return whether the server takes packets now."""
        said = self._said.take(0)
        if said == READY:
            self.ready = True
        elif said is not None:
            raise SinkUnavailable(said)
        elif self._said.ended:
            raise SinkUnavailable("the connection ended")
        if not self.ready and self._deadline is not None and time.perf_counter() > self._deadline:
            raise SinkUnavailable("no answer in time; is the server running?")
        return self.ready

    def send(self, packets: Iterable[av.Packet[Any]]) -> None:
        """Send *packets*; waits while the server is slow."""
        for packet in packets:
            self._write(pack(packet))

    def close(self) -> None:
        """Let the server have what is on the way, then hang up; at once when it is stuck."""
        with suppress(OSError):
            self._pipe.close()
        try:
            self._process.wait(LAST_SECONDS + 1 if self.ready else 0)
        except subprocess.TimeoutExpired:
            self.hang_up()

    def hang_up(self) -> None:
        """End at once."""
        with suppress(OSError):
            self._pipe.close()
        if hasattr(os, "killpg"):  # its relay too
            with suppress(ProcessLookupError, PermissionError):  # macOS says so of one that has ended
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        self._process.wait()

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[self._pipe.write(view) or 0 :]
        except OSError as error:
            raise SinkUnavailable(self._last_words()) from error

    def _last_words(self) -> str:
        """Return why the process ended."""
        said = None
        while (line := self._said.take(1.0)) is not None:
            said = line
        return said if said and said != READY else "the connection ended"

    def _listen(self) -> None:
        with self._process.stdout as lines:  # type: ignore[union-attr]
            for line in lines:
                self._said.put(line.decode(errors="replace").strip())
        self._said.end()
