"""Conversation: one connection to the site, and what is said to who speaks no HTTP on it."""

from __future__ import annotations

import logging

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from livestyle.web.guard import HEADERS
from livestyle.web.problems import problem

log = logging.getLogger(__name__)


class Conversation(web.RequestHandler):
    """Answers requests that cannot be read as all others that are refused.

    They may hold the token: so nothing of what was sent is repeated, neither in the answer nor in the log.
    """

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return the answer to a *request* that failed, here with *exc*, and end the connection."""
        if status >= 500:
            log.error("a request of %s failed: %s", request.remote, type(exc).__name__)
            log.debug("where", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        if isinstance(exc, LineTooLong):
            answer = problem(431, "the address or a header is too long; 8 kB are allowed")
        elif status < 500:
            answer = problem(status, "this is no HTTP request")
        else:
            answer = problem(status, "the server failed at that; what failed is in its log")
        answer.headers.update(HEADERS)
        answer.force_close()
        return answer
