"""``livestyle styles`` lists and shows, for people and for programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from conftest import write_random_style
from typer.testing import CliRunner

from livestyle.cli import app
from livestyle.errors import UnknownName, UsageError
from livestyle.settings import TrainSettings
from livestyle.styles.forecast import SHIPPED
from livestyle.styles.recipe import training_command
from livestyle.styles.store import list_styles, style_path


@pytest.fixture(autouse=True)
def my_wave() -> Path:
    return write_random_style(
        style_path("my-wave"), title="Under the [Wave]", artist="Hokusai", year="1831", licence="CC0-1.0"
    ).path


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["styles", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_lists_a_line_for_each() -> None:
    (line,) = [line for line in run().splitlines() if line.startswith("my-wave")]
    assert line.split("\t")[:-1] == ["my-wave", "Under the [Wave]", "Hokusai", "1831", "CC0-1.0", "lite"]
    assert line.endswith("kB")


def test_lists_json(my_wave: Path) -> None:
    (row,) = [row for row in json.loads(run("--json")) if row["name"] == "my-wave"]
    assert list(row) == ["name", "title", "artist", "year", "licence", "tiers", "size"]
    assert row["tiers"] == ["lite"]
    assert row["artist"] == "Hokusai" and row["size"] == my_wave.stat().st_size


def test_shows_all_about_one(my_wave: Path) -> None:
    facts = dict(line.split("\t") for line in run("show", "my-wave").splitlines())
    assert (
        facts["title"] == "Under the [Wave]"
        and facts["training seed"] == "0"
        and facts["file"] == str(my_wave)
    )
    shown = json.loads(run("show", str(my_wave), "--json"))
    assert shown["sha256"] == facts["sha256"] and shown["training"] == {"steps": 0, "seed": 0}


def test_tells_the_tiers() -> None:
    large = write_random_style(style_path("my-wave", "base"))
    (row,) = [row for row in json.loads(run("--json")) if row["name"] == "my-wave"]
    assert row["tiers"] == ["lite", "base"]
    assert [row["name"] for row in json.loads(run("--tier", "base", "--json"))].count("my-wave") == 1
    shown = json.loads(run("show", "my-wave", "--tier", "base", "--json"))
    assert shown["file"] == str(large.path) and shown["tiers"] == ["lite", "base"]


def test_an_empty_tier_is_told() -> None:
    for style in list_styles("hq"):
        write_random_style(style_path(style.name))  # one's own hides the one that ships in all tiers
    done = CliRunner().invoke(app, ["styles", "--tier", "hq"], catch_exceptions=False)
    assert done.exit_code == 0 and "no style is there in tier 'hq'" in done.stderr and not done.stdout
    assert json.loads(run("--tier", "hq", "--json")) == []


def test_what_belongs_behind_a_verb_is_not_ignored_before_it() -> None:
    for words in (["--json", "show", "candy"], ["--tier", "base", "sheet", "photo.jpg"]):
        with pytest.raises(UsageError, match="give --json and --tier behind"):
            run(*words)


def test_unknown_style() -> None:
    with pytest.raises(UnknownName, match="did you mean 'my-wave'"):
        run("show", "my-wav")


def test_shows_the_command_of_its_last_training() -> None:
    (line,) = [line for line in run("show", "my-wave").splitlines() if "livestyle train" in line]
    assert line.startswith("last training\tlivestyle train PAINTING --photos PHOTOS --name my-wave")
    facts = json.loads(run("show", "my-wave", "--json"))
    assert facts["command"] == (
        "livestyle train PAINTING --photos PHOTOS --name my-wave --steps 0 --init none --batch 2 "
        "--title 'Under the [Wave]' --artist Hokusai --year 1831 --licence CC0-1.0"
    )


def test_on_windows_the_command_has_quotes_of_its_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert ' --title "Under the [Wave]" --artist ' in json.loads(run("show", "my-wave", "--json"))["command"]


def test_the_command_tells_what_was_not_as_usual() -> None:
    for style in list_styles("lite"):
        command = training_command(style)
        for name, value in style.training.items():
            usual = value == getattr(TrainSettings, name, None)
            assert usual or name == "crop" or f" --{name.replace('_', '-')} {value}" in command, style.name


def test_flicker_is_measured_when_asked_and_then_known() -> None:
    assert json.loads(run("show", "my-wave", "--json"))["flicker"] is None
    measured = json.loads(run("show", "my-wave", "--flicker", "--json"))["flicker"]
    assert set(measured) == {"still noise", "light ramp", "pan ×1e-3"}
    assert json.loads(run("show", "my-wave", "--json"))["flicker"] == measured
    assert "flicker\tstill noise" in run("show", "my-wave")


def test_the_flicker_of_what_ships_is_known() -> None:
    known = json.loads(SHIPPED.read_text(encoding="utf-8"))
    assert all(set(figures) == {"still noise", "light ramp", "pan ×1e-3"} for figures in known.values())
    shown = [json.loads(run("show", name, "--json")) for name in ("candy", "pencil", "udnie")]
    assert [facts["flicker"] for facts in shown] == [known.get(facts["sha256"]) for facts in shown]


def test_a_blend_is_not_shown() -> None:
    with pytest.raises(UsageError, match="is a blend"):
        run("show", "my-wave:1,candy:1")
