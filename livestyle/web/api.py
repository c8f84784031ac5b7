"""API: reads and changes what is painted, in JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, NamedTuple

from aiohttp import web

from livestyle import __version__
from livestyle.errors import TooOften, UnknownName
from livestyle.styles.store import find_style, list_files, list_styles
from livestyle.styles.style import Style
from livestyle.stylize.stylizer import Controls
from livestyle.web import metrics, pictures, player
from livestyle.web.folders import tell_controls
from livestyle.web.keys import CHANGES, DOORS, LENDING, OFFERS, STUDIO
from livestyle.web.problems import read_object
from livestyle.web.state import state_of
from livestyle.web.studio import Key
from livestyle.web.wishes import describe


class Route(NamedTuple):
    """What may be asked for. The one table that the server, ``/api`` and the docs read."""

    method: str
    path: str
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]]
    help: str


async def index(request: web.Request) -> web.Response:
    """Tell what there is to ask for, where, and which controls there are to set."""
    routes = [{"method": route.method, "path": route.path, "help": route.help} for route in ROUTES]
    told = {"version": __version__, **asdict(request.app[DOORS]), "routes": routes}
    return web.json_response({**told, "controls": describe(Controls)})


async def state(request: web.Request) -> web.Response:
    """Tell how a source is set and what is painted of it."""
    studio = request.app[STUDIO]
    source = studio.find(request.query.get("source")).name
    return web.json_response(state_of(studio, source, studio.looks.get(Key(source))))


async def change(request: web.Request) -> web.Response:
    """Change the controls that the body names, of one source; tell all of them."""
    studio = request.app[STUDIO]
    if not request.app[CHANGES].take(request.remote or ""):
        raise TooOften("too many changes; 50 a second are allowed")
    source = studio.find(request.query.get("source")).name
    controls = studio.set(source, await read_object(request))
    return web.json_response({"source": source, "controls": tell_controls(controls)})


async def lend(request: web.Request) -> web.Response:
    """Take the camera of a browser, which is a source from now on."""
    if not request.app[OFFERS].take(request.remote or ""):
        raise TooOften("too many cameras offered; wait some seconds")
    return web.json_response(await request.app[LENDING].accept(await read_object(request)))


async def styles(request: web.Request) -> web.Response:
    """Tell which styles may be chosen, and where each comes from."""
    found = await asyncio.to_thread(lambda: list(list_styles()))
    return web.json_response({"styles": [describe_style(style) for style in found]})


async def preview(request: web.Request) -> web.Response:
    """Show how a style paints, small."""
    name = request.match_info["name"]
    if name not in request.app[STUDIO].styles:  # nothing else from the web reaches the disk
        raise UnknownName("style", name[:60], request.app[STUDIO].styles)
    path = find_style(name).preview
    if path is None:
        raise web.HTTPNotFound
    body = await asyncio.to_thread(path.read_bytes)
    return web.Response(body=body, content_type="image/jpeg", headers={"Cache-Control": "max-age=600"})


def describe_style(style: Style) -> dict[str, Any]:
    """Return what people want to know of *style*, and where its preview is."""
    credits = asdict(style.credits)
    told = {key: credits[key] for key in ("title", "artist", "year", "licence")}
    preview = f"/api/styles/{style.name}.jpg" if style.preview else None
    return {"name": style.name, **told, "tiers": list(list_files()[style.name]), "preview": preview}


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
    Route("GET", "/api/styles/{name}.jpg", preview, "how a style paints, small"),
    Route("POST", "/api/camera", lend, "lend a camera by WebRTC; the body holds sdp, width and height"),
    Route("GET", "/metrics", count, "figures for Prometheus"),
    Route("GET", "/health", health, "whether the server runs; needs no token"),
)

LIVE = ("/mjpeg", "/snapshot.png", "/ws")
"""For which something is painted: not to be asked for by HEAD."""
