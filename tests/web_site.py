"""A site to test: served for real, in a thread, with the test scene in a small style."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from livestyle.settings import ServeSettings
from livestyle.styles.style import Style
from livestyle.stylize.stylizer import Controls, Stylizer
from livestyle.web.opening import open_feeds
from livestyle.web.server import run_server
from livestyle.web.studio import Studio


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Site:
    """A site that runs until ``close``."""

    def __init__(self, style: Style, settings: ServeSettings, token: str = "") -> None:
        self.studio = Studio(
            open_feeds(["pattern"], 128, 72, 30),
            Controls(style=str(style.path)),
            lambda controls, fps: Stylizer(controls),
            settings,
        )
        self._stop = threading.Event()
        ready = threading.Event()
        self.port = 0

        def note(port: int, plain: str) -> None:
            self.port = port
            ready.set()

        self._thread = threading.Thread(
            target=run_server,
            args=(self.studio, settings),
            kwargs={"token": token, "tls": None, "stop": self._stop, "ready": note},
        )
        self._thread.start()
        assert ready.wait(10)

    def close(self) -> None:
        self._stop.set()
        self._thread.join(20)
        assert not self._thread.is_alive()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, body: bytes | dict[str, Any] | None = None, **headers: str) -> Answer:
        """GET *path*, or POST *body* to it; of *headers*, underscores become hyphens."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, dict):
            body, told = json.dumps(body).encode(), {"Content-Type": "application/json", **told}
        request = urllib.request.Request(self.address + path, body, told)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, answer.read(), dict(answer.headers))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read(), dict(error.headers))
