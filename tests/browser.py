"""A browser to test pages with: Chromium without a window, steered over its debugging protocol."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
import cv2
import numpy as np

from livestyle.frame import Pixels

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    """A browser of its own with one page; ``close`` ends it.

    Args:
        size: of the page, (width, height), in CSS pixels.
        flags: for Chromium, besides those that let it run anywhere with a camera that is not there.
    """

    def __init__(self, size: tuple[int, int] = (1280, 800), flags: tuple[str, ...] = ()) -> None:
        assert CHROMIUM
        self._profile = tempfile.mkdtemp(prefix="livestyle-browser-")
        self._process = subprocess.Popen(
            [
                CHROMIUM,
                "--headless=new",
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                "--autoplay-policy=no-user-gesture-required",
                "--remote-debugging-port=0",
                f"--user-data-dir={self._profile}",
                f"--window-size={size[0]},{size[1]}",
                *flags,
                "about:blank",
            ],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        self._loop = asyncio.new_event_loop()
        self._number = 0
        self.said: list[str] = []
        self._loop.run_until_complete(self._connect())
        self.resize(*size)

    def close(self) -> None:
        self._loop.run_until_complete(self._session.close())
        self._loop.close()
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stderr
        self._process.stderr.close()
        shutil.rmtree(self._profile, ignore_errors=True)

    def resize(self, width: int, height: int, scale: float = 1, *, phone: bool = False) -> None:
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=phone,
        )
        self.send("Emulation.setTouchEmulationEnabled", enabled=phone)

    def open(self, address: str) -> None:
        self.send("Page.navigate", url=address)
        self.wait_for("document.readyState === 'complete'")

    def run(self, script: str) -> Any:
        """Return the value of *script*; a promise is waited for."""
        told = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def wait_for(self, script: str, seconds: float = 30) -> Any:
        """Return the value of *script* once it is true."""
        end = time.monotonic() + seconds
        while not (seen := self.run(script)):
            assert time.monotonic() < end, f"waited in vain for {script}; the page said {self.said}"
            time.sleep(0.05)
        return seen

    def take(self, path: Path | None = None, *, transparent: bool = False) -> Any:
        """Return a screenshot, RGBA when *transparent*, else RGB; kept at *path*."""
        if transparent:
            self.send("Emulation.setDefaultBackgroundColorOverride", color={"r": 0, "g": 0, "b": 0, "a": 0})
        png = base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"])
        if path:
            path.write_bytes(png)
        kind = cv2.IMREAD_UNCHANGED if transparent else cv2.IMREAD_COLOR
        pixels: Pixels = np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), kind), np.uint8)
        return cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA if transparent else cv2.COLOR_BGR2RGB)

    def press(self, key: str) -> None:
        """Press and release *key*, named as in JavaScript."""
        text = {"text": key} if len(key) == 1 else {}
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, **(text if kind == "keyDown" else {}))

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._loop.run_until_complete(self._send(method, parameters))

    async def _connect(self) -> None:
        assert self._process.stderr
        for line in self._process.stderr:
            if found := re.search(r"DevTools listening on ws://([^/]+)/", line):
                break
        else:
            raise AssertionError("Chromium did not start")
        self._session = aiohttp.ClientSession()
        async with self._session.get(f"http://{found[1]}/json/list") as answer:
            page = next(target for target in await answer.json() if target["type"] == "page")
        self._page = await self._session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0)
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self._send(f"{domain}.enable", {})

    async def _send(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        await self._page.send_json({"id": self._number, "method": method, "params": parameters})
        while True:
            message = await self._page.receive(timeout=60)
            assert message.type is aiohttp.WSMsgType.TEXT, message
            told = json.loads(message.data)
            if told.get("id") == self._number:
                assert "error" not in told, told
                return told["result"]
            self._note(told)

    def _note(self, told: dict[str, Any]) -> None:
        """Keep what the page complains of."""
        if told.get("method") == "Runtime.exceptionThrown":
            self.said.append(told["params"]["exceptionDetails"].get("exception", {}).get("description", "?"))
        if told.get("method") == "Log.entryAdded" and told["params"]["entry"]["level"] == "error":
            self.said.append(told["params"]["entry"]["text"])
        if told.get("method") == "Runtime.consoleAPICalled" and told["params"]["type"] in (
            "error",
            "warning",
        ):
            self.said.append(str([a.get("value") for a in told["params"]["args"]]))
