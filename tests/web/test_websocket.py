"""A WebSocket as a program uses it, by what the docs say."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest


def talk(site: Any, query: str, use: Callable[[Any], Awaitable[Any]]) -> Any:
    """Return what *use* does with the WebSocket of *site*."""
    import aiohttp

    async def open_it() -> Any:
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{site.address}/ws?{query}") as ws:
            return await asyncio.wait_for(use(ws), 60)

    return asyncio.run(open_it())


async def read_end(ws: Any, *, shows: bool = False) -> tuple[str, int]:
    """Return what is told before the end, and the code of that."""
    error = ""
    async for message in ws:
        if isinstance(message.data, str):
            error = json.loads(message.data).get("error", error)
        elif shows:
            length = int.from_bytes(message.data[:4], "big")
            await ws.send_json({"shown": json.loads(message.data[4 : 4 + length])["number"]})
    return error, ws.close_code


def test_pictures_come_as_long_as_they_are_shown(site: Any) -> None:
    async def watch(ws: Any) -> list[int]:
        numbers: list[int] = []
        await ws.send_json({"original": True})
        while len(numbers) < 6:
            message = await ws.receive()
            if isinstance(message.data, bytes):
                length = int.from_bytes(message.data[:4], "big")
                header = json.loads(message.data[4 : 4 + length])
                assert 4 + length + sum(header["sizes"]) == len(message.data)
                assert message.data[4 + length :].startswith(b"\xff\xd8")
                numbers.append(header["number"])
                await ws.send_json({"shown": numbers[-1]})
        return numbers

    numbers = talk(site, "", watch)
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize(
    "said",
    ['{"showed": 1}', '{"shown": "1"}', '{"shown": true}', '{"original": 1}', "[]", "{", '{"shown": [1]}'],
)
def test_what_is_not_understood_is_told(site: Any, said: str) -> None:
    async def say(ws: Any) -> tuple[str, int]:
        await ws.send_str(said)
        return await read_end(ws)

    error, code = talk(site, "", say)
    assert error.startswith("what was said is") and code == 1008


def test_why_it_ends_is_told_in_a_code(
    open_site: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("aiohttp", reason="livestyle[web] is not installed")
    monkeypatch.setattr("livestyle.web.player.STALLED_SECONDS", 1.0)
    site = open_site(viewers=1)
    assert talk(site, "source=nobody", read_end)[1] == 1008
    assert talk(site, "strength=many", read_end)[1] == 1008
    stalled, code = talk(site, "", read_end)
    assert code == 1013 and '{"shown": 12}' in stalled

    async def crowd(ws: Any) -> tuple[str, int]:
        await ws.receive()
        return await asyncio.to_thread(talk, site, "", read_end)

    full, code = talk(site, "", crowd)
    assert code == 1013 and "1 viewers are watching" in full

    async def outlive(ws: Any) -> tuple[str, int]:
        closing = asyncio.create_task(asyncio.to_thread(site.close))
        ended = await read_end(ws, shows=True)
        await closing
        return ended

    assert talk(site, "", outlive) == ("the server is being stopped", 1001)


def test_who_opens_it_as_a_page_reads_what_it_is(site: Any) -> None:
    answer = site.ask("/ws")
    assert answer.status == 426 and answer.headers["Upgrade"] == "websocket"
    assert "this is a WebSocket" in answer.json["error"]
