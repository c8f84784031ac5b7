"""Doors: where the site is reached, and by how many at a time."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from livestyle.errors import SinkUnavailable
from livestyle.settings import ServeSettings
from livestyle.web.conversation import Conversation

HERE = "127.0.0.1"

IDLE_SECONDS = 15.0
"""In which the head of a request must have come; nobody holds a connection by saying nothing."""

LINGERING_SECONDS = 1.0
"""For the rest of a body that was refused."""

WAITING_CONNECTIONS = 64
"""That the system may hold for us."""

MOST_CONNECTIONS = 256
"""At a time; a browser takes up to six, and keeps them for a while. Windows can watch 512 in all."""

REASONS = {errno.EADDRINUSE: "address already in use", errno.EADDRNOTAVAIL: "cannot assign requested address"}
"""Of a door that does not open: for Windows, whose numbers of these ``os.strerror`` does not know."""


@dataclass
class Doors:
    """What pages are told of the ways in.

    Attributes:
        locked: whether a token is asked for.
        plain: beginning of the address for OBS on this machine, which trusts no certificate made here; empty
            when the site is not encrypted.
    """

    locked: bool
    plain: str = ""


class Refusal(asyncio.Protocol):
    """Ends a connection at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """End it."""
        transport.abort()  # type: ignore[attr-defined]


async def open_doors(
    runner: web.AppRunner, settings: ServeSettings, tls: ssl.SSLContext | None
) -> list[asyncio.Server]:
    """Let *runner* be reached as *settings* say; with *tls*, on this machine by the next port without it too.

    Raises:
        SinkUnavailable: a port is taken, or the address is not of this machine.
    """
    doors = [await open_door(runner, settings.host, settings.port, tls)]
    if tls:
        following = settings.port + 1 if 0 < settings.port < 65535 else 0
        try:
            doors.append(await open_door(runner, HERE, following, None))
        except SinkUnavailable:
            doors[0].close()
            raise
    return doors


async def open_door(
    runner: web.AppRunner, host: str, port: int, tls: ssl.SSLContext | None
) -> asyncio.Server:
    """Let *runner* be reached there, by so many at a time; raises SinkUnavailable when it cannot be."""
    server, loop = runner.server, asyncio.get_running_loop()
    assert server is not None

    def let_in() -> asyncio.BaseProtocol:
        if len(server.connections) >= MOST_CONNECTIONS:
            return Refusal()
        return Conversation(
            server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # addresses may hold the token
            keepalive_timeout=IDLE_SECONDS,
            lingering_time=LINGERING_SECONDS,
            auto_decompress=False,  # bodies that say they are encoded are refused
        )

    handshake_seconds = IDLE_SECONDS if tls else None
    try:
        where: dict[str, Any] = {"host": host, "port": port}
        if host == "::" and socket.has_dualstack_ipv6():  # asyncio would take IPv6 alone
            where = {"sock": socket.create_server((host, port), family=socket.AF_INET6, dualstack_ipv6=True)}
        return await loop.create_server(
            let_in, **where, ssl=tls, ssl_handshake_timeout=handshake_seconds, backlog=WAITING_CONNECTIONS
        )
    except OSError as error:
        raise SinkUnavailable(
            f"cannot serve at {host} port {port}: {why(error)}; give another --port or --host"
        ) from error


def port_of(door: asyncio.Server) -> int:
    """Return the port that *door* is reached by."""
    port: int = door.sockets[0].getsockname()[1]
    return port


def why(error: OSError) -> str:
    """Return what the system says, in a few words."""
    if error.errno in REASONS:
        return REASONS[error.errno]
    known = error.errno and not isinstance(error, socket.gaierror)  # names have numbers of their own
    return (os.strerror(error.errno or 0) if known else error.strerror or str(error)).lower()
