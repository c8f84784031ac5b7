"""Tables of parts: a name, where its class is, and what to install for it; imported on first use."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from livestyle.errors import MissingExtra, UnknownName


@dataclass(frozen=True)
class Part:
    """One row of a table.

    Attributes:
        target: ``"package.module:Class"``.
        summary: one line for help texts.
        extra: the extra that brings what the part imports; empty when the plain install does.
    """

    target: str
    summary: str
    extra: str = ""


class Table:
    """Parts by name. *kind* names one of them in messages: ``"sink"``."""

    def __init__(self, kind: str, parts: dict[str, Part]) -> None:
        self.kind = kind
        self._parts = parts

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __getitem__(self, name: str) -> Part:
        """Raises UnknownName, with the nearest name, when there is none."""
        if name not in self._parts:
            raise UnknownName(self.kind, name, self._parts)
        return self._parts[name]

    def load(self, name: str) -> Any:
        """Import the part and return its class.

        Raises:
            UnknownName: there is no part of that name.
            MissingExtra: what the part imports is not installed.
        """
        part = self[name]
        module, _, attribute = part.target.partition(":")
        try:
            return getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("livestyle") or not part.extra:
                raise
            raise MissingExtra(name, part.extra) from error
