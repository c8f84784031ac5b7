"""Invite: the addresses of the site, the token in them, and a QR code for phones."""

from __future__ import annotations

import io
import os
import secrets
import socket

import segno

from livestyle.errors import UsageError
from livestyle.settings import ServeSettings
from livestyle.web.guard import is_loopback

LEAST_LENGTH = 12
"""Characters of a token that was given rather than made."""

TOKEN = "LIVESTYLE_TOKEN"
"""In the environment: others see neither what it holds nor, as with a flag, that it is there."""

EVERYWHERE = ("0.0.0.0", "::", "")


def choose_token(settings: ServeSettings) -> str:
    """Return the token for a site: what ``$LIVESTYLE_TOKEN`` holds, so that addresses stay what they are;
    else none where only this machine reaches it, or a new one.

    Raises:
        UsageError: the one that was given is too short, or could not stand in an address.
    """
    given = os.environ.get(TOKEN)
    if given is None:
        alone = is_loopback(settings.host) and not settings.names
        return "" if alone else secrets.token_urlsafe(16)
    if len(given) < LEAST_LENGTH or not all(c.isascii() and (c.isalnum() or c in "-_.~") for c in given):
        raise UsageError(
            f"${TOKEN} must have {LEAST_LENGTH} characters or more, letters, digits and -_.~ only"
        )
    return given


def was_given() -> bool:
    """Return whether the token was given rather than made."""
    return TOKEN in os.environ


def address(host: str, port: int, *, https: bool) -> str:
    """Return where the site is found: the beginning of all its addresses."""
    name = own_address() if host in EVERYWHERE else host
    shown = f"[{name}]" if ":" in name else name
    return f"http{'s' * https}://{shown}:{port}"


def with_token(address: str, token: str) -> str:
    """Return *address* with the *token*, if there is one."""
    mark = "&" if "?" in address else "?"
    return address + (f"{mark}token={token}" if token else "")


def own_address() -> str:
    """Return the address of this machine in its network; sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # kept for documents: nobody is there
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def draw_code(text: str) -> str:
    """Return *text* as a QR code made of characters, for a terminal."""
    drawn = io.StringIO()
    segno.make(text, error="l").terminal(drawn, compact=True)
    return drawn.getvalue()
