"""Relay: SRT through the ffmpeg program, as the FFmpeg inside PyAV has none of it."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import threading
from contextlib import suppress
from functools import cache
from urllib.parse import parse_qs

from livestyle.address import find_secrets, split
from livestyle.errors import MissingExtra, UsageError
from livestyle.title import hide_in_title

HIDE_AFTER_SECONDS = 2.0
"""By then ffmpeg has read its arguments."""

SHORTEST, LONGEST = 10, 79
"""Passphrases of SRT, in characters."""

RAW = ("-f", "data", "-raw_packet_size", "1316")
"""Bytes as they come, in pieces of seven packets of MPEG-TS: what SRT sends at once."""


@cache
def find_ffmpeg() -> str:
    """Return the ffmpeg program that knows SRT: that of imageio-ffmpeg, else the system's.

    Raises:
        MissingExtra: there is none.
    """
    places = [shutil.which("ffmpeg")]
    with suppress(ModuleNotFoundError, RuntimeError):  # not installed; has no program for this system
        places.insert(0, importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe())
    for place in places:
        if place and knows_srt(place):
            return place
    raise MissingExtra("srt", "srt")


def knows_srt(program: str) -> bool:
    """Return whether the ffmpeg at *program* can speak SRT."""
    asked = [program, "-hide_banner", "-protocols"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return "srt" in done.stdout.split()


def open_relay(address: str, *, to_send: bool) -> subprocess.Popen[bytes]:
    """Start ffmpeg to pass on bytes unread: from standard input to *address*, or from there to its output.

    What it says comes by standard error. The keys in *address* can be seen among the processes of the machine
    for ``HIDE_AFTER_SECONDS``, on Linux; elsewhere as long as it runs.

    Raises:
        UsageError: no passphrase of SRT is that long, or short.
        MissingExtra: there is no ffmpeg that knows SRT.
    """
    for passphrase in parse_qs(split(address).query).get("passphrase", []):
        if not SHORTEST <= len(passphrase) <= LONGEST:
            raise UsageError(f"a passphrase of SRT has {SHORTEST} to {LONGEST} characters")
    before, after = ("pipe:0", address) if to_send else (address, "pipe:1")
    words = [*RAW, "-i", before, "-map", "0", "-c", "copy", "-flush_packets", "1", "-f", "data", after]
    process = subprocess.Popen(
        [find_ffmpeg(), "-hide_banner", "-nostats", *words],
        stdin=subprocess.PIPE if to_send else subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if to_send else subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    secrets = find_secrets(address)
    if secrets:
        timer = threading.Timer(HIDE_AFTER_SECONDS, hide_in_title, (secrets, str(process.pid)))
        timer.daemon = True
        timer.start()
    return process
