"""Painting a file: complete or not at all, stopped with what is done, a failure told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

import livestyle
from livestyle.errors import SinkUnavailable, StageError
from livestyle.frame import Frame
from livestyle.jobs.video import Progress, paint_video
from livestyle.styles.style import Style
from livestyle.stylize.stylizer import Controls, Stylizer

MakeClip = Callable[..., Path]


def count(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_stylize_video_paints_every_frame(make_clip: MakeClip, tiny_style: Style, tmp_path: Path) -> None:
    seen: list[Progress] = []
    out = tmp_path / "out.mp4"
    report = livestyle.stylize_video(
        make_clip(frames=12), out, style=tiny_style.path, device="cpu", watch=seen.append
    )
    assert (report.path, report.frames, report.stopped) == (out, 12, False)
    assert count(out) == 12
    assert " cpu " in report.backend
    assert report.fps > 0
    assert len(seen) == 13
    assert (seen[-1].frames, seen[-1].total, seen[-1].eta_seconds) == (12, 12, 0.0)
    assert seen[0].total == 12


def test_frames_are_what_a_stylizer_gives(make_clip: MakeClip, tiny_style: Style) -> None:
    clip = make_clip(frames=3, sound=False)
    painted = list(livestyle.frames(clip, style=tiny_style.path, device="cpu"))
    plain = list(livestyle.frames(clip, style=tiny_style.path, device="cpu", strength=0))
    stylizer = Stylizer(Controls(style=str(tiny_style.path)), "cpu")
    assert [frame.pts_seconds for frame in painted] == [frame.pts_seconds for frame in plain]
    for frame, original in zip(painted, plain, strict=True):
        assert np.array_equal(frame.pixels, stylizer(original).pixels)
        assert not np.array_equal(frame.pixels, original.pixels)


def test_a_stopped_job_leaves_a_whole_file_of_what_is_done(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path
) -> None:
    stop = threading.Event()

    def watch(progress: Progress) -> None:
        if progress.frames >= 5:
            stop.set()

    out = tmp_path / "out.mp4"
    report = livestyle.stylize_video(
        make_clip(frames=100), out, style=tiny_style.path, device="cpu", watch=watch, stop=stop
    )
    assert report.stopped
    assert 5 <= count(out) == report.frames < 30


def test_a_failure_midway_leaves_the_old_file(make_clip: MakeClip, tiny_style: Style, tmp_path: Path) -> None:
    class Failing(Stylizer):
        def __call__(self, frame: Frame) -> Frame:
            if frame.index == 7:
                raise RuntimeError("out of paint")
            return super().__call__(frame)

    out = tmp_path / "out.mp4"
    out.write_text("precious")
    stylizer = Failing(Controls(style=str(tiny_style.path)), "cpu")
    with pytest.raises(StageError, match="out of paint"):
        paint_video(make_clip(frames=50), out, stylizer, overwrite=True)
    assert out.read_text() == "precious"


def test_nothing_is_left_open_when_the_output_cannot_be(make_clip: MakeClip, tiny_style: Style) -> None:
    clip = make_clip()
    with pytest.raises(SinkUnavailable, match="the video itself"):
        livestyle.stylize_video(clip, clip, style=tiny_style.path, device="cpu", overwrite=True)
    assert count(clip) == 12
