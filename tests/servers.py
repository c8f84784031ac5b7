"""Servers that are sent streams: nginx with its RTMP module, and ffmpeg as a listener."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

RTMP_MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")

CONFIGURATION = """
load_module {module};
daemon off; worker_processes 1; error_log stderr error; pid {folder}/pid;
events {{ worker_connections 64; }}
rtmp {{ server {{ listen 127.0.0.1:{port}; application live {{
    live on; record all; record_path {folder}; record_suffix .flv; record_unique on;
    on_publish http://127.0.0.1:{door}/; }} }} }}
"""


def find_port(kind: int = socket.SOCK_STREAM) -> int:
    """Return a port that nobody listens on."""
    with socket.socket(type=kind) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Door:
    """Asks of each publisher whether the key is right: it is unless it says ``wrong``."""

    def __init__(self) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(403 if b"name=wrong" in told else 200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class RtmpServer:
    """nginx, which records what it is sent into *folder*; can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        if not shutil.which("nginx") or not RTMP_MODULE.exists():
            pytest.skip("no nginx with RTMP (apt install nginx-light libnginx-mod-rtmp)")
        folder.chmod(0o777)  # nginx may give up its rights
        for above in folder.parents:
            if above.is_relative_to("/tmp") and above != Path("/tmp"):
                above.chmod(above.stat().st_mode | 0o111)
        self.folder = folder
        self._port = find_port()
        self._door = Door()
        text = CONFIGURATION.format(module=RTMP_MODULE, folder=folder, port=self._port, door=self._door.port)
        (folder / "nginx.conf").write_text(text)
        self.start()

    def address(self, key: str = "key") -> str:
        return f"rtmp://127.0.0.1:{self._port}/live/{key}"

    def start(self) -> None:
        command = ["nginx", "-p", str(self.folder), "-e", "stderr", "-c", str(self.folder / "nginx.conf")]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
        wait_for_port(self._port)

    def kill(self) -> None:
        """End it and its workers, at once."""
        kill_group(self._process)

    def close(self) -> None:
        self.kill()
        self._door.close()

    def recordings(self) -> list[Path]:
        """Return what was received, in order."""
        return sorted(self.folder.glob("*.flv"), key=lambda path: path.stat().st_mtime)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End *process* and what it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for_port(port: int) -> None:
    """Wait until somebody listens there."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("no server came up")


def start_listener(address: str, path: Path, options: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Start an ffmpeg that waits to be called at *address*, and stores what it is sent at *path*."""
    if not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg")
    command = [
        "ffmpeg",
        "-v",
        "error",
        *options,
        "-i",
        address,
        "-c",
        "copy",
        "-flush_packets",
        "1",
        str(path),
    ]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1.0)  # until it listens; a connection made to find out would be taken for the sender
    return process


def start_sender(address: str, *options: str) -> subprocess.Popen[bytes]:
    """Start an ffmpeg that sends a tone to *address*, by RTMP, as it happens, and what *options* say."""
    if not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg")
    tone = ["-f", "lavfi", "-i", "sine=r=44100"]
    command = ["ffmpeg", "-v", "error", "-re", *tone, *options, "-c:a", "aac", "-f", "flv", address]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)
