"""Numbers in the names of pictures."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from livestyle.numbering import Numbering, name_files


@pytest.mark.parametrize(("pattern", "name"), [("a%05d.png", "a00042.png"), ("%d-x.jpg", "42-x.jpg")])
def test_a_name_has_its_number(pattern: str, name: str) -> None:
    numbering = Numbering.of(Path("folder") / pattern)
    assert numbering is not None
    assert numbering.name(42) == Path("folder") / name


@pytest.mark.parametrize("name", ["a.png", "a%d.mp4", "a%d-%d.png", "50%.png"])
def test_an_ordinary_name_is_one_file(name: str) -> None:
    assert Numbering.of(Path(name)) is None
    assert name_files(Path(name)) == [Path(name)]


def test_what_exists_is_found_in_order_and_nothing_else(tmp_path: Path) -> None:
    for name in ("010.png", "002.png", "3.png", "0004.png", "1234.png", "005.jpg", "x006.png", "007.png.bak"):
        (tmp_path / name).touch()
    numbering = Numbering.of(tmp_path / "%03d.png")
    assert numbering is not None
    assert numbering.there() == [2, 10, 1234]
    assert Numbering(tmp_path / "none" / "%d.png").there() == []


def test_files_are_found_however_the_system_lets_them_be_spelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("A00001.PNG", "a00002.png", "a3.png"):
        (tmp_path / name).touch()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert Numbering(tmp_path / "a%05d.png").there() == [1, 2]


def test_ffmpeg_is_told_of_one_place_for_a_number() -> None:
    numbering = Numbering.of(Path("100% done") / "50%_%05d.png")
    assert numbering is not None
    assert numbering.escaped == Path("100%% done") / "50%%_%05d.png"
