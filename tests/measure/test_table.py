"""The table of figures in a document."""

from __future__ import annotations

from pathlib import Path

import pytest

from livestyle.errors import UsageError
from livestyle.measure.speed import Timing
from livestyle.measure.table import make_table, write_table

TIMINGS = [
    Timing("candy", "network", 640, 360, 30, 9.0, 10.0, 12.0, 20.0),
    Timing("rival", "network", 640, 360, 30, 90.0, 100.0, 110.0, 210.0),
    Timing("candy", "video", 640, 360, 30, 19.0, 20.0, 22.0, 30.0, 265.4),
]


def test_a_table_says_all_that_figures_need() -> None:
    lines = make_table("a machine, 2 cores", TIMINGS).splitlines()
    assert lines[0] == "Measured on: a machine, 2 cores."
    assert lines[4] == "| network | 640×360 | candy | 100.0 | 10.0 | 1.0× | 12.0 | 20.0 | 1.0× |  |"
    assert lines[5] == "| network | 640×360 | rival | 10.0 | 100.0 | 10.0× | 110.0 | 210.0 | 10.5× |  |"
    assert lines[6] == "| video | 640×360 | candy | 50.0 | 20.0 | 1.0× | 22.0 | 30.0 | 1.0× | 265 |"


def test_only_what_is_between_the_marks_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Spëed\n<!-- bench -->\n| old |\n<!-- /bench -->\nmore\n", encoding="utf-8")
    for table in ("| new |", "| newer |"):
        write_table(page, table)
        assert page.read_text(encoding="utf-8") == (
            f"# Spëed\n<!-- bench -->\n{table}\n<!-- /bench -->\nmore\n"
        )
    assert list(tmp_path.iterdir()) == [page]


def test_the_ends_of_lines_stay_what_they_are(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_bytes(b"one\r\n<!-- bench --><!-- /bench -->\ntwo\r\n")
    write_table(page, "| new |")
    assert page.read_bytes() == b"one\r\n<!-- bench -->\n| new |\n<!-- /bench -->\ntwo\r\n"


@pytest.mark.parametrize(
    "text",
    ["", "<!-- bench -->", "<!-- /bench --> <!-- bench -->", "<!-- bench -->\n" * 2 + "<!-- /bench -->"],
)
def test_a_page_without_a_place_stays_as_it_is(tmp_path: Path, text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(UsageError, match="no place for the table"):
        write_table(page, "| new |")
    assert page.read_text() == text


def test_a_page_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        write_table(tmp_path / "none.md", "")
