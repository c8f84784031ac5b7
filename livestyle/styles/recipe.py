"""Recipe: the command of a style's last training."""

from __future__ import annotations

import shlex
import subprocess
import sys

from livestyle.settings import TrainSettings
from livestyle.styles.style import Style

FLAGS = ("style_strength", "steadiness", "palette", "style_size", "tier", "learning_rate", "seed")
"""Settings that ``livestyle train`` takes, left out where they are as usual; for ``batch`` that depends."""

CREDITS = ("title", "artist", "year", "licence")


def training_command(style: Style) -> str:
    """Return the ``livestyle train`` that *style* was last trained with, from its painting and such photos.

    No style file tells what it was mixed with afterwards, nor whether it was settled or taught again; and no
    flag sets the size of crops, 256 pixels for three of those that ship, else 240.
    """
    made = style.training
    words = ["livestyle", "train", "PAINTING", "--photos", "PHOTOS", "--name", style.credits.name]
    words += ["--steps", str(made.get("steps", TrainSettings.steps)), "--init", str(made.get("init", "none"))]
    words += ["--batch", str(made.get("batch", TrainSettings.batch))]
    for name in FLAGS:
        if made.get(name, getattr(TrainSettings, name)) != getattr(TrainSettings, name):
            words += [flag(name), str(made[name])]
    for name in CREDITS:
        if told := getattr(style.credits, name):
            words += [flag(name), told]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def flag(name: str) -> str:
    """Return the flag of the setting *name*."""
    return f"--{name.replace('_', '-')}"
