"""A server that takes streams by WHIP, records them, and asks for a token."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from aiohttp import web
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRecorder


class WhipServer:
    """Records what it is sent at ``address`` into *path*.

    Attributes:
        deleted: whether the sender has taken its stream back.
    """

    def __init__(self, path: Path, token: str = "token") -> None:
        self._path = path
        self._token = token
        self.deleted = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._started.wait(20)

    def address(self, token: str = "token") -> str:
        return f"http://:{token}@127.0.0.1:{self._port}/whip/secret-key"

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._started.set()
        self._loop.run_forever()

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_post("/whip/secret-key", self._take)
        app.router.add_delete("/resource", self._delete)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def _take(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            return web.Response(status=401)
        assert request.content_type == "application/sdp"
        self._connection = RTCPeerConnection()
        self._recorder = MediaRecorder(str(self._path))
        self._connection.on("track", self._recorder.addTrack)
        await self._connection.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
        await self._connection.setLocalDescription(await self._connection.createAnswer())
        await self._recorder.start()
        return web.Response(
            status=201,
            text=self._connection.localDescription.sdp,
            content_type="application/sdp",
            headers={"Location": "/resource"},
        )

    async def _delete(self, _: web.Request) -> web.Response:
        await self._recorder.stop()
        await self._connection.close()
        self.deleted.set()
        return web.Response()
