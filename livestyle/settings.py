"""Every setting, as frozen dataclasses: default, range, unit and meaning in one place."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from livestyle.errors import UsageError

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
"""Of encoders, from fast to small."""

CUTOUTS = ("none", "person", "background")
"""What to paint alone: nothing alone, people, or what is around them."""

BACKGROUNDS = ("keep", "transparent", "green", "blur")
"""What becomes of the part that is not painted, by name; all else is the path of a picture."""


def check_background(cutout: str, background: str) -> None:
    """Raise UsageError when a *background* was given, but all is painted."""
    if cutout == "none" and background != "keep":
        raise UsageError(f"--background {background} needs --cutout person (or background)")


def setting(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    least: float | None = None,
    choices: Sequence[str] | None = None,
) -> Any:
    """Return a dataclass field with its *help* and the range that ``Checked`` enforces.

    *least* is the smallest value but 0, which turns the setting off. *choices* are for web pages: the texts
    that a page offers, and takes; a user of this machine may give others.
    """
    told = {"help": help, "low": low, "high": high, "least": least, "choices": choices}
    return field(default=default, metadata=told)


@dataclass(frozen=True)
class Checked:
    """A dataclass whose numbers must lie in the range that ``setting`` gave them, whole where the default is.

    What is a text may be given as a number or a path.

    Raises:
        UsageError: one does not, or is not.
    """

    def __post_init__(self) -> None:
        for item in fields(self):
            low, high, least = (item.metadata.get(name) for name in ("low", "high", "least"))
            value = getattr(self, item.name)
            if isinstance(item.default, str) and not isinstance(value, str):
                if isinstance(value, bool) or not isinstance(value, Real | Path):
                    raise UsageError(f"{item.name.replace('_', '-')} must be a text, not {value!r}")
                object.__setattr__(self, item.name, str(value))
            if isinstance(item.default, bool) and type(value).__name__ not in ("bool", "bool_"):
                raise UsageError(f"{item.name.replace('_', '-')} must be True or False, not {value!r}")
            if low is None or (value is None and item.default is None) or (value == 0 and least is not None):
                continue
            name, low = item.name.replace("_", "-"), low if least is None else least
            whole = isinstance(item.default, int)
            if not isinstance(value, Integral if whole else Real):
                raise UsageError(f"{name} must be a {'whole ' * whole}number, not {value!r}")
            if not low <= value <= (math.inf if high is None else high):  # NaN is in no range
                span = f"at least {low}" if high is None else f"between {low} and {high}"
                raise UsageError(f"{name} must be {span}{', or 0' * (least is not None)}, not {value}")


MINUTES = 10.0
"""How long training takes when nobody says."""

LARGEST_SEED = 2**32 - 1
"""Multiplied by a million, and with a step added, it is a seed that PyTorch takes."""


@dataclass(frozen=True)
class TrainSettings(Checked):
    """How a style is trained."""

    steps: int = setting(900, "steps of gradient descent", low=1, high=1_000_000)
    style_strength: float = setting(2.5, "how much style against content", low=0.1, high=10.0)
    steadiness: float = setting(
        2.5, "how much steadiness against both; 0 paints each frame by itself", low=0.0, high=10.0
    )
    palette: float = setting(
        1.0, "how much the photos of a step together have the painting's colours", low=0.0, high=10.0
    )
    style_size: int = setting(
        512, "shorter side of the painting in pixels: larger means broader strokes", low=64, high=2048
    )
    tier: str = setting("lite", "size of the network: lite, base or hq")
    batch: int = setting(2, "photos in one step", low=1, high=64)
    crop: int = setting(240, "side of the square crops in pixels, a multiple of 16", low=64, high=1024)
    learning_rate: float = setting(1.2e-2, "peak of the one-cycle schedule", low=1e-6, high=1.0)
    seed: int = setting(0, "of the weights and the order of photos", low=0, high=LARGEST_SEED)

    def __post_init__(self) -> None:
        """Raises UsageError for crops that the network does not paint whole."""
        super().__post_init__()
        if self.crop % 16:
            raise UsageError(f"crop must be a multiple of 16, not {self.crop}")


@dataclass(frozen=True)
class PaintSettings(Checked):
    """How one picture is painted by optimisation."""

    steps: int = setting(400, "steps of gradient descent, at all sizes together", low=1, high=1_000_000)
    size: int = setting(
        768, "longer side in pixels of what is painted; the result is enlarged", low=128, high=4096
    )
    style_strength: float = setting(1.0, "how much style against content", low=0.01, high=100.0)
    init: str = setting("content", "what painting begins with: 'content' or 'noise'")
    optimizer: str = setting("lbfgs", "what goes down the gradient: 'lbfgs' or 'adam'")
    seed: int = setting(0, "of the noise", low=0, high=LARGEST_SEED)

    def __post_init__(self) -> None:
        """Raises UsageError for a beginning or an optimizer that does not exist."""
        super().__post_init__()
        if self.init not in ("content", "noise"):
            raise UsageError(f"init must be 'content' or 'noise', not {self.init!r}")
        if self.optimizer not in ("lbfgs", "adam"):
            raise UsageError(f"optimizer must be 'lbfgs' or 'adam', not {self.optimizer!r}")


@dataclass(frozen=True)
class ReadSettings(Checked):
    """How a video file is read."""

    size: str = setting("", "720p or 1280x720 instead of the size it has")
    fps: float | None = setting(None, "steady frames per second, not those it has", low=0.01, high=1000)
    deinterlace: bool = setting(True, "make whole frames of interlaced video")
    hdr: str = setting("tone-map", "what becomes of HDR video: 'tone-map' to SDR, or 'keep'")

    def __post_init__(self) -> None:
        """Raises UsageError when there is no such way with HDR."""
        super().__post_init__()
        if self.hdr not in ("tone-map", "keep"):
            raise UsageError(f"hdr must be 'tone-map' or 'keep', not {self.hdr!r}")


@dataclass(frozen=True)
class EncodeSettings(Checked):
    """How a video file is encoded."""

    quality: str = setting("18", "0 (best) to 51 (smallest), or 'lossless'")
    codec: str = setting("auto", "auto, h264, hevc, av1, vp9, prores or ffv1")
    preset: str = setting("veryfast", "ultrafast to veryslow: faster makes larger files")
    bitrate: str = setting("", "bits per second, like 5M, instead of a quality")
    hardware: bool = setting(False, "encode on the graphics card where it can")

    def __post_init__(self) -> None:
        """Raises UsageError for a quality or preset that does not exist, or a bitrate of what is lossless."""
        super().__post_init__()
        try:
            good = self.lossless or 0 <= float(self.quality) <= 51
        except ValueError:
            good = False
        if not good:
            raise UsageError(f"quality must be a number from 0 to 51 or 'lossless', not {self.quality!r}")
        if self.preset not in PRESETS:
            raise UsageError(f"no preset named {self.preset!r}; there are: {', '.join(PRESETS)}")
        if self.lossless and self.bitrate:
            raise UsageError("what is lossless takes the bits that it needs; leave --bitrate or lossless out")

    @property
    def lossless(self) -> bool:
        """Whether every value of the painted picture is kept."""
        return self.quality == "lossless"


@dataclass(frozen=True)
class PictureSettings(Checked):
    """How a picture file is encoded."""

    quality: int = setting(95, "of JPEG and WebP, 1 (smallest) to 100 (best)", low=1, high=100)


@dataclass(frozen=True)
class ServeSettings(Checked):
    """Where ``livestyle serve`` is reached, and how much it takes on at once."""

    host: str = setting("127.0.0.1", "address to be reached at; any but this machine's own asks for a token")
    port: int = setting(8470, "to be reached at; 0 takes a free one", low=0, high=65535)
    https: bool = setting(False, "encrypt, with a certificate made here: phones lend their camera only so")
    viewers: int = setting(32, "who may watch at the same time", low=1, high=1000)
    looks: int = setting(4, "paintings made at the same time, of any source", low=1, high=64)
    cameras: int = setting(2, "browsers that may lend their camera at the same time", low=0, high=16)
    names: tuple[str, ...] = setting((), "host names by which a proxy is reached that asks here for others")

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in self.names:
            if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", name) or not can_be_asked_for(name):
                raise UsageError(f"no host name: {name!r}; give it alone, like paint.example.org")


def can_be_asked_for(name: str) -> bool:
    """Tell whether browsers can write the host *name* as they do, in ASCII: each part in 63 characters."""
    try:
        return bool(name.encode("idna"))
    except UnicodeError:
        return False
