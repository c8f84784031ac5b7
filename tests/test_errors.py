"""Messages name what was given, what is allowed, what to do, in one line."""

from __future__ import annotations

import inspect

import pytest

from livestyle import errors
from livestyle.errors import LivestyleError, MissingExtra, UnknownName, UsageError


def test_nearest_name() -> None:
    error = UnknownName("sink", "virtualcma", ["window", "virtualcam", "file"])
    assert str(error) == "no sink named 'virtualcma'; did you mean 'virtualcam'?"


def test_all_names_when_none_is_near() -> None:
    assert str(UnknownName("sink", "x", ["window", "file"])) == "no sink named 'x'; there are: file, window"
    assert str(UnknownName("style", "x", [])).endswith("there are: none")


def test_missing_extra_says_what_to_run() -> None:
    assert "pip install 'livestyle[virtualcam]'" in str(MissingExtra("virtualcam", "virtualcam"))


@pytest.mark.parametrize(
    "name", [n for n, c in vars(errors).items() if inspect.isclass(c) and issubclass(c, Exception)]
)
def test_the_drawing_shows_every_error(name: str) -> None:
    assert errors.__doc__ is not None and name in errors.__doc__
    drawn_deep = f"│   ├── {name}" in errors.__doc__ or f"│   └── {name}" in errors.__doc__
    kind = getattr(errors, name)
    assert issubclass(kind, LivestyleError)
    assert drawn_deep == (issubclass(kind, UsageError) and kind is not UsageError)
