"""Server: the web site, from its first answer to the last."""

from __future__ import annotations

import asyncio
import os
import ssl
import threading
from collections.abc import Callable

from aiohttp import web

from livestyle.errors import SinkUnavailable
from livestyle.settings import ServeSettings
from livestyle.web.api import ROUTES
from livestyle.web.conversation import Conversation
from livestyle.web.guard import Guard, add_headers
from livestyle.web.keys import CHANGES, LENDING, OFFERS, STUDIO
from livestyle.web.lending import Lending
from livestyle.web.pages import add_pages
from livestyle.web.problems import tell_problems
from livestyle.web.rates import Rates
from livestyle.web.studio import Studio

LARGEST_BODY = 64 * 1024
IDLE_SECONDS = 15.0
"""In which the head of a request must have come; nobody holds a connection by saying nothing."""

LINGERING_SECONDS = 1.0
"""For the rest of a body that was refused."""

ENDING_SECONDS = 1.0
"""That answers in the making get at the end."""

WAITING_CONNECTIONS = 64
"""That the system may hold for us."""

MOST_CONNECTIONS = 256
"""At a time; a browser takes up to six, and keeps them for a while."""


def make_app(studio: Studio, settings: ServeSettings, token: str) -> web.Application:
    """Return the site of *studio*; with a *token* only for who knows it."""
    guard = Guard(settings.host, token)
    app = web.Application(middlewares=[tell_problems, guard.check], client_max_size=LARGEST_BODY)
    app[STUDIO] = studio
    app[CHANGES] = Rates(50, 100)
    app[LENDING] = Lending(studio, settings.cameras)
    app[OFFERS] = Rates(0.5, 10)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, route.answer)
    add_pages(app)
    app.on_response_prepare.append(add_headers)
    return app


def run_server(
    studio: Studio,
    settings: ServeSettings,
    *,
    token: str,
    tls: ssl.SSLContext | None,
    stop: threading.Event,
    ready: Callable[[int], None],
) -> None:
    """Serve *studio* until *stop* is set. Call it from the main thread.

    Args:
        settings: where.
        token: that is asked for; empty for none.
        tls: encrypts; None for none.
        ready: called with the port once the site can be reached.

    Raises:
        SinkUnavailable: the port is taken, or the address is not of this machine.
    """
    asyncio.run(serve(studio, settings, token, tls, stop, ready))


async def serve(
    studio: Studio,
    settings: ServeSettings,
    token: str,
    tls: ssl.SSLContext | None,
    stop: threading.Event,
    ready: Callable[[int], None],
) -> None:
    """The same inside an event loop."""
    app = make_app(studio, settings, token)
    runner = web.AppRunner(app, shutdown_timeout=ENDING_SECONDS)
    await runner.setup()
    try:
        door = await open_door(runner, settings, tls)
        ready(door.sockets[0].getsockname()[1])
        await asyncio.to_thread(stop.wait)
        door.close()
        await app[LENDING].close()
        await studio.close()
    finally:
        await runner.cleanup()


async def open_door(
    runner: web.AppRunner, settings: ServeSettings, tls: ssl.SSLContext | None
) -> asyncio.Server:
    """Let *runner* be reached, by so many at a time; raises SinkUnavailable when it cannot be."""
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
        )

    try:
        return await loop.create_server(
            let_in,
            settings.host,
            settings.port,
            ssl=tls,
            ssl_handshake_timeout=IDLE_SECONDS if tls else None,
            backlog=WAITING_CONNECTIONS,
        )
    except OSError as error:
        raise SinkUnavailable(
            f"cannot serve at {settings.host} port {settings.port}: {why(error)};"
            " give another --port or --host"
        ) from error


class Refusal(asyncio.Protocol):
    """Ends a connection at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """End it."""
        transport.abort()  # type: ignore[attr-defined]


def why(error: OSError) -> str:
    """Return what the system says, in a few words."""
    known = error.errno is not None and error.errno > 0  # names that lead nowhere have numbers below
    return (os.strerror(error.errno or 0) if known else error.strerror or str(error)).lower()
