"""Styles are found by name or path; the user's own hide those that ship."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import write_random_style

from livestyle.errors import BadStyleFile, UnknownName, UsageError
from livestyle.styles.store import (
    CATALOG,
    cache_folder,
    call_by,
    find_style,
    home,
    list_files,
    list_styles,
    style_path,
)
from livestyle.styles.style import Style, read_style
from livestyle.styles.tiers import TIERS, split_stem


def test_home_is_where_the_environment_says(livestyle_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert home() == livestyle_home
    monkeypatch.delenv("LIVESTYLE_HOME")
    assert home().name == "livestyle"


def test_home_may_be_given_as_services_write_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("LIVESTYLE_HOME", "~/art")
    assert home() == tmp_path / "art"
    assert cache_folder() == tmp_path / "art" / "cache"
    monkeypatch.setenv("LIVESTYLE_HOME", "~nobody-of-this-name/art")
    assert home().name == "art"
    monkeypatch.setenv("LIVESTYLE_HOME", "art")
    assert home().is_absolute()


def test_found_by_name_and_by_path(tmp_path: Path) -> None:
    kept = write_random_style(style_path("my-wave"))
    given = write_random_style(tmp_path / "other.safetensors")
    assert find_style("my-wave").path == kept.path
    assert find_style(str(given.path)).path == find_style(given.path).path == given.path
    assert "my-wave" in [style.name for style in list_styles()]


def test_listed_by_name_and_each_name_finds_it() -> None:
    for name in ("zebra", "apple"):
        write_random_style(style_path(name))
    style_path("zebra").rename(style_path("my.style"))
    names = [style.name for style in list_styles()]
    assert names == sorted(names) and {"apple", "my.style"} <= set(names)
    assert [find_style(name).name for name in names] == names


def test_called_by_what_finds_it(tmp_path: Path) -> None:
    given = write_random_style(tmp_path / "wave.safetensors")
    assert call_by(given) == str(given.path)
    large = write_random_style(style_path("wave", "base"))
    assert call_by(large) == "wave"  # the only one
    assert call_by(write_random_style(style_path("wave"))) == "wave"
    assert call_by(large) == "wave --tier base"


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
    for name, tiers in list_files().items():
        own = write_random_style(style_path(name, "base"))
        assert find_style(name).path == own.path
        assert [s.path for s in list_styles() if s.name == name] == [own.path]
        for tier in set(tiers) - {"base"}:
            with pytest.raises(UsageError, match="it has: base"):
                find_style(name, tier)


def test_a_style_lives_in_several_tiers_side_by_side() -> None:
    files = {tier: write_random_style(style_path("wave", tier)).path for tier in ("hq", "lite")}
    assert {tier: find_style("wave", tier).path for tier in files} == files
    assert find_style("wave").path == files["lite"]
    assert list(list_files()["wave"]) == ["lite", "hq"]
    assert all(style.name == "wave" for style in map(read_style, files.values()))
    with pytest.raises(UsageError, match="style 'wave' is not there in tier 'base'; it has: lite, hq"):
        find_style("wave", "base")
    assert "wave" in [style.name for style in list_styles("hq")]
    assert "wave" not in [style.name for style in list_styles("base")]


def test_a_style_may_be_there_in_a_large_tier_alone() -> None:
    path = write_random_style(style_path("wave", "base")).path
    assert find_style("wave").path == path
    assert path in [style.path for style in list_styles()]


def test_no_such_tier(tiny_style: Style) -> None:
    for use in (lambda: find_style("candy", "bas"), lambda: list(list_styles("bas"))):
        with pytest.raises(UnknownName, match="no tier named 'bas'; did you mean 'base'"):
            use()
    with pytest.raises(UsageError, match="it has: lite"):
        find_style(tiny_style.path, "base")


@pytest.mark.parametrize("path", sorted(CATALOG.glob("*.safetensors")), ids=lambda path: path.stem)
def test_shipped_styles_are_credited(path: Path) -> None:
    name, tier = split_stem(path.stem)
    style = find_style(name, tier)
    assert style.path == path and style.credits.name == name
    assert style.tier == tier and style.shape == TIERS[tier]
    assert style.credits.title and style.credits.artist and style.credits.licence and style.training
