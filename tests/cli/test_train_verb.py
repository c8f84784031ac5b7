"""``livestyle train``: how long it takes by default, and the page that it ends with."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from conftest import write_random_style
from safetensors.torch import save_file
from typer.testing import CliRunner, Result

import livestyle.cli.train
import livestyle.train.run
from livestyle.cli import app
from livestyle.errors import SinkUnavailable, UsageError
from livestyle.styles.store import CATALOG, style_path
from livestyle.styles.style import SUFFIX
from livestyle.styles.tiers import TIERS, split_stem
from livestyle.train.checkpoint import save_checkpoint
from livestyle.train.run import Job
from livestyle.train.vgg import Perceptual


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["train", *map(str, words)], catch_exceptions=False)


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    """A folder with a painting, photos and (random) weights of the judge."""
    (tmp_path / "photos").mkdir()
    rng = np.random.default_rng(0)
    for name in ["painting.png", *(f"photos/{i}.png" for i in range(16))]:
        blocks = rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)
        cv2.imwrite(str(tmp_path / name), blocks.repeat(20, 0).repeat(20, 1))
    torch.manual_seed(0)
    save_file(Perceptual().state_dict(), tmp_path / "judge.safetensors")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "steps", "minutes", "batch"),
    [
        ((), 900, 10, 2),
        (("--steps", 1900), 1900, None, 2),
        (("--steps", 3000), 3000, None, 4),
        (("--minutes", 20), 1_000_000, 20, 2),
        (("--minutes", 60), 1_000_000, 60, 4),
        (("--minutes", 60, "--batch", 3), 1_000_000, 60, 3),
        (("--batch", 4), 900, 10, 4),
    ],
)
def test_training_takes_ten_minutes_and_few_photos_a_step_unless_it_is_long_or_told_otherwise(
    words, steps, minutes, batch, studio: Path, monkeypatch
):
    jobs: list[Job] = []
    monkeypatch.setattr(livestyle.cli.train, "carry_out", jobs.append)
    assert run(studio / "painting.png", "--photos", studio, "--name", "mine", *words).exit_code == 0
    assert (jobs[0].settings.steps, jobs[0].minutes, jobs[0].start_from) == (steps, minutes, "auto")
    assert jobs[0].settings.batch == batch


def test_a_resumed_run_takes_as_many_photos_a_step_as_it_was_begun_with(
    studio: Path, livestyle_home: Path, monkeypatch
):
    jobs: list[Job] = []
    monkeypatch.setattr(livestyle.cli.train, "carry_out", jobs.append)
    words = (studio / "painting.png", "--photos", studio, "--name", "mine", "--resume")
    run(*words)  # there is nothing to go on from: that is told later
    jobs[0].folder.mkdir(parents=True)
    begun = {"done": 3, "settings": asdict(replace(jobs[0].settings, batch=4))}
    torch.save(begun, jobs[0].checkpoint)
    run(*words)
    run(*words, "--batch", 3)
    assert [job.settings.batch for job in jobs] == [2, 4, 3]


def test_a_shipped_style_is_hidden_only_when_told(studio: Path, livestyle_home: Path, monkeypatch):
    jobs: list[Job] = []
    monkeypatch.setattr(livestyle.cli.train, "carry_out", jobs.append)
    words = (studio / "painting.png", "--photos", studio, "--name", "candy")
    for tier in ("lite", "base"):
        with pytest.raises(UsageError, match="ships with livestyle and would be hidden; give -y"):
            run(*words, "--tier", tier)
    run(*words, "--out", studio / "candy.safetensors")
    run(*words, "--out", style_path("candy"))  # who writes all of it means it
    run(*words, "-y")
    run(*words, "--resume")
    save_checkpoint({"done": 3, "settings": asdict(jobs[-1].settings)}, jobs[-1].checkpoint)
    with pytest.raises(UsageError, match="at step 3 of 900; add --resume"):  # with -y it would be lost
        run(*words)
    write_random_style(style_path("candy"))
    run(*words, "--tier", "base")
    assert [job.out.name for job in jobs] == [*4 * ["candy.safetensors"], "candy.base.safetensors"]


def test_a_run_that_is_done_is_told_so(studio: Path, livestyle_home: Path, monkeypatch):
    jobs: list[Job] = []
    monkeypatch.setattr(livestyle.cli.train, "carry_out", jobs.append)
    words = (studio / "painting.png", "--photos", studio, "--name", "mine", "--steps", 5, "--resume")
    run(*words)
    write_random_style(style_path("mine"))
    for done, told in ((3, "exists; give -y"), (5, "mine is done; to train on from it give --init mine")):
        save_checkpoint({"done": done, "settings": asdict(jobs[0].settings)}, jobs[0].checkpoint)
        with pytest.raises(UsageError, match=told):
            run(*words)
    run(*words, "-y")
    assert len(jobs) == 2


@pytest.mark.parametrize("minutes", ["nan", "0", "-3"])
def test_minutes_that_cannot_be_are_told_with_the_range(minutes: str, studio: Path, livestyle_home: Path):
    with pytest.raises(UsageError, match=f"above 0 and at most 100000, not {minutes}"):
        run(studio / "painting.png", "--photos", studio, "--name", "mine", "--minutes", minutes)


def test_a_home_that_is_no_folder_is_named(studio: Path, monkeypatch):
    monkeypatch.setenv("LIVESTYLE_HOME", str(studio / "painting.png"))
    with pytest.raises(SinkUnavailable, match="below LIVESTYLE_HOME: not a directory"):
        run(studio / "painting.png", "--photos", studio, "--name", "mine")


def test_steps_and_minutes_exclude_each_other(studio: Path):
    with pytest.raises(UsageError, match="not both"):
        run(studio / "painting.png", "--photos", studio, "--name", "x", "--steps", 3, "--minutes", 1)


def test_what_cannot_be_a_style_file_is_told_before(studio: Path):
    with pytest.raises(UsageError, match=r"end it in \.safetensors"):
        run(studio / "painting.png", "--photos", studio, "--name", "x", "--out", studio / "x.png")


@pytest.mark.parametrize("folder", ["painting.png/deep", "painting.png"])
def test_where_no_style_can_be_written_is_told_before(folder: str, studio: Path):
    with pytest.raises(SinkUnavailable, match="cannot write"):
        run(
            *(studio / "painting.png", "--photos", studio, "--name", "x"),
            *("--out", studio / folder / "x.safetensors"),
        )


def test_a_style_is_told_although_its_preview_cannot_be_written(studio: Path, monkeypatch):
    reports: list[str] = []
    style = write_random_style(style_path("mine"))
    monkeypatch.setattr(livestyle.train.run, "train_style", lambda *_: style)
    monkeypatch.setattr(
        livestyle.cli.train, "report_on", lambda job, trained, _: reports.append(trained.name)
    )
    style.path.with_name("mine.jpg").mkdir()
    done = run(studio / "painting.png", "--photos", studio, "--name", "mine", "-y")
    assert done.stdout == f"{style.path}\nuse it with: livestyle video IN OUT --style mine\n"
    assert "the style is there, but without a preview: cannot write" in done.stderr
    assert done.exit_code == 0 and reports == ["mine"]


@pytest.mark.parametrize("tier", TIERS)
def test_a_style_is_compared_with_all_that_ship_of_those_not_larger_with_the_largest(tier: str):
    write_random_style(style_path("candy"))
    shipped = {split_stem(path.stem): path for path in CATALOG.glob(f"*{SUFFIX}")}
    smaller = list(TIERS)[: list(TIERS).index(tier) + 1]
    wanted = {
        name: [shipped[name, kind] for kind in smaller if (name, kind) in shipped][-1] for name, _ in shipped
    }
    del wanted["candy"]
    assert len(wanted) > 8
    assert sorted(livestyle.cli.train.list_shipped(tier)) == sorted(wanted.values())


def test_a_style_is_compared_with_the_nearest_where_they_are_known():
    rivals = livestyle.cli.train.list_rivals("base", ("udnie", "gone", "candy"))
    assert [path.stem for path in rivals] == ["udnie.base", "candy.base"]
    assert livestyle.cli.train.list_rivals("base", ()) == livestyle.cli.train.list_shipped("base")


def test_each_style_that_is_compared_is_told_without_a_terminal(capfd: pytest.CaptureFixture[str]):
    files = [Path("mine.safetensors"), Path("candy.safetensors")]
    assert list(livestyle.cli.train.count_off(files)) == [str(file) for file in files]
    assert capfd.readouterr().err == "comparing 1/2: mine\ncomparing 2/2: candy\n"


@pytest.mark.slow
def test_a_run_ends_with_a_page_and_a_line_that_compares(studio: Path, livestyle_home: Path):
    judge = ("--perceptual", studio / "judge.safetensors")
    done = run(
        *(studio / "painting.png", "--photos", studio / "photos", "--name", "mine"),
        *("--steps", 2, "--device", "cpu", "--style-size", 128, *judge),
    )
    assert done.exit_code == 0
    page = livestyle_home / "training" / "mine" / "report.html"
    assert f"report: {page}" in done.stdout
    assert "your painting than" in done.stdout and "style distance" in done.stdout
    text = page.read_text(encoding="utf-8")
    assert "Training of mine" in text and "<polyline" in text and "candy" in text


@pytest.mark.parametrize("verb", ["train", "paint"])
def test_no_device_is_offered_that_is_refused(verb: str):
    done = CliRunner().invoke(app, [verb, "--help"], env={"COLUMNS": "200"})
    assert "cuda:N or mps" in done.stdout and "gpu" not in done.stdout
