"""Guard: who may ask for anything at all: the right host, no other site, the token."""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from aiohttp import web
from yarl import URL

from livestyle.web.problems import PAGES, Handler, problem, refuse

OPEN_PATHS = {"/health"}
"""Which tell nothing but that the server runs."""

NO_TOKEN = (
    "the token is missing or wrong; open the address that the server printed; a program sends"
    " 'Authorization: Bearer TOKEN', or adds token=TOKEN to the address"
)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src 'self' blob: data:; media-src 'self' blob:; manifest-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "Server": "livestyle",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer: nothing from elsewhere is loaded, nobody else embeds or reads what is shown."""


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the headers on *response*, just before it is sent."""
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")


class Guard:
    """Lets only such requests through as a page of this server, or a program, sends.

    Args:
        host: what the server is bound to.
        token: that requests must carry; empty on the machine's own address.
        names: by which a proxy is reached that asks here for others.
    """

    def __init__(self, host: str, token: str, names: Iterable[str] = ()) -> None:
        self._token = token
        self._proxied = {as_asked_for(name) for name in names}
        self._names = self._proxied | ({"localhost"} if is_loopback(host) else own_names() | {host.lower()})
        self._only_loopback = is_loopback(host)

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse, or pass on to *handler*."""
        if "Content-Encoding" in request.headers:
            return problem(415, "send the body as it is, without Content-Encoding")
        if not self._is_ours(request.headers.get("Host", "")):
            return problem(421, "this server does not go by that host name")
        if self._comes_from_elsewhere(request):
            return problem(403, "other sites may not use this server")
        if self._token and request.path not in OPEN_PATHS:
            return await self._ask_token(request, handler)
        return await handler(request)

    def _is_ours(self, host: str) -> bool:
        """Tell whether *host* leads here by itself; a name of somebody else's may be bent to lead here."""
        name = name_in(host)
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or not self._only_loopback

    def _comes_from_elsewhere(self, request: web.Request) -> bool:
        """Tell whether another site sent *request*; browsers say so, and programs say nothing."""
        origin = request.headers.get("Origin")
        if origin is not None:
            site = origin.partition("://")[2].lower()
            if site != request.headers.get("Host", "").lower() and name_in(site) not in self._proxied:
                return True
        site = request.headers.get("Sec-Fetch-Site", "none")
        opened_by_hand = request.headers.get("Sec-Fetch-Mode") == "navigate" and request.method == "GET"
        return site not in ("none", "same-origin") and not opened_by_hand

    async def _ask_token(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Who guesses is not slowed down: a token is too long, and behind a proxy all have one address."""
        asked = request.query.get("token")
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        given = (
            asked or (scheme.lower() == "bearer" and bearer) or request.cookies.get(cookie_name(request), "")
        )
        if not hmac.compare_digest(given.encode(errors="surrogateescape"), self._token.encode()):
            answer = refuse(request, 401, NO_TOKEN)
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        if asked and request.path in PAGES:  # out of the address bar, into a cookie
            return self._keep_token(request)
        return await handler(request)

    def _keep_token(self, request: web.Request) -> web.StreamResponse:
        clean = request.rel_url.update_query({"token": ""}).without_query_params("token")
        moved = web.Response(status=303, headers={"Location": str(clean)})
        moved.set_cookie(
            cookie_name(request),
            self._token,
            httponly=True,
            samesite="Lax",  # else a link to here, in a mail, would not bring it
            secure=request.secure or is_encrypted(request.headers.get("X-Forwarded-Proto", "")),
            max_age=30 * 24 * 3600,
        )
        return moved


def name_in(host: str) -> str:
    """Return the name in *host*, which may have a port; empty when there is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def as_asked_for(name: str) -> str:
    """Return the host *name* as browsers write it: bücher.example as xn--bcher-kva.example."""
    return URL.build(scheme="http", host=name.lower()).raw_host or ""


def is_encrypted(forwarded: str) -> bool:
    """Tell whether browsers reach the proxy by HTTPS; where several *forwarded*, the first is theirs."""
    return forwarded.partition(",")[0].strip().lower() == "https"


def cookie_name(request: web.Request) -> str:
    """Return what the cookie is called: it has the port in it, for cookies know none."""
    port = request.host.rpartition(":")[2]
    return f"livestyle-token-{port}" if port.isascii() and port.isdecimal() else "livestyle-token"


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches *host*."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def own_names() -> set[str]:
    """Return the names by which others may call this machine; addresses are always fine."""
    name = socket.gethostname().lower()
    short = name.partition(".")[0]
    return {"localhost", name, short, f"{short}.local"}
