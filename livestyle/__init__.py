"""Turns any camera, video or stream into a living painting, in real time."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from livestyle.api import frames, load, stylize_image, stylize_images, stylize_video
    from livestyle.errors import LivestyleError, StageError, UsageError
    from livestyle.frame import Frame, StreamInfo
    from livestyle.settings import EncodeSettings, ReadSettings

__version__ = "0.2.0.dev0"

# Imported on first use: `livestyle --help` must not pay for torch.
_HOMES = {
    "load": "api",
    "frames": "api",
    "stylize_image": "api",
    "stylize_images": "api",
    "stylize_video": "api",
    "EncodeSettings": "settings",
    "ReadSettings": "settings",
    "Frame": "frame",
    "StreamInfo": "frame",
    "LivestyleError": "errors",
    "StageError": "errors",
    "UsageError": "errors",
}

__all__ = [
    "EncodeSettings",
    "Frame",
    "LivestyleError",
    "ReadSettings",
    "StageError",
    "StreamInfo",
    "UsageError",
    "frames",
    "load",
    "stylize_image",
    "stylize_images",
    "stylize_video",
]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'livestyle' has no attribute {name!r}")
    return getattr(importlib.import_module(f"livestyle.{_HOMES[name]}"), name)
