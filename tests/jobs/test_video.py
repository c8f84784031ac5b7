"""Painting a file: complete or not at all, stopped with what is done, a failure told."""

from __future__ import annotations

import _thread
import gc
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import moving_gradient
from screen import wait_for

import livestyle
from livestyle.errors import SinkUnavailable, StageError, UsageError
from livestyle.frame import Frame
from livestyle.jobs.batch import paint_batch
from livestyle.jobs.video import Progress, VideoJob, paint_video
from livestyle.pictures import Picture, write_picture
from livestyle.settings import EncodeSettings, ReadSettings
from livestyle.sinks.encoder import SEGMENT_FRAMES
from livestyle.sinks.journal import FORMAT
from livestyle.styles.style import Style
from livestyle.stylize.cutout.matte import Seen
from livestyle.stylize.smoother import Past
from livestyle.stylize.stylizer import Controls, Stylizer

MakeClip = Callable[..., Path]


def count(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_stylize_video_paints_every_frame(make_clip: MakeClip, tiny_style: Style, tmp_path: Path) -> None:
    seen: list[Progress] = []
    out = tmp_path / "out.mp4"
    report = livestyle.stylize_video(
        make_clip(frames=12),
        out,
        style=tiny_style.path,
        device="cpu",
        watch=lambda done, _: seen.append(done),
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

    def watch(progress: Progress, _: Frame | None) -> None:
        if progress.frames >= 5:
            stop.set()

    out = tmp_path / "out.mp4"
    report = livestyle.stylize_video(
        make_clip(frames=100), out, style=tiny_style.path, device="cpu", watch=watch, stop=stop
    )
    assert report.stopped
    assert 5 <= count(out) == report.frames < 30


def test_a_resumed_job_replaces_the_old_file_only_when_it_is_whole(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path
) -> None:
    out, clip = tmp_path / "out.mp4", make_clip(frames=4 * SEGMENT_FRAMES)
    out.write_text("painted whole")
    for part in (1, 2, 9):
        stop = threading.Event()

        def watch(
            progress: Progress, _: Frame | None, part: int = part, stop: threading.Event = stop
        ) -> None:
            if progress.frames > part * SEGMENT_FRAMES:
                stop.set()

        report = livestyle.stylize_video(
            clip,
            out,
            style=tiny_style.path,
            device="cpu",
            overwrite=True,
            resume=True,
            watch=watch,
            stop=stop,
        )
        if part < 9:
            assert report.stopped and report.path == tmp_path / "out.mp4.resumable.partial"
            assert out.read_text() == "painted whole"
    assert report.path == out and count(out) == 4 * SEGMENT_FRAMES
    assert [path.name for path in tmp_path.glob("out*")] == ["out.mp4"]


def test_a_failure_midway_leaves_the_old_file(make_clip: MakeClip, tiny_style: Style, tmp_path: Path) -> None:
    class Failing(Stylizer):
        def tick(self, frame: Frame) -> float:
            if frame.index == 7:
                raise RuntimeError("out of paint")
            return super().tick(frame)

    out = tmp_path / "out.mp4"
    out.write_text("precious")
    stylizer = Failing(Controls(style=str(tiny_style.path)), "cpu")
    with pytest.raises(StageError, match="out of paint"):
        paint_video(VideoJob(make_clip(frames=50), out, overwrite=True), stylizer)
    assert out.read_text() == "precious"


@pytest.mark.parametrize("failure", [ValueError("mine"), SystemExit("enough"), KeyboardInterrupt()])
def test_what_the_watcher_raises_ends_the_job_and_comes_out(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path, failure: BaseException
) -> None:
    def watch(_: Progress, frame: Frame | None) -> None:
        if frame is not None and frame.index == 5:
            raise failure

    out = tmp_path / "out.mp4"
    out.write_text("precious")
    how = {"style": tiny_style.path, "device": "cpu", "overwrite": True}
    with pytest.raises(type(failure)) as raised:
        livestyle.stylize_video(make_clip(frames=50), out, watch=watch, **how)  # type: ignore[arg-type]
    assert raised.value is failure
    assert out.read_text() == "precious"


def test_what_failed_first_is_told_though_the_watcher_raised_too(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    died = threading.Event()

    def write(*_: object) -> None:
        died.set()
        raise RuntimeError("the codec died")

    def watch(_: Progress, frame: Frame | None) -> None:
        if frame is not None and frame.index == 3:
            died.wait(10)
            time.sleep(0.3)  # until it is known
            raise ValueError("mine")

    monkeypatch.setattr("livestyle.sinks.file.FileSink.write", write)
    with pytest.raises(StageError, match="the codec died"):
        livestyle.stylize_video(
            make_clip(frames=20), tmp_path / "out.mp4", style=tiny_style.path, device="cpu", watch=watch
        )


def test_ctrl_c_in_a_script_leaves_the_old_file(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path
) -> None:
    def watch(_: Progress, frame: Frame | None) -> None:
        if frame is not None and frame.index == 5:
            _thread.interrupt_main()
            time.sleep(0.5)

    out = tmp_path / "out.mp4"
    out.write_text("precious")
    how = {"style": tiny_style.path, "device": "cpu", "overwrite": True}
    with pytest.raises(KeyboardInterrupt):
        livestyle.stylize_video(make_clip(frames=100), out, watch=watch, **how)  # type: ignore[arg-type]
    assert out.read_text() == "precious"
    assert 5 <= count(next(tmp_path.glob("*.partial"))) < 50


def test_nothing_waits_for_the_collector_of_garbage(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path
) -> None:
    stylizer = Stylizer(Controls(style=str(tiny_style.path)), "cpu")
    gone = weakref.ref(stylizer)
    gc.collect()
    gc.disable()
    try:
        paint_video(VideoJob(make_clip(frames=5), tmp_path / "out.mp4"), stylizer)
        del stylizer
        assert gone() is None
    finally:
        gc.enable()


def test_frames_says_what_is_wrong_when_it_is_called(make_clip: MakeClip, tiny_style: Style) -> None:
    with pytest.raises(UsageError, match="no style named 'nope'"):
        livestyle.frames(make_clip(), style="nope")
    with pytest.raises(UsageError, match="cannot open missing"):
        livestyle.frames("missing.mp4", style=tiny_style.path)


def test_nothing_is_left_open_when_the_output_cannot_be(make_clip: MakeClip, tiny_style: Style) -> None:
    clip = make_clip()
    with pytest.raises(SinkUnavailable, match="what is painted from"):
        livestyle.stylize_video(clip, clip, style=tiny_style.path, device="cpu", overwrite=True)
    assert count(clip) == 12


def test_what_a_job_remembers_has_the_form_that_its_format_says() -> None:
    """Or a job that another version began would go on with what this cannot read: raise FORMAT as well."""
    remembered = [item.name for kind in (Past, Seen) for item in fields(kind)]
    smoother = [
        "content",
        "small",
        "seen",
        "rest",
        "residual",
        "drift",
        "noise",
        "grain",
        "painting",
        "painted",
    ]
    assert (FORMAT, remembered) == (6, [*smoother, "small", "mask"])


@pytest.fixture
def short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let jobs be resumed after every tenth frame."""
    for module in ("sinks.encoder", "sinks.journal", "jobs.video"):
        monkeypatch.setattr(f"livestyle.{module}.SEGMENT_FRAMES", 10)


@pytest.mark.usefixtures("short_segments")
@pytest.mark.parametrize(
    ("ending", "codec"),
    [
        (".mp4", "h264"),
        (".mp4", "hevc"),
        (".mov", "prores"),
        (".mkv", "ffv1"),
        (".webm", "vp9"),
        (".gif", "gif"),
    ],
)
def test_a_resumed_job_writes_the_same_file_as_one_that_was_not_cut_off(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path, ending: str, codec: str
) -> None:
    """The codec starts afresh, and the stylizer remembers, at the same frames either way."""
    clip, encode = make_clip(frames=34), EncodeSettings(codec=codec)
    stylizer = Stylizer(Controls(style=str(tiny_style.path)), "cpu", "pytorch")
    paint_video(VideoJob(clip, tmp_path / f"whole{ending}", encode=encode), stylizer)

    class Breaking(Stylizer):
        def tick(self, frame: Frame) -> float:
            if frame.index == 28:
                raise RuntimeError("no power")
            return super().tick(frame)

    job = VideoJob(clip, tmp_path / f"resumed{ending}", encode=encode, resume=True)
    with pytest.raises(StageError, match="no power"):
        paint_video(job, Breaking(Controls(style=str(tiny_style.path)), "cpu", "pytorch"))
    assert not job.out.exists()
    painted: list[int] = []
    report = paint_video(job, stylizer, watch=lambda _, frame: painted.append(frame.index) if frame else None)
    assert painted == list(range(20, 34))
    assert report.frames == 34
    assert job.out.read_bytes() == (tmp_path / f"whole{ending}").read_bytes()
    assert sorted(tmp_path.glob("resumed*")) == [job.out]


@pytest.mark.usefixtures("short_segments")
def test_what_a_gif_leaves_out_is_left_out_of_a_resumed_one(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path
) -> None:
    clip = make_clip(frames=35, fps=60, sound=False)
    stylizer = Stylizer(Controls(style=str(tiny_style.path)), "cpu", "pytorch")
    whole = paint_video(VideoJob(clip, tmp_path / "whole.gif"), stylizer)
    job = VideoJob(clip, tmp_path / "resumed.gif", resume=True)
    stop = threading.Event()

    def stop_at(progress: Progress, _: Frame | None) -> None:
        if progress.frames >= 22:
            stop.set()

    assert paint_video(job, stylizer, watch=stop_at, stop=stop).stopped
    job.out.unlink()
    painted: list[int] = []
    report = paint_video(job, stylizer, watch=lambda _, frame: painted.append(frame.index) if frame else None)
    assert painted[0] in (20, 30)
    assert report.frames == whole.frames == 30
    assert job.out.read_bytes() == (tmp_path / "whole.gif").read_bytes()


@pytest.mark.usefixtures("short_segments")
def test_pictures_are_resumed_before_they_are_a_second_old(tiny_style: Style, tmp_path: Path) -> None:
    for number, pixels in enumerate(moving_gradient(24, (64, 48))):
        write_picture(tmp_path / f"{number}.png", Picture(pixels))
    broken = threading.Event()

    class Breaking(Stylizer):
        def tick(self, frame: Frame) -> float:
            if frame.index == 13 and not broken.is_set():
                wait_for((tmp_path / "out.mp4.parts" / "000000.packets").exists)
                broken.set()
                raise RuntimeError("no power")
            return super().tick(frame)

    stylizer = Breaking(Controls(style=str(tiny_style.path)), "cpu", "pytorch")
    job = VideoJob(tmp_path / "%d.png", tmp_path / "out.mp4", read=ReadSettings(fps=60), resume=True)
    with pytest.raises(StageError, match="no power"):
        paint_video(job, stylizer)
    painted: list[int] = []
    paint_video(job, stylizer, watch=lambda _, frame: painted.append(frame.index) if frame else None)
    assert painted == list(range(10, 24))
    assert count(job.out) == 24


@pytest.mark.usefixtures("short_segments")
def test_transparency_is_resumed_too(tiny_style: Style, tmp_path: Path) -> None:
    """VP9 keeps it beside its packets."""
    clip = tmp_path / "in.mov"
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("qtrle", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "argb"
        for index in range(25):
            picture = np.full((48, 64, 4), 9 * index, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "argb")))
        container.mux(stream.encode(None))
    stylizer = Stylizer(Controls(style=str(tiny_style.path)), "cpu", "pytorch")
    paint_video(VideoJob(clip, tmp_path / "whole.webm"), stylizer)

    class Breaking(Stylizer):
        def tick(self, frame: Frame) -> float:
            if frame.index == 23:
                wait_for(kept.exists)  # the file is written on another thread
                raise RuntimeError("no power")
            return super().tick(frame)

    kept = tmp_path / "resumed.webm.parts" / "000001.packets"
    job = VideoJob(clip, tmp_path / "resumed.webm", resume=True)
    with pytest.raises(StageError, match="no power"):
        paint_video(job, Breaking(Controls(style=str(tiny_style.path)), "cpu", "pytorch"))
    assert kept.exists()
    paint_video(job, stylizer)
    assert job.out.read_bytes() == (tmp_path / "whole.webm").read_bytes()


def stop_late(job: VideoJob, stylizer: Stylizer) -> None:
    """Paint *job* up to about frame 15, and stop."""
    stop = threading.Event()

    def end_late(progress: Progress, frame: Frame | None) -> None:
        if frame and frame.index >= 15:
            stop.set()

    assert paint_video(job, stylizer, watch=end_late, stop=stop).stopped


@pytest.mark.usefixtures("short_segments")
def test_another_job_does_not_go_on_from_what_is_kept(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path
) -> None:
    clip = make_clip(frames=24)
    stylizer = Stylizer(Controls(style=str(tiny_style.path), strength=0.0), "cpu", "pytorch")
    job = VideoJob(clip, tmp_path / "out.mp4", resume=True)
    stop_late(job, stylizer)
    assert (tmp_path / "out.mp4.parts").is_dir()
    assert count(job.out) > 10
    stylizer.controls = Controls(style=str(tiny_style.path), strength=0.5)
    seen: list[int] = []
    paint_video(
        replace(job, overwrite=True),
        stylizer,
        watch=lambda _, frame: seen.append(frame.index) if frame else None,
    )
    assert seen == list(range(24))


@pytest.mark.usefixtures("short_segments")
def test_a_job_goes_on_however_its_files_are_spelled_but_not_with_another_encoder(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = make_clip(frames=24)
    stylizer = Stylizer(Controls(style=str(tiny_style.path)), "cpu", "pytorch")
    job = VideoJob(clip, tmp_path / "out.mp4", resume=True)
    stop_late(job, stylizer)
    kept = len(list((tmp_path / "out.mp4.parts").glob("0*.packets")))
    note = tmp_path / "out.mp4.parts" / "job.json"
    told = note.read_text()
    note.write_text(told.replace("libx264", "h264_nvenc"))
    with pytest.raises(SinkUnavailable, match="another encoder than there is now"):
        paint_video(job, stylizer)
    note.write_text(told)
    monkeypatch.chdir(tmp_path)
    painted: list[int] = []
    near = replace(job, source=Path(clip.name), out=Path("out.mp4"))
    paint_video(near, stylizer, watch=lambda _, frame: painted.append(frame.index) if frame else None)
    assert kept and painted == list(range(10 * kept, 24))


@pytest.mark.usefixtures("short_segments")
def test_a_refused_job_leaves_alone_what_another_kept(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path
) -> None:
    clip = make_clip(frames=24)
    stylizer = Stylizer(Controls(style=str(tiny_style.path)), "cpu", "pytorch")
    job = VideoJob(clip, tmp_path / "out.mp4", resume=True)
    stop_late(job, stylizer)
    kept = len(list((tmp_path / "out.mp4.parts").glob("0*.packets")))
    with pytest.raises(SinkUnavailable, match="exists; give -y"):
        paint_video(replace(job, duration_seconds=0.5), stylizer)
    with pytest.raises(UsageError, match="cannot hold"):
        paint_video(replace(job, encode=EncodeSettings(codec="prores"), overwrite=True), stylizer)
    painted: list[int] = []
    paint_video(job, stylizer, watch=lambda _, frame: painted.append(frame.index) if frame else None)
    assert kept and painted == list(range(10 * kept, 24))


@pytest.mark.usefixtures("short_segments")
def test_a_resumed_job_replaces_no_file_of_another(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path
) -> None:
    class Breaking(Stylizer):
        def tick(self, frame: Frame) -> float:
            if frame.index == 48:
                raise RuntimeError("no power")
            return super().tick(frame)

    controls = Controls(style=str(tiny_style.path), strength=0.0)
    job = VideoJob(make_clip(frames=60), tmp_path / "out.mp4", resume=True)
    with pytest.raises(StageError, match="no power"):
        paint_video(job, Breaking(controls, "cpu", "pytorch"))
    job.out.write_text("of another")
    stylizer = Stylizer(controls, "cpu", "pytorch")
    (outcome,) = paint_batch([job], stylizer)
    assert (outcome.state, outcome.error) == ("failed", f"{job.out} exists; give -y to replace it")
    assert job.out.read_text() == "of another"

    job.out.unlink()
    stop_late(job, stylizer)
    mine = job.out.read_bytes()
    with pytest.raises(StageError, match="no power"):  # it was begun, and may: what is there is its own
        paint_video(job, Breaking(controls, "cpu", "pytorch"))
    assert job.out.read_bytes() == mine
    painted: list[int] = []
    paint_video(job, stylizer, watch=lambda _, frame: painted.append(frame.index) if frame else None)
    assert painted[-1] == 59 and painted[0] > 0 and count(job.out) == 60


def test_numbered_pictures_in_a_new_folder_have_one_run(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path
) -> None:
    stylizer = Stylizer(Controls(style=str(tiny_style.path)), "cpu", "pytorch")
    job, told = VideoJob(make_clip(), tmp_path / "new" / "%d.png", resume=True), []

    def paint_again(*_: object) -> None:
        with pytest.raises(UsageError, match="is running in another process") as caught:
            paint_video(job, stylizer)
        told.append(caught)

    paint_video(job, stylizer, watch=paint_again)
    assert len(told) == 13
    assert len(list(job.out.parent.iterdir())) == 12


def test_a_refused_job_leaves_no_folder(make_clip: MakeClip, tiny_style: Style, tmp_path: Path) -> None:
    stylizer = Stylizer(Controls(style=str(tiny_style.path)), "cpu", "pytorch")
    (tmp_path / "broken.mp4").write_text("no video")
    for source, codec in ((make_clip(), "prores"), (tmp_path / "broken.mp4", "auto")):
        with pytest.raises(UsageError):
            paint_video(
                VideoJob(source, tmp_path / "out.mp4", encode=EncodeSettings(codec=codec), resume=True),
                stylizer,
            )
        with pytest.raises(UsageError):
            paint_video(
                VideoJob(
                    source, tmp_path / "out" / "%d.png", encode=EncodeSettings(codec="vp9"), resume=True
                ),
                stylizer,
            )
        assert not list(tmp_path.glob("out*"))
