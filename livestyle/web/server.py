"""Server: the web site, from its first answer to the last."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable

from aiohttp import web

from livestyle.errors import SinkUnavailable
from livestyle.settings import ServeSettings
from livestyle.web.api import ROUTES
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

ENDING_SECONDS = 2.0
"""That answers in the making get at the end."""

WAITING_CONNECTIONS = 64
"""That the system may hold for us."""


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
    runner = web.AppRunner(
        app,
        access_log=None,  # addresses may hold the token
        keepalive_timeout=IDLE_SECONDS,
        shutdown_timeout=ENDING_SECONDS,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port, ssl_context=tls, backlog=WAITING_CONNECTIONS)
        await start(site, settings)
        ready(runner.addresses[0][1])
        await asyncio.to_thread(stop.wait)
        await app[LENDING].close()
        await studio.close()
    finally:
        await runner.cleanup()


async def start(site: web.TCPSite, settings: ServeSettings) -> None:
    """Let *site* be reached; raises SinkUnavailable when it cannot be."""
    try:
        await site.start()
    except OSError as error:
        raise SinkUnavailable(
            f"cannot serve at {settings.host} port {settings.port}: {(error.strerror or str(error)).lower()};"
            " give another --port or --host"
        ) from error
