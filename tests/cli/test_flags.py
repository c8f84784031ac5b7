from __future__ import annotations

import pytest

from livestyle.cli.flags import parse_seconds
from livestyle.cli.webcam import choose_playlist
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


def test_a_cycle_begins_with_the_style_that_was_given() -> None:
    first = choose_playlist(20.0, None, "klimt", "auto")
    assert first is not None and first.scenes[0].style == "klimt"
    blend = choose_playlist(20.0, None, "candy:0.5,klimt:0.5", "auto")
    assert blend is not None
    assert [scene.style for scene in blend.scenes[:2]] == ["candy:0.5,klimt:0.5", "candy"]
    assert len(blend.scenes) == len(first.scenes) + 1
