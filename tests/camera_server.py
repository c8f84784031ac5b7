"""A camera on the network that tests can freeze, stop, start again and change."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

from livestyle.frame import Pixels


class CameraServer:
    """Serves MJPEG over HTTP at 30 frames per second, each frame of one grey, a little brighter each time.

    Attributes:
        size: width and height of the frames from now on.
        frozen: whether it stands still, the connection open.
        paint: draws into each frame before it goes out.
    """

    def __init__(self) -> None:
        self.size = (64, 48)
        self.frozen = False
        self.paint: Callable[[Pixels], None] = lambda pixels: None
        self._port = 0
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    def start(self) -> None:
        """Start serving; at the same address as before, if there was one."""
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                camera._serve(self)

            def log_message(self, *_: object) -> None:
                pass

        self._running = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Drop all connections and answer no more."""
        self._running = False
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        handler.end_headers()
        brightness = 60
        try:
            while self._running:
                time.sleep(1 / 30)
                if self.frozen:
                    continue
                width, height = self.size
                pixels = np.full((height, width, 3), brightness, np.uint8)
                self.paint(pixels)
                _, jpeg = cv2.imencode(".jpg", pixels)
                brightness = 60 + (brightness - 59) % 120
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                handler.wfile.write(head.encode() + jpeg.tobytes() + b"\r\n")
        except OSError:
            pass  # the viewer hung up
