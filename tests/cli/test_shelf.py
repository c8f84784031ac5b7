"""``livestyle styles`` sheet, add and remove, as users run them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import write_random_style
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from typer.testing import CliRunner

from livestyle.cli import app
from livestyle.errors import BadStyleFile, UnknownName, UsageError
from livestyle.pictures import read_picture
from livestyle.styles.store import find_style, style_path
from livestyle.styles.style import Credits, write_style


def run(*arguments: str | Path) -> str:
    done = CliRunner().invoke(app, ["styles", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_random_style(tmp_path / "wave.safetensors").path


def test_a_style_is_added_found_and_removed(file: Path) -> None:
    assert run("add", file).endswith("--style wave\n")
    added = find_style("wave")
    assert added.path == style_path("wave") and added.preview is not None
    assert read_picture(added.preview).shape == (180, 240, 3)
    assert added.preview.stat().st_size <= 15_000
    assert f"removed {added.path}" in run("remove", "wave", "-y")
    assert list(added.path.parent.iterdir()) == []
    with pytest.raises(UnknownName):
        find_style("wave")


def test_what_is_there_is_replaced_only_when_told(file: Path) -> None:
    run("add", file)
    with pytest.raises(UsageError, match="your own already; give -y"):
        run("add", file)
    before = style_path("wave").stat().st_ino
    run("add", file, "-y")
    assert style_path("wave").stat().st_ino != before
    run("add", file, "--name", "wave-two")
    assert find_style("wave-two").name == "wave-two"


def test_a_shipped_style_is_hidden_only_when_told_and_never_removed(file: Path) -> None:
    shipped = find_style("candy").path
    with pytest.raises(UsageError, match="ships with livestyle and would be hidden"):
        run("add", file, "--name", "candy")
    with pytest.raises(UsageError, match="ships with livestyle; only styles of your own"):
        run("remove", "candy", "-y")
    run("add", file, "--name", "candy", "-y")
    assert find_style("candy").path == style_path("candy")
    run("remove", "candy", "-y")
    assert find_style("candy").path == shipped


def test_files_that_are_no_use_are_not_added(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"no style")
    weights = {"stem.conv.weight": np.ones((2, 2), np.float32)}
    write_style(tmp_path / "b.safetensors", weights, Credits("b"), (32, 3), {})
    whole = load_file(write_random_style(tmp_path / "whole.safetensors").path)
    header = safe_open(tmp_path / "whole.safetensors", "numpy").metadata()
    save_file(
        {**whole, "out.conv.bias": whole["out.conv.bias"] * np.float16(np.nan)},
        tmp_path / "c.safetensors",
        header,
    )
    for name in "abcd":
        with pytest.raises(BadStyleFile):
            run("add", tmp_path / f"{name}.safetensors")
    assert not style_path("a").parent.exists()


@pytest.mark.parametrize("name", ["wave (1).safetensors", "wave.safetensors.txt", "Wave.safetensors"])
def test_a_name_that_browsers_gave_comes_with_one_that_can_be(file: Path, name: str) -> None:
    copy = file.rename(file.with_name(name))
    with pytest.raises(UsageError, match=r"is no name for a style; add --name wave$"):
        run("add", copy)
    run("add", copy, "--name", "wave")
    assert find_style("wave").path == style_path("wave")


def test_credits_are_set_and_mended_and_nothing_else_changes(file: Path) -> None:
    weights = load_file(file)
    run("add", file, "--title", "The Wave", "--licence", "CC0-1.0")
    mine = style_path("wave")
    run("add", mine, "--artist", "Hokusai", "--licence", "")
    found = find_style("wave")
    assert found.credits == Credits("wave", "The Wave", "Hokusai")
    assert load_file(mine).keys() == weights.keys()
    assert all(np.array_equal(weights[name], array) for name, array in load_file(mine).items())
    with pytest.raises(UsageError, match="is not printable"):
        run("add", mine, "--year", "18\n31")
    run("add", mine, "--name", "tsunami", "--year", "1831")
    assert find_style("tsunami").credits.name == "tsunami" and find_style("wave").credits.year == ""


def test_one_tier_is_removed_alone() -> None:
    for tier in ("lite", "base"):
        write_random_style(style_path("wave", tier))
    with pytest.raises(UsageError, match="it has: lite, base"):
        run("remove", "wave", "--tier", "hq", "-y")
    run("remove", "wave", "--tier", "lite", "-y")
    assert find_style("wave").path == style_path("wave", "base")


def test_what_a_training_left_is_told(file: Path, livestyle_home: Path) -> None:
    run("add", file)
    (livestyle_home / "training" / "wave").mkdir(parents=True)
    done = CliRunner().invoke(app, ["styles", "remove", "wave", "-y"])
    assert f"until you remove {livestyle_home / 'training' / 'wave'}" in done.stderr


def test_nothing_is_removed_unasked(file: Path) -> None:
    run("add", file)
    with pytest.raises(UsageError, match="would be removed; give -y"):
        run("remove", "wave")
    with pytest.raises(UnknownName, match="did you mean 'wave'"):
        run("remove", "wav", "-y")
    assert find_style("wave")


def test_a_damaged_style_can_be_removed() -> None:
    style_path("bad").parent.mkdir(parents=True)
    style_path("bad").write_bytes(b"no style")
    run("remove", "bad", "-y")
    assert not style_path("bad").exists()


def test_a_sheet_of_some_styles(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cv2.imwrite(str(tmp_path / "photo.png"), np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8))
    assert run("sheet", "photo.png", "--style", file).strip() == "photo-styles.jpg"
    assert read_picture(tmp_path / "photo-styles.jpg").shape[1] > 900
    with pytest.raises(UsageError, match="give -y to replace it"):
        run("sheet", "photo.png", "--style", file)
    with pytest.raises(UsageError, match=r"photo\.png is what is painted from"):
        run("sheet", "photo.png", "photo.png", "-y")
    with pytest.raises(UsageError, match="which kind of picture"):
        run("sheet", "photo.png", "out.txt")
