"""Styles are found by name or path; the user's own hide those that ship."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import write_random_style

from livestyle.errors import BadStyleFile, UnknownName
from livestyle.styles.store import CATALOG, find_style, home, list_styles, style_path


def test_home_is_where_the_environment_says(livestyle_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert home() == livestyle_home
    monkeypatch.delenv("LIVESTYLE_HOME")
    assert home().name == "livestyle"


def test_found_by_name_and_by_path(tmp_path: Path) -> None:
    kept = write_random_style(style_path("my-wave"))
    given = write_random_style(tmp_path / "other.safetensors")
    assert find_style("my-wave").path == kept.path
    assert find_style(str(given.path)).path == find_style(given.path).path == given.path
    assert "my-wave" in [style.name for style in list_styles()]


def test_listed_by_name_and_each_name_finds_it() -> None:
    for name in ("zebra", "apple"):
        write_random_style(style_path(name))
    style_path("zebra").rename(style_path("middle"))
    names = [style.name for style in list_styles()]
    assert names == sorted(names) and {"apple", "middle"} <= set(names)
    assert [find_style(name).name for name in names] == names


def test_unknown_names_give_the_nearest() -> None:
    write_random_style(style_path("great-wave"))
    with pytest.raises(UnknownName, match="no style named 'grate-wave'; did you mean 'great-wave'"):
        find_style("grate-wave")
    with pytest.raises(UnknownName, match=r"there are: .*great-wave"):
        find_style("xyz")


@pytest.mark.parametrize("given", ["", ".", "..", "/", "*", "great wave", "\x00"])
def test_odd_names(given: str) -> None:
    with pytest.raises((UnknownName, BadStyleFile)):
        find_style(given)


def test_a_damaged_file_hides_no_other() -> None:
    write_random_style(style_path("good"))
    style_path("bad").write_bytes(b"no style")
    names = [style.name for style in list_styles()]
    assert "good" in names and "bad" not in names
    with pytest.raises(BadStyleFile):
        find_style("bad")


def test_own_style_hides_a_shipped_one() -> None:
    for path in CATALOG.glob("*.safetensors"):
        own = write_random_style(style_path(path.stem))
        assert find_style(path.stem).path == own.path
        assert [s.path for s in list_styles() if s.name == path.stem] == [own.path]


@pytest.mark.parametrize("path", sorted(CATALOG.glob("*.safetensors")), ids=lambda path: path.stem)
def test_shipped_styles_are_credited(path: Path) -> None:
    style = find_style(path.stem)
    assert style.path == path and style.credits.name == path.stem
    assert style.credits.title and style.credits.artist and style.credits.licence and style.training
