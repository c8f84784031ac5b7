"""Server: the web site, from its first answer to the last."""

from __future__ import annotations

import asyncio
import ssl
import sys
import threading
from collections.abc import Callable

from aiohttp import web

from livestyle.settings import ServeSettings
from livestyle.web.api import LIVE, ROUTES
from livestyle.web.doors import HERE, Doors, open_doors, port_of
from livestyle.web.guard import Guard, add_headers
from livestyle.web.keys import CHANGES, DOORS, LENDING, OFFERS, STUDIO
from livestyle.web.lending import Lending
from livestyle.web.pages import add_pages
from livestyle.web.problems import tell_problems
from livestyle.web.rates import Rates
from livestyle.web.studio import Studio

LARGEST_BODY = 64 * 1024
ENDING_SECONDS = 1.0
"""That answers in the making get at the end."""

ASKED_SECONDS = 0.2
"""After which it is asked again whether to end: Windows tells no loop that waits longer of Ctrl-C."""


def make_app(studio: Studio, settings: ServeSettings, token: str) -> web.Application:
    """Return the site of *studio*; with a *token* only for who knows it."""
    guard = Guard(settings.host, token, settings.names)
    app = web.Application(middlewares=[tell_problems, guard.check], client_max_size=LARGEST_BODY)
    app[STUDIO] = studio
    app[DOORS] = Doors(locked=bool(token))
    app[CHANGES] = Rates(50, 100)
    app[LENDING] = Lending(studio, settings.cameras)
    app[OFFERS] = Rates(0.5, 10)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, route.answer)
        if route.method == "GET" and route.path not in LIVE:
            app.router.add_route("HEAD", route.path, route.answer)
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
    ready: Callable[[int, str], None],
) -> None:
    """Serve *studio* until *stop* is set. Call it from the main thread.

    Args:
        settings: where.
        token: that is asked for; empty for none.
        tls: encrypts; None for none.
        ready: called once the site can be reached, with the port, and with the address that is not encrypted
            when there is one beside.

    Raises:
        SinkUnavailable: the port is taken, or the address is not of this machine.
    """
    # The usual loop of Windows hears nobody any more after one who leaves while being let in.
    loop = asyncio.SelectorEventLoop if sys.platform == "win32" else None
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(serve(studio, settings, token, tls, stop, ready))


async def serve(
    studio: Studio,
    settings: ServeSettings,
    token: str,
    tls: ssl.SSLContext | None,
    stop: threading.Event,
    ready: Callable[[int, str], None],
) -> None:
    """The same inside an event loop."""
    app = make_app(studio, settings, token)
    runner = web.AppRunner(app, shutdown_timeout=ENDING_SECONDS, handler_cancellation=True)
    await runner.setup()
    try:
        doors = await open_doors(runner, settings, tls)
        plain = app[DOORS].plain = f"http://{HERE}:{port_of(doors[1])}" if tls else ""
        ready(port_of(doors[0]), plain)
        while not stop.is_set():
            await asyncio.sleep(ASKED_SECONDS)
        for door in doors:
            door.close()
        await app[LENDING].close()
        await studio.close()
    finally:
        await runner.cleanup()
