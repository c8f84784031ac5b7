"""Settings check themselves and explain themselves."""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass, fields

import numpy as np
import pytest

from livestyle import settings
from livestyle.errors import UsageError
from livestyle.settings import Checked, setting


@dataclass(frozen=True)
class Toy(Checked):
    """A toy."""

    how_much: float = setting(0.5, "between", low=0, high=1)
    count: int = setting(1, "from one", low=1)
    name: str = setting("x", "no range")
    limit: float | None = setting(None, "may be absent", low=0)


@pytest.mark.parametrize(
    "options",
    [{}, {"how_much": 0}, {"how_much": 1}, {"count": np.int64(10**9)}, {"limit": 0.0}, {"name": ""}],
)
def test_in_range(options: dict[str, object]) -> None:
    Toy(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": (320, 180)}, "name must be a text, not (320, 180)"),
        ({"name": True}, "name must be a text, not True"),
        ({"name": None}, "name must be a text, not None"),
        ({"how_much": 1.5}, "how-much must be between 0 and 1, not 1.5"),
        ({"how_much": -0.1}, "how-much must be between 0 and 1, not -0.1"),
        ({"how_much": math.nan}, "how-much must be between 0 and 1, not nan"),
        ({"count": 0}, "count must be at least 1, not 0"),
        ({"limit": -1}, "limit must be at least 0, not -1"),
        ({"count": 2.0}, "count must be a whole number, not 2.0"),
        ({"how_much": "half"}, "how-much must be a number, not 'half'"),
    ],
)
def test_out_of_range(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Toy(**options)  # type: ignore[arg-type]
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (settings.TrainSettings, {"seed": 10**20}, "seed must be between 0 and 4294967295, not"),
        (settings.PaintSettings, {"seed": 10**20}, "seed must be between 0 and 4294967295, not"),
        (settings.TrainSettings, {"crop": 100}, "crop must be a multiple of 16, not 100"),
    ],
)
def test_what_would_fail_later_is_told(kind: type[Checked], options: dict[str, int], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        kind(**options)


ALL = [
    c for c in vars(settings).values() if inspect.isclass(c) and issubclass(c, Checked) and c is not Checked
]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_setting_has_a_default_in_range_and_a_help(kind: type[Checked]) -> None:
    kind()
    assert all(item.metadata["help"] for item in fields(kind))  # type: ignore[arg-type]
