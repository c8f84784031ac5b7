"""Conversation: one connection to the site, and what is said to who speaks no HTTP on it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from livestyle.web.guard import HEADERS
from livestyle.web.problems import problem

log = logging.getLogger(__name__)

UNREAD_SECONDS = 15.0
"""After which who takes nothing of what is sent is let go."""

SEND_BUFFER = 256 * 1024
"""Bytes that the system keeps for the other side: of pictures, more would only grow old."""


class Conversation(web.RequestHandler):
    """Answers requests that cannot be read as all others that are refused.

    They may hold the token: so nothing of what was sent is repeated, neither in the answer nor in the log.
    """

    __slots__ = ("_unread",)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let little wait on its way, so that who takes slowly still sees what is new."""
        super().connection_made(transport)
        self._unread: asyncio.TimerHandle | None = None
        assert self.transport is not None
        self.transport.set_write_buffer_limits(high=1)  # with 0, TLS waits for ever
        with contextlib.suppress(OSError):  # macOS: of who is gone already
            self.transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER
            )

    def pause_writing(self) -> None:
        """Give the other side some time: something waits to be sent."""
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        """Go on: all was sent."""
        super().resume_writing()
        self._await_nobody()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Wait for nobody."""
        super().connection_lost(exc)
        self._await_nobody()

    def _await_reader(self) -> None:
        """Let the other side go, unless in time something of what waits was sent."""
        assert self.transport is not None
        waiting = self.transport.get_write_buffer_size()
        self._unread = asyncio.get_running_loop().call_later(UNREAD_SECONDS, self._look_after, waiting)

    def _look_after(self, waiting: int) -> None:
        assert self.transport is not None
        if self.transport.get_write_buffer_size() < waiting:
            self._await_reader()
        else:
            self.transport.abort()

    def _await_nobody(self) -> None:
        if self._unread is not None:
            self._unread.cancel()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return the answer to a *request* that failed, here with *exc*, and end the connection.

        Raises:
            ConnectionError: nobody can be answered any more.
        """
        if isinstance(exc, ConnectionError):  # the other side is gone: no failure of the server
            raise exc
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
