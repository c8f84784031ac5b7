"""Every setting, as frozen dataclasses: default, range, unit and meaning in one place."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any

from livestyle.errors import UsageError


def setting(default: Any, help: str, *, low: float | None = None, high: float | None = None) -> Any:
    """Return a dataclass field with its *help* and the range that ``Checked`` enforces."""
    return field(default=default, metadata={"help": help, "low": low, "high": high})


@dataclass(frozen=True)
class Checked:
    """A dataclass whose fields must lie in the range that ``setting`` gave them.

    Raises:
        UsageError: one does not.
    """

    def __post_init__(self) -> None:
        for item in fields(self):
            low, high, value = item.metadata.get("low"), item.metadata.get("high"), getattr(self, item.name)
            if value is None or low is None:
                continue
            if not low <= value <= (math.inf if high is None else high):  # NaN is in no range
                name = item.name.replace("_", "-")
                span = f"at least {low}" if high is None else f"between {low} and {high}"
                raise UsageError(f"{name} must be {span}, not {value}")


@dataclass(frozen=True)
class TrainSettings(Checked):
    """How a style is trained."""

    steps: int = setting(1200, "steps of gradient descent", low=1, high=1_000_000)
    style_strength: float = setting(1.0, "how much style against content", low=0.1, high=10.0)
    steadiness: float = setting(
        1.0, "how much steadiness against both; 0 paints each frame by itself", low=0.0, high=10.0
    )
    style_size: int = setting(
        512, "shorter side of the painting in pixels: larger means broader strokes", low=64, high=2048
    )
    tier: str = setting("lite", "size of the network: lite, base or hq")
    batch: int = setting(4, "photos in one step", low=1, high=64)
    crop: int = setting(256, "side of the square crops in pixels, a multiple of 32", low=64, high=1024)
    learning_rate: float = setting(3e-3, "peak of the one-cycle schedule", low=1e-6, high=1.0)
    seed: int = setting(0, "of the weights and the order of photos", low=0)


@dataclass(frozen=True)
class EncodeSettings(Checked):
    """How a video file is encoded."""

    quality: str = setting("18", "0 (best) to 51 (smallest), or 'lossless'")
    preset: str = setting("veryfast", "of the encoder: faster makes larger files")

    def __post_init__(self) -> None:
        """Raises UsageError when the quality is neither a number in range nor ``lossless``."""
        super().__post_init__()
        try:
            good = self.lossless or 0 <= float(self.quality) <= 51
        except ValueError:
            good = False
        if not good:
            raise UsageError(f"quality must be a number from 0 to 51 or 'lossless', not {self.quality!r}")

    @property
    def lossless(self) -> bool:
        """Whether every value of the painted picture is kept."""
        return self.quality == "lossless"


@dataclass(frozen=True)
class PictureSettings(Checked):
    """How a picture file is encoded."""

    quality: int = setting(95, "of JPEG and WebP, 1 (smallest) to 100 (best)", low=1, high=100)
