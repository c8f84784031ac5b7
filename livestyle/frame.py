"""What travels through the pipeline: Frame, and StreamInfo about where frames come from."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livestyle.colour import Colour

Pixels = NDArray[np.uint8]
"""A picture outside ``stylize/``: uint8 RGB, (H, W, 3), in host memory."""

Alpha = NDArray[np.uint8]
"""How opaque each pixel of a picture is: 0 to 255, (H, W)."""


@dataclass(frozen=True, eq=False)
class Original:
    """The picture as its file stores it: more bits, transparency, exact YUV. Never changed in place.

    A sink that can store it so writes this, not ``pixels``, when the stylizer left a frame as it was.

    Attributes:
        pixels: the picture that was made of it; a frame that still has this very array is unpainted.
        planes: Y U V, or G B R, or grey alone; then perhaps alpha. uint8 or uint16, (H, W); U and V may
            be smaller.
        format: as FFmpeg names it: ``yuva444p10le``.
        bits: used in each number.
        colour: what the numbers mean.
    """

    pixels: Pixels = field(repr=False)
    planes: tuple[NDArray[Any], ...] = field(repr=False)
    format: str
    bits: int
    colour: Colour


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture and when it is. Never changed in place.

    Attributes:
        pixels: uint8 RGB, (H, W, 3).
        index: 0 for the first frame of the source; a live source counts dropped frames too.
        pts_seconds: presentation time within the source.
        captured_at: ``time.perf_counter()`` when the source had it.
        duration_seconds: how long it is to be seen; 0 when unknown.
        original: as the file stores it; None for a camera.
        alpha: where a part was cut out, how opaque the rest is; else None: as *original*, or all opaque.

    Raises:
        ValueError: *pixels* is not uint8 (H, W, 3), or *alpha* not uint8 (H, W).
    """

    pixels: Pixels = field(repr=False)
    index: int
    pts_seconds: float
    captured_at: float = 0.0
    duration_seconds: float = 0.0
    original: Original | None = field(default=None, repr=False)
    alpha: Alpha | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check_pixels(self.pixels)
        if self.alpha is not None and (
            self.alpha.dtype != np.uint8 or self.alpha.shape != self.pixels.shape[:2]
        ):
            raise ValueError(
                f"alpha must be uint8 {self.pixels.shape[:2]}, not {self.alpha.dtype} {self.alpha.shape}"
            )

    def with_pixels(self, pixels: Pixels, alpha: Alpha | None = None) -> Frame:
        """Return the same moment with other *pixels* and *alpha*."""
        return replace(self, pixels=pixels, alpha=alpha)

    @property
    def on_black(self) -> Pixels:
        """The picture as it looks on black where a part was cut out: for what knows no transparency."""
        if self.alpha is None:
            return self.pixels
        levels = self.pixels * self.alpha[..., None].astype(np.uint16)
        return ((levels + 127) // 255).astype(np.uint8)

    def __repr__(self) -> str:
        height, width, _ = self.pixels.shape
        return f"Frame({self.index}, {self.pts_seconds:.3f} s, {width}×{height})"


@dataclass(frozen=True)
class Bookmark:
    """A frame up to which a job is done.

    Attributes:
        frames: how many are done, this one included.
        pts_seconds: of this one.
        digest: tells this picture from others, by ``digest_of``.
    """

    frames: int
    pts_seconds: float
    digest: int


def digest_of(pixels: Pixels) -> int:
    """Return a number that is another for another picture, almost surely."""
    return zlib.crc32(np.ascontiguousarray(pixels).data)


def check_pixels(pixels: Pixels) -> None:
    """Raise ValueError unless *pixels* is a picture: uint8, (H, W, 3), not empty."""
    if not isinstance(pixels, np.ndarray):
        raise ValueError(f"pixels must be a numpy array, uint8 (H, W, 3), not {type(pixels).__name__}")
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise ValueError(f"pixels must be uint8 (H, W, 3), at least 1×1, not {pixels.dtype} {pixels.shape}")


@dataclass(frozen=True)
class StreamInfo:
    """What a source yields.

    Attributes:
        width, height: of its frames, in pixels, upright.
        fps: frames per second on average; 0 when unknown.
        live: True for a camera or stream: frames are dropped rather than waited for.
        frame_count: how many frames to expect; None when unknown.
        cut_out: whether a part of the frames is to be transparent, as ``Frame.alpha`` says.
    """

    width: int
    height: int
    fps: float
    live: bool
    frame_count: int | None = None
    cut_out: bool = False
