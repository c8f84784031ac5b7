"""Several videos: what is there is skipped, what is bad is told, the rest is painted."""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from livestyle.errors import SinkUnavailable, SourceUnavailable
from livestyle.jobs.batch import Outcome, paint_batch, plan_batch
from livestyle.jobs.video import VideoJob, paint_video
from livestyle.settings import ReadSettings
from livestyle.styles.style import Style
from livestyle.stylize.stylizer import Controls, Stylizer

MakeClip = Callable[..., Path]


def test_a_folder_gives_its_videos_and_their_names(tmp_path: Path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    for name in ("b.mkv", "a.avi", "notes.txt", "c.MP4", "d.dv", "e.mxf"):
        (films / name).touch()
    pairs = plan_batch([films, tmp_path / "single.mov"], tmp_path / "out")
    assert [source.name for source, _ in pairs] == ["a.avi", "b.mkv", "c.MP4", "d.dv", "e.mxf", "single.mov"]
    assert [out.name for _, out in pairs] == ["a.mp4", "b.mkv", "c.mp4", "d.mp4", "e.mp4", "single.mov"]


def test_videos_in_folders_go_into_folders(tmp_path: Path) -> None:
    films = tmp_path / "films"
    for name in ("a.mp4", "2025/a.mp4", "2025/june/b.webm", ".trash/c.mp4", "painted/a.mp4"):
        (films / name).parent.mkdir(parents=True, exist_ok=True)
        (films / name).touch()
    pairs = plan_batch([films], films / "painted")
    outs = [out.relative_to(films / "painted").as_posix() for _, out in pairs]
    assert outs == ["2025/a.mp4", "2025/june/b.webm", "a.mp4"]
    assert not (tmp_path / "out").exists(), "before it is known that there is something to paint with"


def test_two_that_would_be_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(SinkUnavailable, match="would both become"):
        plan_batch([tmp_path / "a.avi", tmp_path / "a.mp4"], tmp_path / "out")


def test_two_that_would_be_one_for_macos_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clips = [tmp_path / "one" / "Clip.mov", tmp_path / "two" / "clip.mov"]
    assert sys.platform != "linux" or len(plan_batch(clips, tmp_path / "out")) == 2
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SinkUnavailable, match="would both become"):
        plan_batch(clips, tmp_path / "out")


def test_nothing_to_paint_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="no video in"):
        plan_batch([tmp_path], tmp_path / "out")


@pytest.fixture
def stylizer(tiny_style: Style) -> Stylizer:
    return Stylizer(Controls(style=str(tiny_style.path), strength=0.0), "cpu", "pytorch")


def test_a_bad_file_does_not_stop_the_rest(make_clip: MakeClip, stylizer: Stylizer, tmp_path: Path) -> None:
    good, late = make_clip("good.mp4"), make_clip("late.mp4")
    bad = tmp_path / "bad.mp4"
    bad.write_text("no video")
    done = tmp_path / "done.mp4"
    done.write_text("painted before")
    jobs = [
        VideoJob(bad, tmp_path / "bad-out.mp4"),
        VideoJob(good, tmp_path / "never.mp4", start_seconds=math.nan),
        VideoJob(good, tmp_path / "huge.mp4", read=ReadSettings(size="20000p")),
        VideoJob(good, tmp_path / "new" / "deep" / "good-out.mp4"),
        VideoJob(good, done),
        VideoJob(good, good),
        VideoJob(late, tmp_path / "late-out.mp4"),
    ]
    outcomes = list(paint_batch(jobs, stylizer))
    assert [outcome.state for outcome in outcomes] == [
        *["failed"] * 3,
        *("painted", "skipped", "failed", "painted"),
    ]
    assert "not a video" in outcomes[0].error
    assert "--start" in outcomes[1].error
    assert "at most 16000 pixels" in outcomes[2].error
    assert outcomes[3].report is not None and outcomes[3].report.frames == 12
    assert (tmp_path / "new" / "deep" / "good-out.mp4").is_file()
    assert done.read_text() == "painted before" and "is there already" in outcomes[4].error
    assert "is what is painted from" in outcomes[5].error


@pytest.mark.parametrize("linked", [False, True])
def test_what_another_run_paints_is_told_and_the_others_go_on(
    make_clip: MakeClip, stylizer: Stylizer, tmp_path: Path, linked: bool
) -> None:
    clip = make_clip(frames=200)
    told: list[Outcome] = []
    job = VideoJob(clip, tmp_path / "a.mp4", resume=True)
    late = VideoJob(clip, tmp_path / "b.mp4", duration_seconds=0.2, resume=True)
    if linked:
        (tmp_path / "link.mp4").symlink_to(job.out)

    def paint_again(*_: object) -> None:
        if not told:
            again = replace(job, out=tmp_path / "link.mp4") if linked else job
            told.extend(paint_batch([again, late], Stylizer(stylizer.controls, "cpu", "pytorch")))

    assert paint_video(job, stylizer, watch=paint_again).frames == 200
    assert [outcome.state for outcome in told] == ["failed", "painted"]
    assert told[0].error.startswith(f"painting {told[0].out} is running in another process; wait")
    assert not [path for path in tmp_path.iterdir() if path.suffix in (".lock", ".parts", ".partial")]


def test_a_stop_ends_the_job_at_hand_and_begins_no_other(
    make_clip: MakeClip, stylizer: Stylizer, tmp_path: Path
) -> None:
    clip = make_clip(frames=100)
    stop = threading.Event()
    jobs = [VideoJob(clip, tmp_path / f"{number}.mkv") for number in range(2)]
    outcomes = list(paint_batch(jobs, stylizer, watch=lambda *_: stop.set(), stop=stop))
    assert [outcome.state for outcome in outcomes] == ["stopped"]
    assert not jobs[1].out.exists()
