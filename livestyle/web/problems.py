"""Problems: every refusal and failure as JSON, ``{"error": "one line"}``, with the status that fits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from html import escape
from typing import Any

from aiohttp import web

from livestyle.errors import LivestyleError, StageError, TooMany, TooOften, UnknownName, UsageError
from livestyle.web.folders import hide_folders

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PAGES = ("/", "/overlay")
"""What people open."""

BODY_SECONDS = 10.0
"""In which a request must have said all it has to say."""

LONGEST = 300
"""Characters of a text: it may repeat what was sent."""

STATUS = {TooMany: 503, TooOften: 429, UnknownName: 404, UsageError: 400, StageError: 503}
"""From the particular to the general."""


@web.middleware
async def tell_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what handlers raise into answers."""
    try:
        return await handler(request)
    except web.HTTPRequestEntityTooLarge:
        return problem(413, "the body is too large; 64 kB are allowed")
    except web.HTTPException as error:
        if error.status < 400:
            raise
        answer = problem(error.status, f"{error.reason.lower()}: {request.method} {request.path[:80]}")
        if isinstance(error, web.HTTPMethodNotAllowed):
            answer.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
        return answer
    except LivestyleError as error:
        status = next(status for kind, status in STATUS.items() if isinstance(error, kind))
        return problem(status, str(error))


def problem(status: int, text: str) -> web.Response:
    """Return the answer that says *text*."""
    headers = {"Retry-After": "2"} if status in (429, 503) else {}
    return web.json_response({"error": hide_folders(text)[:LONGEST]}, status=status, headers=headers)


def refuse(request: web.Request, status: int, text: str) -> web.Response:
    """Return the answer to *request* that says *text*; to an overlay, which streams show, in its title."""
    if request.path not in PAGES:
        return problem(status, text)
    shown = "" if request.path == "/overlay" else f"<p>{escape(text)}</p>"
    page = f'<!doctype html><meta charset="utf-8"><title>{escape(text)}</title>{shown}'
    return web.Response(text=page, status=status, content_type="text/html")


async def read_object(request: web.Request) -> dict[str, Any]:
    """Return the JSON object that *request* carries.

    Raises:
        UsageError: it carries something else, or not in time.
        web.HTTPException: it says that it is no JSON, or is too large.
    """
    if request.content_type != "application/json":  # what no form of another site can send
        raise web.HTTPUnsupportedMediaType(reason="Send JSON, as application/json")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            told = json.loads(await request.read())
    except TimeoutError as error:
        raise UsageError(f"the body did not come within {BODY_SECONDS:.0f} seconds") from error
    except (ValueError, RecursionError) as error:
        raise UsageError("the body is not JSON") from error
    if not isinstance(told, dict):
        raise UsageError('the body must be a JSON object, like {"strength": 0.5}')
    return told
