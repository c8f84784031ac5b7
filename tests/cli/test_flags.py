from __future__ import annotations

import pytest

from livestyle.cli.flags import parse_seconds
from livestyle.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("20", 20), ("0.5s", 0.5), ("2m", 120), ("1h", 3600), ("1:30", 90), ("01:02:03.5", 3723.5), (7.0, 7)],
)
def test_lengths_of_time(text: str | float, seconds: float) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "20sec", "-1", "nan", "1:2:3:4", "1:", "::1"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(UsageError, match=r"no length of time: '.*'; write it like 20s, 2m or 1:30"):
        parse_seconds(text)
