"""Checkpoints: what a run that was ended goes on from."""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from livestyle.errors import SinkUnavailable
from livestyle.whole import whole_file

WRITING = "inline_container", "Writer"
"""What PyTorch's errors name that come of writing."""


DAMAGED = (OSError, RuntimeError, LookupError, TypeError, ValueError, EOFError, UnpicklingError)
"""What comes of reading a file that is damaged or something else, and of looking for what it should hold."""


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Return what ``save_checkpoint`` wrote to *path*, on the CPU; raises one of ``DAMAGED``."""
    state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    return state


def save_checkpoint(state: dict[str, Any], path: Path) -> None:
    """Write *state*, tensors and plain values, to *path*, complete or not at all.

    Raises:
        SinkUnavailable: it cannot be written there.
    """
    try:
        with whole_file(path) as partial:
            torch.save(state, partial)
    except OSError as error:
        raise SinkUnavailable(f"cannot write {path}: {error.strerror}") from error
    except RuntimeError as error:  # torch says a full disk in its own words
        if not any(name in str(error) for name in WRITING):
            raise  # of a GPU that has failed
        raise SinkUnavailable(f"cannot write {path}; is the disk full?") from error
