"""Addresses of streams, fit to be shown: without the passwords and keys that they carry."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, urlsplit, urlunsplit

SECRET_PARTS = ("passphrase", "streamid", "srt_streamid")
"""Of the query of an SRT address."""


WITH_PORT = ("udp", "srt", "tcp", "rtp")
"""Kinds of addresses that have no usual port."""


def split(address: str) -> SplitResult:
    """Return the parts of *address*; of one that is written badly, nothing but what comes before ``://``."""
    try:
        return urlsplit(address)
    except ValueError:  # brackets in a wrong place
        return SplitResult(address.partition("://")[0], "…", "", "", "")


def port_trouble(address: str) -> str:
    """Return what is wrong with the port in *address*, in words; empty when nothing is."""
    if "://" not in address:
        return ""
    parts = split(address)
    try:
        port = parts.port
    except ValueError:
        return "a port is a number from 1 to 65535"
    if port == 0:
        return "a port is a number from 1 to 65535"
    if port is None and parts.scheme.lower() in WITH_PORT:
        return f"it needs a port, like {parts.scheme}://127.0.0.1:9000"
    return ""


def hide_secrets(address: str, *, to_send: bool = False) -> str:
    """Return *address* without user, password and query, and without the key at its end.

    Args:
        address: with ``://``; a path is returned as it is, unless it may be an address that lacks that.
        to_send: whether pictures go there: the end of the path is a key then. In rtmp it is one in any case.
    """
    if "://" not in address:
        host, slash, _ = address.partition("/")
        is_path = not slash or not host.strip(".") or not {".", ":"} & {*host} or Path(host).exists()
        return address if is_path or not to_send else f"{address.rpartition('/')[0]}/…"
    parts = split(address)
    path = parts.path
    if (to_send or parts.scheme.lower().startswith("rtmp")) and path.strip("/"):
        path = path.rpartition("/")[0] + "/…"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], path, "", ""))


def find_secrets(address: str) -> list[str]:
    """Return those parts of *address*, as they are written, that nobody else is to see."""
    parts = split(address)
    secrets = [parts.netloc.rpartition("@")[0]]
    if parts.scheme.lower() == "srt":
        told = (part.partition("=") for part in parts.query.split("&"))
        secrets += [value for name, _, value in told if name in SECRET_PARTS]
    elif "://" in address:
        secrets += [parts.path.rpartition("/")[2], parts.query]
    return [secret for secret in secrets if secret]
