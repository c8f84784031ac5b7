"""Pictures for whoever asks: a stream of JPEGs, and one PNG."""

from __future__ import annotations

import asyncio
import contextlib

import cv2
from aiohttp import web

from livestyle.errors import LivestyleError, StageError
from livestyle.frame import Frame
from livestyle.stylize.stylizer import Controls
from livestyle.web.audience import Shown, Viewer
from livestyle.web.keys import STUDIO
from livestyle.web.look import Look
from livestyle.web.wishes import read_query

FIRST_SECONDS = 20.0
"""In which the first picture must come: a style may have to be made ready."""

STALLED_SECONDS = 10.0
"""After which a viewer that takes nothing is let go."""

BOUNDARY = b"--frame\r\n"


async def mjpeg(request: web.Request) -> web.StreamResponse:
    """The painted picture as a stream of JPEGs: for OBS, VLC, or an img tag."""
    viewer = Viewer()
    with request.app[STUDIO].watch(request.query.get("source"), read_own(request), viewer) as look:
        shown = await first_picture(look, viewer)
        response = web.StreamResponse(headers={"Content-Type": "multipart/x-mixed-replace; boundary=frame"})
        await response.prepare(request)
        await response.write(BOUNDARY)
        with contextlib.suppress(LivestyleError, ConnectionError, TimeoutError):
            while True:
                async with asyncio.timeout(STALLED_SECONDS):
                    await response.write(part(shown))
                viewer.meter.shown(shown.frame.captured_at)
                shown = await look.audience.next(viewer)
        if request.transport:
            request.transport.abort()  # nothing that waits to be sent is worth it
    return response


async def snapshot(request: web.Request) -> web.Response:
    """The painted picture of now, as a PNG without loss."""
    viewer = Viewer(jpeg=False)
    with request.app[STUDIO].watch(request.query.get("source"), read_own(request), viewer) as look:
        shown = await first_picture(look, viewer)
    png = await asyncio.to_thread(encode_png, shown.frame)
    return web.Response(body=png, content_type="image/png")


def read_own(request: web.Request) -> dict[str, object]:
    """Return the controls that the address of *request* asks for."""
    return read_query(Controls, request.query)


async def first_picture(look: Look, viewer: Viewer) -> Shown:
    """Return the first picture for *viewer*; raises StageError when there is none in time."""
    try:
        async with asyncio.timeout(FIRST_SECONDS):
            return await look.audience.next(viewer)
    except TimeoutError as error:
        raise StageError(f"{look.feed.name} gave no picture in {FIRST_SECONDS:.0f} seconds") from error


def part(shown: Shown) -> bytes:
    """Return one picture of the stream, and the line that ends it: browsers wait for that."""
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(shown.jpeg)}\r\n\r\n".encode()
    return head + shown.jpeg + b"\r\n" + BOUNDARY


def encode_png(frame: Frame) -> bytes:
    """Return the picture of *frame* as a PNG, with its transparency where a part was cut out."""
    picture = cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2BGR)
    if frame.alpha is not None:
        picture = cv2.merge([picture, frame.alpha])
    _, png = cv2.imencode(".png", picture)
    return png.tobytes()
