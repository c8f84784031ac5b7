"""Every row of every table, and every public name, leads somewhere."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path

import pytest

import livestyle
from livestyle.registry import Table
from livestyle.sinks import SINKS
from livestyle.sources import SOURCES
from livestyle.stylize.backends import BACKENDS


@pytest.mark.parametrize("name", livestyle.__all__)
def test_public_names_exist(name: str) -> None:
    assert getattr(livestyle, name).__doc__


@pytest.mark.parametrize(("table", "name"), [(t, name) for t in (SINKS, SOURCES, BACKENDS) for name in t])
def test_rows_lead_to_a_class_named_after_the_key(table: Table, name: str) -> None:
    part = table[name]
    module, _, attribute = part.target.partition(":")
    assert importlib.util.find_spec(module), f"{module} is not in the package"
    assert module.endswith(f".{name}")
    assert attribute.lower() == f"{name}{table.kind}"
    assert part.summary and "\n" not in part.summary


def test_the_version_is_told_once() -> None:
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]
    assert project["version"] == livestyle.__version__
