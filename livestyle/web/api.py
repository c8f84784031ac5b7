"""API: reads and changes what is painted, in JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import NamedTuple

from aiohttp import web

from livestyle import __version__
from livestyle.errors import TooMany
from livestyle.styles.store import list_styles
from livestyle.stylize.stylizer import Controls
from livestyle.web import metrics, pictures, player
from livestyle.web.keys import CHANGES, STUDIO
from livestyle.web.problems import read_object
from livestyle.web.state import state_of_source
from livestyle.web.studio import Key
from livestyle.web.wishes import describe


class Route(NamedTuple):
    """What may be asked for. The one table that the server, ``/api`` and the docs read."""

    method: str
    path: str
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]]
    help: str


async def index(request: web.Request) -> web.Response:
    """Tell what there is to ask for, and which controls there are to set."""
    routes = [{"method": route.method, "path": route.path, "help": route.help} for route in ROUTES]
    return web.json_response({"version": __version__, "routes": routes, "controls": describe(Controls)})


async def state(request: web.Request) -> web.Response:
    """Tell how a source is set and what is painted of it."""
    studio = request.app[STUDIO]
    source = studio.find(request.query.get("source")).name
    look = studio.looks.get(Key(source))
    figures = asdict(look.figures()) if look else {}
    return web.json_response({**state_of_source(studio, source), **figures})


async def change(request: web.Request) -> web.Response:
    """Change the controls that the body names, of one source; tell all of them."""
    studio = request.app[STUDIO]
    if not request.app[CHANGES].take(request.remote or ""):
        raise TooMany("too many changes; 50 a second are allowed")
    source = studio.find(request.query.get("source")).name
    controls = studio.set(source, await read_object(request))
    return web.json_response({"source": source, "controls": asdict(controls)})


async def styles(request: web.Request) -> web.Response:
    """Tell which styles may be chosen, and where each comes from."""
    rows = []
    for style in list_styles():
        credits = asdict(style.credits)
        rows.append(
            {"name": style.name, **{key: credits[key] for key in ("title", "artist", "year", "licence")}}
        )
    return web.json_response({"styles": rows})


async def health(request: web.Request) -> web.Response:
    """Tell that the server runs."""
    return web.json_response({"ok": True})


async def count(request: web.Request) -> web.Response:
    """Tell figures to Prometheus."""
    return web.Response(
        text=metrics.tell(request.app[STUDIO]),
        content_type="text/plain",
        charset="utf-8",
    )


ROUTES = (
    Route("GET", "/mjpeg", pictures.mjpeg, "the painted picture as a stream of JPEGs"),
    Route("GET", "/snapshot.png", pictures.snapshot, "the painted picture of now"),
    Route("GET", "/ws", player.socket, "WebSocket: pictures as fast as they are shown, and the state"),
    Route("GET", "/api", index, "this list, and the controls that may be set"),
    Route("GET", "/api/state", state, "controls and figures of a source"),
    Route("POST", "/api/set", change, 'change controls of a source; the body is like {"strength": 0.5}'),
    Route("GET", "/api/styles", styles, "styles and where they come from"),
    Route("GET", "/metrics", count, "figures for Prometheus"),
    Route("GET", "/health", health, "whether the server runs; needs no token"),
)
