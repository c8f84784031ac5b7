"""Player: sends a page its pictures over a WebSocket, as fast as the page shows them and no faster.

From the server, a text is JSON: ``{"state": …}`` twice a second, or ``{"error": "one line"}`` before the end.
A binary message is a picture: four bytes with the length of the header, most significant first; the header,
JSON, ``{"number": 12, "sizes": [61234, 0, 0]}``; then as many bytes of each part as *sizes* says, all JPEG:
the painting, the original, and in grey how opaque the painting is, if not all of it is. To the server,
``{"shown": 12}`` once picture 12 can be seen, and ``{"original": true}`` to have the original beside.
docs/overlays.md tells it to others.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from livestyle.errors import LivestyleError, StageError, TooMany, UsageError
from livestyle.web.audience import Shown, Viewer
from livestyle.web.folders import hide_folders
from livestyle.web.keys import STUDIO
from livestyle.web.look import Look
from livestyle.web.pictures import STALLED_SECONDS, read_own
from livestyle.web.problems import problem
from livestyle.web.rates import Rates
from livestyle.web.state import state_of
from livestyle.web.studio import Studio

ON_THE_WAY = 2
"""Pictures sent that the page has not shown yet: one travels while another is drawn."""

KINDS = {"shown": int, "original": bool}
"""What a page may say."""

STATE_SECONDS = 0.5
MESSAGES_PER_SECOND = 200
LARGEST_MESSAGE = 1024


async def socket(request: web.Request) -> web.StreamResponse:
    """Pictures and state for a page, over a WebSocket."""
    connection = web.WebSocketResponse(heartbeat=20.0, max_msg_size=LARGEST_MESSAGE, compress=False)
    if not connection.can_prepare(request):
        answer = problem(426, "this is a WebSocket: open it as one, with ws:// before the address")
        answer.headers["Upgrade"] = "websocket"
        return answer
    await connection.prepare(request)
    viewer, studio, code = Viewer(alpha=True), request.app[STUDIO], WSCloseCode.OK
    try:
        with studio.watch(request.query.get("source"), read_own(request), viewer) as look:
            await Player(connection, request, look, viewer).run()
    except LivestyleError as error:
        code = code_for(error, studio)
        await connection.send_json({"error": hide_folders(str(error))})
    except ConnectionError:
        pass  # the page is gone
    await connection.close(code=code)
    return connection


def code_for(error: LivestyleError, studio: Studio) -> WSCloseCode:
    """Return what tells a program whether it is worth coming back."""
    if studio.closed:
        return WSCloseCode.GOING_AWAY
    mendable = isinstance(error, UsageError) and not isinstance(error, TooMany)
    return WSCloseCode.POLICY_VIOLATION if mendable else WSCloseCode.TRY_AGAIN_LATER


class Player:
    """Plays *look* to one page until that is gone or the look ends."""

    def __init__(
        self, connection: web.WebSocketResponse, request: web.Request, look: Look, viewer: Viewer
    ) -> None:
        self._connection = connection
        self._request = request
        self._look = look
        self._viewer = viewer
        self._sent: dict[int, float] = {}  # number: when it was captured
        self._room = asyncio.Event()
        self._room.set()

    async def run(self) -> None:
        """Send pictures and state, and hear what is shown.

        Raises:
            StageError: there are no more pictures, or the page does not take them.
        """
        works = [self._hear(), self._send_pictures(), self._send_state()]
        tasks = [asyncio.create_task(work) for work in works]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _hear(self) -> None:
        rates = Rates(MESSAGES_PER_SECOND, 2 * MESSAGES_PER_SECOND)
        async for message in self._connection:
            if message.type is not WSMsgType.TEXT or not rates.take(""):
                raise UsageError("too much was said, or what was said is no text")
            self._note(message.data)

    def _note(self, text: str) -> None:
        """Do what the page says in *text*."""
        try:
            told = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UsageError("what was said is not JSON") from error
        known = isinstance(told, dict) and all(type(value) is KINDS.get(name) for name, value in told.items())
        if not known:
            raise UsageError('what was said is neither {"shown": 12} nor {"original": true}')
        self._viewer.original = told.get("original", self._viewer.original)
        captured_at = self._sent.pop(told.get("shown"), None)
        if captured_at is not None:
            self._viewer.meter.shown(captured_at)
            self._room.set()

    async def _send_pictures(self) -> None:
        while True:
            try:
                async with asyncio.timeout(STALLED_SECONDS):
                    await self._room.wait()
            except TimeoutError as error:
                raise StageError(
                    'nothing of what was sent is shown: say {"shown": 12} of picture 12'
                ) from error
            shown = await self._look.audience.next(self._viewer)
            self._sent[shown.number] = shown.frame.captured_at
            if len(self._sent) >= ON_THE_WAY:
                self._room.clear()
            await self._connection.send_bytes(pack(shown))

    async def _send_state(self) -> None:
        while True:
            state = state_of(self._request.app[STUDIO], self._look.feed.name, self._look)
            meter = self._viewer.meter
            here: dict[str, Any] = {
                "fps": min(round(meter.fps, 1), state["fps"]),  # what waited comes in a burst
                "latency_ms": round(1000 * meter.latency_seconds()),
                "slow_latency_ms": round(1000 * meter.latency_seconds(95)),
            }
            await self._connection.send_json({"state": {**state, "here": here}})
            await asyncio.sleep(STATE_SECONDS)


def pack(shown: Shown) -> bytes:
    """Return *shown* as one message."""
    parts = [shown.colours, shown.original, shown.alpha]
    header = json.dumps({"number": shown.number, "sizes": [len(part) for part in parts]}).encode()
    return b"".join([len(header).to_bytes(4, "big"), header, *parts])
