"""Audience: the sink that has the newest picture ready for every web viewer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import cv2

from livestyle.errors import StageError
from livestyle.frame import Alpha, Frame, Pixels
from livestyle.meter import Meter

JPEG_QUALITY = 88
"""No difference to see from what was painted; a frame of 640×360 takes some 60 kB."""


@dataclass(eq=False)
class Viewer:
    """One who watches.

    Attributes:
        jpeg: whether encoded pictures are wanted; else pixels are enough.
        alpha: whether what is transparent is wanted beside them; else they are on black.
        original: whether the unpainted picture is wanted beside.
        seen: number of the picture that was taken last.
        meter: what came out at the viewer's end, as far as that tells.
    """

    jpeg: bool = True
    alpha: bool = False
    original: bool = False
    seen: int = 0
    meter: Meter = field(default_factory=Meter)


@dataclass(frozen=True)
class Shown:
    """A picture as viewers get it.

    Attributes:
        number: 1 for the first, one more for each.
        frame: painted.
        jpeg: the same encoded, on black where it is transparent.
        colours: the same encoded without regard to transparency.
        alpha: how opaque it is, encoded as a picture in grey; empty when all of it is.
        original: the unpainted one encoded.

    What nobody wanted is empty.
    """

    number: int
    frame: Frame
    jpeg: bytes = b""
    colours: bytes = b""
    alpha: bytes = b""
    original: bytes = b""

    def serves(self, viewer: Viewer) -> bool:
        """Return whether what *viewer* wants is here."""
        return not viewer.jpeg or bool(self.colours if viewer.alpha else self.jpeg)


class Audience:
    """A sink for any number of viewers; each takes the newest picture when it is ready for one.

    A picture is encoded once for all, and not at all when nobody wants it so. ``write`` and ``close`` are
    called by the pipeline's thread, the rest by that of *loop*.

    Args:
        find_original: returns the unpainted pixels of a painted frame; None when they are gone.
        loop: that viewers wait in.
    """

    name = "browser"

    def __init__(
        self, find_original: Callable[[Frame], Pixels | None], loop: asyncio.AbstractEventLoop
    ) -> None:
        self._find_original = find_original
        self._loop = loop
        self._newest: Shown | None = None
        self._number = 0
        self._arrival = asyncio.Event()
        self._ended: str | None = None
        self.viewers: frozenset[Viewer] = frozenset()

    def write(self, frame: Frame) -> None:
        """Show *frame* to whoever is ready for it. Never waits."""
        viewers = self.viewers
        self._number += 1
        parts: dict[str, bytes] = {}
        if any(viewer.jpeg and not viewer.alpha for viewer in viewers):
            parts["jpeg"] = encode(frame.on_black)
        if any(viewer.alpha for viewer in viewers):
            flat = parts.get("jpeg") if frame.alpha is None else None
            parts["colours"] = flat or encode(frame.pixels)
            parts["alpha"] = b"" if frame.alpha is None else encode_grey(frame.alpha)
        pixels = self._find_original(frame) if any(viewer.original for viewer in viewers) else None
        if pixels is not None:
            parts["original"] = encode(pixels)
        self._newest = Shown(self._number, frame, **parts)
        self._loop.call_soon_threadsafe(self._wake)

    def close(self) -> None:
        """Say nothing: ``end`` tells the viewers, with the reason."""

    def end(self, reason: str) -> None:
        """Tell viewers that nothing follows, and why."""
        self._ended = reason
        self._wake()

    def join(self, viewer: Viewer) -> None:
        """Count *viewer* in."""
        self.viewers |= {viewer}

    def leave(self, viewer: Viewer) -> None:
        """Count *viewer* out."""
        self.viewers -= {viewer}

    async def next(self, viewer: Viewer) -> Shown:
        """Return the newest picture that *viewer* has not seen, encoded as it wants; waits for it.

        Raises:
            StageError: there will be none.
        """
        while True:
            if self._ended is not None:
                raise StageError(self._ended)
            shown = self._newest
            if shown is not None and shown.number > viewer.seen and shown.serves(viewer):
                viewer.seen = shown.number
                return shown
            await self._arrival.wait()

    def _wake(self) -> None:
        self._arrival.set()
        self._arrival = asyncio.Event()


def encode(pixels: Pixels) -> bytes:
    """Return *pixels* as a JPEG."""
    pixels_bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, jpeg = cv2.imencode(".jpg", pixels_bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return jpeg.tobytes()


def encode_grey(alpha: Alpha) -> bytes:
    """Return *alpha* as a JPEG in grey."""
    _, jpeg = cv2.imencode(".jpg", alpha, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return jpeg.tobytes()
