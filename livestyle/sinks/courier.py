"""Courier: a process of its own that carries packets to a server: ``python -m livestyle.sinks.courier``.

PyAV holds Python still while it calls a server, and may wait for one for ever: so that happens here, where
nothing else waits and an end can be put to it. Standard input holds a line of JSON, an AVI file without
packets that tells of the streams, then packets. Standard output gets one line, ``ready``, when the server
takes them, and one with the reason when it does no more. The address, which may hold keys, comes by standard
input too: everyone on the machine can read arguments.
"""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import av
import av.container
import av.logging

from livestyle.errors import LivestyleError
from livestyle.relay import open_relay
from livestyle.sinks.parcel import unpack

READY = "ready"
BROKE = "the connection broke"

STUCK_SECONDS = 5.0
"""A server that takes nothing for so long is lost."""

QUEUE_BYTES = 128 * 1024
"""In the system, on the way to a server; Linux makes it twice as much: a second of 2 Mbit/s."""

LAST_SECONDS = 3.0
"""For a relay to send what it has, at the end."""

EMPTY_PACKETS = (bytes((0x47, 0x1F, 0xFF, 0x10)) + bytes(184)) * 7
"""MPEG-TS without anything in it (ISO 13818-1): ffmpeg before 7 reads some bytes before it calls a server."""


class Watchdog:
    """Ends the process when one packet takes too long.

    Attributes:
        since: when sending it began; None between two.
    """

    def __init__(self) -> None:
        self.since: float | None = None
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            time.sleep(0.5)
            since = self.since
            if since is not None and time.monotonic() - since > STUCK_SECONDS:
                tell("the server takes nothing any more")
                os._exit(1)


def tell(text: str) -> None:
    """Tell the parent, in one line."""
    print(text, flush=True)


def carry(output: av.container.OutputContainer, header: bytes, parcels: BinaryIO) -> None:
    """Send *parcels* into *output* as the streams that *header* tells of."""
    with av.open(io.BytesIO(header), format="avi") as template:
        streams = [output.add_stream_from_template(stream) for stream in template.streams]
        output.start_encoding()
        keep_queues_short()
        if output.file is None:  # else the relay tells
            tell(READY)
        watchdog = Watchdog()
        try:
            for index, packet in unpack(parcels):
                packet.stream = streams[index]
                watchdog.since = time.monotonic()
                output.mux(packet)
                watchdog.since = None
            watchdog.since = time.monotonic()
            output.close()
        except OSError as error:
            raise ConnectionError(error.errno, BROKE) from error


def keep_queues_short() -> None:
    """Let little wait in the system for a slow network: it would be late, by many seconds."""
    folder = Path("/dev/fd")  # of this process; FFmpeg has no option for it that PyAV could pass on
    for number in [int(path.name) for path in folder.iterdir()] if folder.is_dir() else []:
        with suppress(OSError):  # not a socket
            connection = socket.socket(fileno=number)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, QUEUE_BYTES)
            connection.detach()  # it is FFmpeg's


def carry_by_relay(address: str, options: dict[str, str], header: bytes, parcels: BinaryIO) -> None:
    """Send *parcels* by SRT: as MPEG-TS into the ffmpeg program."""
    relay = open_relay(address, to_send=True)
    assert relay.stdin is not None
    relay.stdin.write(EMPTY_PACKETS)
    threading.Thread(target=report, args=(relay,), daemon=True).start()
    try:
        with av.open(
            relay.stdin, "w", format="mpegts", container_options=options, buffer_size=1316
        ) as output:
            carry(output, header, parcels)
        relay.stdin.close()
        relay.wait(LAST_SECONDS)
    except subprocess.TimeoutExpired:
        pass  # a listener whom nobody called
    finally:
        relay.kill()


def report(relay: subprocess.Popen[bytes]) -> None:
    """Tell when *relay* is connected, and why it ended; then end this process too."""
    said, ready = [], False
    for line in relay.stderr or ():
        said.append(line.decode(errors="replace"))
        if line.startswith(b"Output #0"):
            ready = True
            tell(READY)
    if relay.wait():
        tell(BROKE if ready else explain(OSError(), said, "srt"))
        os._exit(1)


def explain(error: Exception, said: list[str], scheme: str) -> str:
    """Return the reason for *error* in one line, from what FFmpeg *said* meanwhile, without the address."""
    text = " ".join(said).lower()
    if "resolve host" in text or "getaddrinfo" in text:
        return "no such host; is the name right?"
    if isinstance(error, ConnectionRefusedError) or "connection refused" in text:
        return "connection refused; is the server running?"
    if "password required" in text or "badsecret" in text or "unsecure" in text:
        return "the passphrase is not the server's"
    if "connection to srt" in text:
        return "nothing answers; is the server running?"
    if isinstance(error, TimeoutError) or "timed out" in text or "timeout" in text:
        return "no answer in time; is the server running?"
    if isinstance(error, ConnectionError):
        return (error.strerror or str(error)).lower()
    if isinstance(error, OSError) and error.strerror and "input/output" not in error.strerror.lower():
        return error.strerror.lower()
    if scheme.startswith("rtmp"):
        return "the server refuses the stream; are application and key right?"
    return "the stream is refused there; is the address right?"


def main() -> None:
    """Carry what comes by standard input."""
    request: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    header = sys.stdin.buffer.read(request["header"])
    address, options = request["address"], request["options"]
    av.logging.set_level(av.logging.ERROR)
    with av.logging.Capture(local=False) as said:
        try:
            if address.startswith("srt:"):
                carry_by_relay(address, options, header, sys.stdin.buffer)
                return
            if request["format"] == "whip":
                from livestyle.sinks.whip import carry_by_whip

                carry_by_whip(address, unpack(sys.stdin.buffer), lambda: tell(READY))
                return
            with av.open(address, "w", format=request["format"], container_options=options) as output:
                carry(output, header, sys.stdin.buffer)
        except LivestyleError as error:
            tell(str(error))
        except (OSError, ValueError) as error:
            tell(explain(error, [text for _, _, text in said], address.partition("://")[0]))
        else:
            return
    sys.stdout.flush()
    os._exit(1)  # closing what is lost would wait again


if __name__ == "__main__":
    main()
