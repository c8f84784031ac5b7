"""Cameras lent by WebRTC, without a browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import cv2
import numpy as np
from screen import wait_for


@asynccontextmanager
async def lend(site: Any, width: int = 320, height: int = 180) -> AsyncIterator[Any]:
    """Offer a camera that sees green, and give the server's answer; take it back at the end."""
    import aiortc

    connection = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
    connection.addTrack(aiortc.VideoStreamTrack())
    await connection.setLocalDescription(await connection.createOffer())
    offer = {"sdp": connection.localDescription.sdp, "width": width, "height": height}
    answer = await asyncio.to_thread(site.ask, "/api/camera", offer)
    try:
        if answer.status == 200:
            description = aiortc.RTCSessionDescription(answer.json["sdp"], "answer")
            await connection.setRemoteDescription(description)
        yield answer
    finally:
        await connection.close()


def sources(site: Any) -> list[str]:
    return [source["name"] for source in site.ask("/api/state").json["sources"]]


def test_a_lent_camera_is_a_source_until_it_is_gone(open_site: Callable[..., Any]) -> None:
    site = open_site(cameras=1)

    def take(**own: str) -> Any:
        query = "&".join(["source=browser", *(f"{name}={value}" for name, value in own.items())])
        return cv2.imdecode(
            np.frombuffer(site.ask(f"/snapshot.png?{query}").body, np.uint8), cv2.IMREAD_COLOR
        )

    async def run() -> None:
        async with lend(site) as answer:
            assert answer.json["source"] == "browser"
            await asyncio.to_thread(wait_for, lambda: is_green(take(strength="0")))
            painted = await asyncio.to_thread(take)
            assert painted.shape == (180, 320, 3) and not is_green(painted)
            async with lend(site) as refused:
                assert refused.status == 503 and "as may, 1;" in refused.json["error"]
            assert sources(site) == ["pattern", "browser"]

    asyncio.run(run())
    wait_for(lambda: sources(site) == ["pattern"])
    assert site.ask("/snapshot.png?source=browser").status == 404


def is_green(bgr: Any) -> bool:
    blue, green, red = bgr.reshape(-1, 3).mean(0)
    return bool(green > 100 and blue < 60 and red < 60)
