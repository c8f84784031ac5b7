"""Tables of parts: loaded by name, with a hint when something is missing."""

from __future__ import annotations

import pytest

from livestyle.errors import MissingExtra, UnknownName
from livestyle.registry import Part, Table

TABLE = Table(
    "toy",
    {
        "ordered": Part("collections:OrderedDict", "there"),
        "absent": Part("no_such_package:Thing", "not installed", extra="absent"),
        "broken": Part("no_such_package:Thing", "no extra would bring it"),
        "moved": Part("livestyle.no_such_module:Thing", "our own mistake", extra="moved"),
    },
)


def test_loads_the_class_and_lists_names() -> None:
    from collections import OrderedDict

    assert TABLE.load("ordered") is OrderedDict
    assert list(TABLE) == ["ordered", "absent", "broken", "moved"]
    assert TABLE["ordered"].summary == "there"


def test_unknown_name() -> None:
    with pytest.raises(UnknownName, match="no toy named 'orderd'; did you mean 'ordered'"):
        TABLE.load("orderd")


def test_missing_package() -> None:
    with pytest.raises(MissingExtra, match=r"livestyle\[absent\]"):
        TABLE.load("absent")


@pytest.mark.parametrize("name", ["broken", "moved"])
def test_our_own_mistakes_are_not_hidden(name: str) -> None:
    with pytest.raises(ModuleNotFoundError):
        TABLE.load(name)
