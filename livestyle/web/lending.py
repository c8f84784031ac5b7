"""Lending: takes the cameras of browsers by WebRTC, and offers them as sources for all to watch."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping
from typing import Any

from livestyle.errors import StageError, TooMany, UsageError
from livestyle.web.feed import Feed
from livestyle.web.lent import LentSource
from livestyle.web.studio import Studio

CONNECTING_SECONDS = 15.0
"""In which pictures must come after a camera was offered."""

SILENT_SECONDS = 10.0
"""Without a picture for so long, a camera counts as gone."""

LONGEST_OFFER = 32 * 1024
SMALLEST, LARGEST = 64, 1920
"""Pixels of a side that a camera may have here."""

BAD_OFFER = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    RuntimeError,
)
"""What aiortc raises when a text is no session description, or one that it cannot serve."""


class Lending:
    """The cameras that browsers lend to *studio*, at most *most* at a time. In one event loop."""

    def __init__(self, studio: Studio, most: int) -> None:
        self._studio = studio
        self._most = most
        self._lent: dict[str, asyncio.Task[None]] = {}

    async def accept(self, offer: Mapping[str, Any]) -> dict[str, str]:
        """Take the camera that *offer* describes: ``sdp``, and ``width`` and ``height`` to paint it at.

        Returns:
            ``sdp`` of the answer, and the name of the ``source`` that the camera now is.

        Raises:
            UsageError: the offer cannot be understood.
            TooMany: enough cameras are lent.
            StageError: nobody can reach this machine.
        """
        sdp, width, height = read_offer(offer)
        aiortc = await asyncio.to_thread(importlib.import_module, "aiortc")  # most of a second, once
        name = self._new_name()
        connection = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
        camera = Camera(connection, name, width, height)
        self._lent[name] = asyncio.create_task(camera.run())
        self._lent[name].add_done_callback(lambda _: self._forget(name, camera.feed))
        try:
            await connection.setRemoteDescription(aiortc.RTCSessionDescription(sdp, "offer"))
            await connection.setLocalDescription(await connection.createAnswer())
        except (*BAD_OFFER, aiortc.exceptions.InvalidStateError) as error:
            self._lent[name].cancel()
            raise UsageError("the offer is none of a camera: send the SDP that a browser made") from error
        answer: str = connection.localDescription.sdp
        if "a=candidate:" not in answer:
            self._lent[name].cancel()
            raise StageError("this machine is in no network, and WebRTC needs one; use --camera here instead")
        self._studio.add(camera.feed)
        return {"sdp": answer, "type": "answer", "source": name}

    async def close(self) -> None:
        """Give all cameras back."""
        tasks = list(self._lent.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _new_name(self) -> str:
        """Return the first name that is free; raises TooMany when none is."""
        for number in range(1, self._most + 1):
            name = "browser" if number == 1 else f"browser-{number}"
            if name not in self._lent and name not in self._studio.feeds:
                return name
        raise TooMany(
            f"as many browsers lend their camera as may, {self._most}; stop one of them, or raise --cameras"
            if self._most
            else "this server takes no cameras of browsers; start it with --cameras 1 or more"
        )

    def _forget(self, name: str, feed: Feed) -> None:
        self._lent.pop(name, None)
        self._studio.remove(feed)


class Camera:
    """One camera, from its offer until it is gone.

    Args:
        connection: an ``RTCPeerConnection`` of aiortc that has not been offered anything yet.
        name: of the source.
        width, height: to paint it at.

    Attributes:
        feed: of its frames.
    """

    def __init__(self, connection: Any, name: str, width: int, height: int) -> None:
        self._connection = connection
        self._size = width, height
        self._source: LentSource | None = None
        self._tracks: asyncio.Queue[Any] = asyncio.Queue()
        self.feed = Feed(name, self._open, kind="browser")
        connection.on("track", self._tracks.put_nowait)

    async def run(self) -> None:
        """Hand on frames until none come any more."""
        media = importlib.import_module("aiortc.mediastreams")
        try:
            async with asyncio.timeout(CONNECTING_SECONDS):
                track = await self._tracks.get()
            wait_seconds = CONNECTING_SECONDS
            while track.kind == "video":
                async with asyncio.timeout(wait_seconds):
                    frame = await track.recv()
                wait_seconds = SILENT_SECONDS
                if self._source:
                    self._source.put(frame)
        except (TimeoutError, media.MediaStreamError):
            pass  # it is gone
        finally:
            await self._connection.close()

    def _open(self) -> LentSource:
        self._source = LentSource(*self._size)
        return self._source


def read_offer(offer: Mapping[str, Any]) -> tuple[str, int, int]:
    """Return the session description, width and height in *offer*; raises UsageError for anything else."""
    sdp = offer.get("sdp")
    if not isinstance(sdp, str) or not 0 < len(sdp) <= LONGEST_OFFER:
        raise UsageError('the offer must hold the text "sdp" that a browser made')
    if sdp.count("m=video") != 1 or sdp.count("m=") != 1:
        raise UsageError("the offer must be of one video and nothing else")
    sides = [offer.get("width", 640), offer.get("height", 360)]
    if not all(type(side) is int and SMALLEST <= side <= LARGEST for side in sides):
        raise UsageError(f"width and height must be whole numbers from {SMALLEST} to {LARGEST}")
    return sdp, sides[0], sides[1]
