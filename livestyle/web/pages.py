"""Pages: the files that browsers get, read once from the package; no name from the web reaches the disk."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
PAGES = {"/": "studio.html", "/overlay": "overlay.html"}
"""The rest is found below ``/static/``."""


class Page(NamedTuple):
    """A file, its kind, and what changes when it does."""

    body: bytes
    kind: str
    tag: str


def read_pages() -> Mapping[str, Page]:
    """Return every file by its path on the site."""
    files = {path.name: read_page(path) for path in FOLDER.iterdir() if path.suffix in TYPES}
    below = {f"/static/{name}": page for name, page in files.items()}
    return below | {path: files[name] for path, name in PAGES.items()}


def read_page(path: Path) -> Page:
    """Return the file at *path*."""
    body = path.read_bytes()
    return Page(body, TYPES[path.suffix], sha256(body).hexdigest()[:16])


def add_pages(app: web.Application) -> None:
    """Let *app* answer with the pages."""
    pages = read_pages()

    async def answer(request: web.Request) -> web.Response:
        page = pages[request.path]
        headers = {"Cache-Control": "no-cache", "ETag": f'"{page.tag}"'}
        if request.headers.get("If-None-Match") == f'"{page.tag}"':
            return web.Response(status=304, headers=headers)
        charset = None if page.kind.startswith("image") else "utf-8"
        return web.Response(body=page.body, content_type=page.kind, charset=charset, headers=headers)

    for path in pages:
        app.router.add_get(path, answer)
