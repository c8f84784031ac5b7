"""Painting lowers the loss, from coarse to fine; a run that was ended goes on; wrong input is one line."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from typer.testing import CliRunner

from livestyle.cli import app
from livestyle.errors import BadPicture, SinkUnavailable, UsageError
from livestyle.pictures import load_picture, read_picture
from livestyle.settings import PaintSettings
from livestyle.train.easel import Level, plan_levels
from livestyle.train.enlarge import enlarge
from livestyle.train.paint import PaintJob, paint_picture
from livestyle.train.vgg import VGG19, Perceptual

SETTINGS = PaintSettings(steps=8, size=128)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of (random) weights of VGG19."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("judge") / "vgg19.safetensors"
    save_file(Perceptual(VGG19).state_dict(), path)
    return path


@pytest.fixture
def job(judge: Path, livestyle_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PaintJob:
    """A photo of blocks, larger than what is painted at two sizes, and a painting of stripes."""
    monkeypatch.setattr("livestyle.train.easel.COARSEST", 90)
    (livestyle_home / "weights").mkdir(parents=True)
    (livestyle_home / "weights" / "vgg19.safetensors").symlink_to(judge)
    blocks = np.random.default_rng(0).integers(0, 255, (6, 10, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "photo.png"), blocks.repeat(16, 0).repeat(16, 1))
    stripes = np.array([[[255, 0, 120]], [[20, 200, 200]]], np.uint8).repeat(8, 0)
    cv2.imwrite(str(tmp_path / "painting.png"), np.tile(stripes, (5, 80, 1)))
    return PaintJob(
        tmp_path / "photo.png", tmp_path / "painting.png", tmp_path / "out.png", SETTINGS, device="cpu"
    )


class Killed(Exception):
    """Stands for whatever ends a run from outside."""


@pytest.mark.parametrize(("optimizer", "init"), [("lbfgs", "content"), ("adam", "noise")])
def test_painting_lowers_the_loss(job: PaintJob, optimizer: str, init: str):
    seen = []
    report = paint_picture(
        replace(job, settings=replace(SETTINGS, optimizer=optimizer, init=init)), seen.append
    )
    assert [progress.step for progress in seen] == list(range(1, 9))
    assert {progress.size for progress in seen} == {91, 128}
    shares = [progress.share for progress in seen]
    assert shares == sorted(shares) and shares[-1] == 1
    last = [sum(progress.losses.values()) for progress in seen if progress.size == 128]
    assert sum(report.losses.values()) < 0.8 * sum(seen[0].losses.values())
    assert sum(report.losses.values()) == pytest.approx(min(last))
    assert (report.width, report.height, report.size, report.stopped) == (160, 96, 128, False)
    assert read_picture(job.out).shape == (96, 160, 3)
    assert not job.checkpoint.exists()


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_killed_run_goes_on_and_ends_like_an_unbroken_one(job: PaintJob, optimizer: str, tmp_path: Path):
    job = replace(job, settings=replace(SETTINGS, optimizer=optimizer))
    unbroken = paint_picture(replace(job, out=tmp_path / "unbroken.png"), lambda _: None)

    def kill(progress):
        if progress.step == 5:
            raise Killed

    with pytest.raises(Killed):
        paint_picture(job, kill)
    assert not job.out.exists()
    steps = []
    resumed = paint_picture(replace(job, resume=True), lambda progress: steps.append(progress.step))
    assert steps == [6, 7, 8]
    assert resumed.losses == pytest.approx(unbroken.losses, rel=0.05)


def test_a_run_that_is_asked_to_stop_leaves_the_best_picture_and_can_be_resumed(job: PaintJob):
    stop = threading.Event()
    report = paint_picture(job, lambda progress: stop.set() if progress.step == 3 else None, stop)
    assert report.stopped and report.steps == 3
    assert read_picture(job.out).shape == (96, 160, 3)
    with pytest.raises(UsageError, match="exists; give -y to replace it, --resume to go on"):
        paint_picture(job, lambda _: None)
    with pytest.raises(UsageError, match="other pictures or settings"):
        paint_picture(replace(job, resume=True, settings=replace(SETTINGS, steps=9)), lambda _: None)
    painted = job.out.stat()
    for later in (100, -100):  # of another, made later, or moved here
        os.utime(job.out, (painted.st_atime, painted.st_mtime + later))
        with pytest.raises(UsageError, match="exists; give -y"):
            paint_picture(replace(job, resume=True), lambda _: None)
    os.utime(job.out, ns=(painted.st_atime_ns, painted.st_mtime_ns))
    assert paint_picture(replace(job, resume=True), lambda _: None).steps == 8
    with pytest.raises(UsageError, match="exists"):  # it is finished
        paint_picture(replace(job, resume=True), lambda _: None)


def test_a_picture_that_came_meanwhile_stays(job: PaintJob):
    with pytest.raises(UsageError, match="exists; give -y"):
        paint_picture(job, lambda progress: job.out.write_text("precious"))
    assert job.out.read_text() == "precious" and job.checkpoint.exists()


def test_two_runs_to_one_file_are_kept_apart(job: PaintJob):
    told = []

    def paint_again(_: object) -> None:
        with pytest.raises(UsageError, match="is running in another process") as caught:
            paint_picture(job, lambda _: None)
        told.append(caught)

    paint_picture(replace(job, settings=replace(SETTINGS, steps=2)), paint_again)
    assert len(told) == 2
    assert sorted(path.name for path in job.out.parent.glob("out*")) == ["out.png"]


def test_pictures_that_are_moved_meanwhile_are_not_missed(job: PaintJob, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("livestyle.train.paint.CHECKPOINT_SECONDS", 0.0)

    def move(_: object) -> None:
        for path in (job.content, job.style):
            path.unlink(missing_ok=True)

    assert paint_picture(replace(job, settings=replace(SETTINGS, steps=3)), move).out.is_file()


def test_transparency_is_kept_or_told(job: PaintJob, caplog: pytest.LogCaptureFixture):
    bgra = np.dstack((cv2.imread(str(job.content)), np.full((96, 160), 90, np.uint8)))
    cv2.imwrite(str(job.content), bgra)
    paint_picture(replace(job, settings=replace(SETTINGS, steps=2)), lambda _: None)
    painted = load_picture(job.out)
    assert painted.alpha is not None and (painted.alpha == 90).all()
    settings = replace(SETTINGS, steps=2)
    paint_picture(replace(job, out=job.out.with_suffix(".jpg"), settings=settings), lambda _: None)
    assert "out.jpg holds no transparency: white is behind it" in caplog.text


def test_wrong_input_is_one_clear_error(job: PaintJob, tmp_path: Path):
    for name, shape in (
        ("small.png", (20, 20, 3)),
        ("narrow.png", (40, 4000, 3)),
        ("narrow-art.png", (64, 5000, 3)),
    ):
        cv2.imwrite(str(tmp_path / name), np.zeros(shape, np.uint8))
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8 nothing")
    for changed, error, text in (
        ({"content": tmp_path / "none.png"}, BadPicture, "no picture"),
        ({"style": tmp_path / "broken.jpg"}, BadPicture, "not a picture"),
        ({"style": Path("candy")}, UsageError, "livestyle image IN OUT --style candy"),
        ({"style": tmp_path / "small.png"}, UsageError, "20×20"),
        ({"content": tmp_path / "small.png"}, UsageError, "20×20"),
        (
            {"content": tmp_path / "narrow.png"},
            UsageError,
            r"narrow\.png is long and narrow, .*×1 with this --size; give 2400 or more",
        ),
        ({"style": tmp_path / "narrow-art.png"}, UsageError, "narrow-art.png is too long and narrow"),
        ({"out": tmp_path / "out.xyz"}, UsageError, "which kind of picture"),
        ({"out": tmp_path / "nowhere" / "out.png"}, UsageError, "no folder"),
        ({"out": job.content}, UsageError, "is what is painted from"),
        ({"content": tmp_path}, BadPicture, "is a folder; give one picture"),
        (
            {"preview": tmp_path / ".." / tmp_path.name / "out.png"},
            UsageError,
            "another name for",
        ),
        ({"preview": tmp_path / "p.txt"}, UsageError, "which kind of picture"),
        ({"preview": tmp_path / "small.png"}, UsageError, "small.png exists; give -y"),
    ):
        with pytest.raises(error, match=text):
            paint_picture(replace(job, **changed), lambda _: None)
    with pytest.raises(UsageError, match="optimizer must be"):
        PaintSettings(optimizer="sgd")
    with pytest.raises(UsageError, match="init must be"):
        PaintSettings(init="zeros")
    with pytest.raises(UsageError, match="size must be"):
        PaintSettings(size=20)


def test_a_damaged_checkpoint_is_told(job: PaintJob):
    job.checkpoint.write_bytes(b"nothing")
    with pytest.raises(UsageError, match="damaged"):
        paint_picture(replace(job, resume=True), lambda _: None)


def test_a_checkpoint_that_has_gone_bad_is_told(job: PaintJob):
    paint_picture(replace(job, settings=replace(job.settings, steps=2)), lambda _: None, stopped_at_once())
    whole = job.checkpoint.read_bytes()
    at = whole.index(b"easel")
    for damage in (b"\xff\xfe\xfd", b"s\x00\x00"):
        job.checkpoint.write_bytes(whole[:at] + damage + whole[at + 3 :])
        with pytest.raises(UsageError, match="damaged"):
            paint_picture(replace(job, settings=replace(job.settings, steps=2), resume=True), lambda _: None)


def stopped_at_once() -> threading.Event:
    """Return what ends a run after its first step."""
    stop = threading.Event()
    stop.set()
    return stop


def test_a_full_disk_loses_nothing(job: PaintJob, caplog: pytest.LogCaptureFixture):
    two_steps = replace(SETTINGS, steps=2)
    job.checkpoint.mkdir()  # cannot be written to
    paint_picture(replace(job, settings=two_steps), lambda _: None, stopped_at_once())
    assert "cannot write" in caplog.text and "painting goes on" in caplog.text
    assert job.out.is_file()
    caplog.clear()
    job = replace(job, settings=replace(SETTINGS, steps=1))
    paint_picture(replace(job, overwrite=True), lambda _: None)
    assert not caplog.text, "of a picture that is finished nothing need be kept"
    job.checkpoint.rmdir()
    job.out.unlink()
    job.out.mkdir()
    with pytest.raises(SinkUnavailable, match="cannot write"):
        paint_picture(replace(job, overwrite=True), lambda _: None)
    job.out.rmdir()
    steps: list[object] = []
    assert paint_picture(replace(job, resume=True), steps.append).out.is_file()
    assert not steps  # all were done


def test_levels_go_up_by_the_root_of_two():
    assert plan_levels(512, 250) == [Level(side, 50) for side in (128, 181, 256, 362, 512)]
    assert plan_levels(512, 500) == [*[Level(side, 60) for side in (128, 181, 256, 362)], Level(512, 260)]
    assert plan_levels(512, 9) == [*[Level(side, 1) for side in (128, 181, 256, 362)], Level(512, 5)]
    assert plan_levels(80, 7) == [Level(80, 7)]
    assert plan_levels(512, 250, 200) == [Level(side, 60) for side in (256, 362)] + [Level(512, 130)]
    assert plan_levels(1024, 2) == [Level(724, 1), Level(1024, 1)]


def test_enlarging_keeps_colours_and_brings_back_edges():
    photo = np.full((200, 300, 3), 90, np.uint8)
    photo[:, 151:] = 170
    painted = np.full((50, 75, 3), (200, 60, 40), np.uint8)
    large = enlarge(painted, photo).astype(int)
    assert large.shape == photo.shape
    assert np.abs(large[:, :100] - (200, 60, 40)).max() <= 1
    assert abs(large[100, 151, 1] - large[100, 150, 1]) > 20
    assert enlarge(painted, photo[:50, :75]) is painted


def test_a_panorama_is_painted_without_the_sizes_at_which_it_is_too_narrow(job: PaintJob, tmp_path: Path):
    blocks = np.random.default_rng(0).integers(0, 255, (4, 40, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "wide.png"), blocks.repeat(12, 0).repeat(12, 1))
    settings = replace(job.settings, steps=2, size=256)
    seen = []
    paint_picture(replace(job, content=tmp_path / "wide.png", settings=settings), seen.append)
    assert {progress.size for progress in seen} == {256}
    assert read_picture(job.out).shape == (48, 480, 3)


def test_a_painting_of_one_colour_is_told(job: PaintJob, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((96, 96, 3), 128, np.uint8))
    settings = replace(job.settings, steps=1)
    paint_picture(replace(job, style=tmp_path / "grey.png", settings=settings), lambda _: None)
    assert "almost one colour" in caplog.text


def test_the_command_prints_json_and_keeps_a_preview(job: PaintJob, tmp_path: Path):
    options = ["--steps", "3", "--size", "128", "--preview", tmp_path / "p.jpg", "--json"]
    words = ["paint", job.content, job.style, job.out, *options]
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    facts = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (facts["out"], facts["width"], facts["height"], facts["steps"]) == (str(job.out), 160, 96, 3)
    assert facts["losses"].keys() == {"style", "content"}
    assert read_picture(tmp_path / "p.jpg").shape in ((55, 91, 3), (77, 128, 3))  # of the first step on
    assert "left" in done.stderr and "style" in done.stderr
