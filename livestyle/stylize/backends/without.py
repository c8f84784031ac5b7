"""Imports a package without a part of it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def without(module: str) -> Iterator[None]:
    """Import what is imported inside as if *module*, which it can do without, was not installed.

    Whoever imports *module* itself later gets it.
    """
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # so Python's import system says: not there
    try:
        yield
    finally:
        del sys.modules[module]
