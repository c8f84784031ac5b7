"""Numbered pictures, out of videos and back into them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from livestyle.errors import LivestyleError, SinkUnavailable, SourceUnavailable, StageError, UsageError
from livestyle.frame import Frame, Pixels, StreamInfo
from livestyle.jobs.video import VideoJob, paint_video
from livestyle.pictures import load_picture
from livestyle.settings import EncodeSettings, ReadSettings
from livestyle.sinks.file import FileSink
from livestyle.sinks.journal import Journal
from livestyle.sinks.sequence import SequenceSink
from livestyle.sources.file import FileSource
from livestyle.styles.style import Style
from livestyle.stylize.stylizer import Controls, Stylizer

MakeClip = Callable[..., Path]
AS_IT_IS = ReadSettings()


def copy(source: Path, out: Path, read: ReadSettings = AS_IT_IS, **encode: object) -> list[Pixels]:
    """Write the frames of *source*, unpainted, to *out*; return them."""
    opened = FileSource(source, read)
    sink = SequenceSink(out, opened.info, opened.clip, EncodeSettings(**encode))  # type: ignore[arg-type]
    frames = list(opened)
    for frame in frames:
        sink.write(frame)
    sink.close()
    opened.close()
    return [frame.pixels for frame in frames]


@pytest.mark.parametrize(("ending", "error"), [(".png", 0), (".tiff", 0), (".jpg", 16)])
def test_each_frame_is_a_picture_and_sound_is_said_to_be_lost(
    make_clip: MakeClip, tmp_path: Path, caplog: pytest.LogCaptureFixture, ending: str, error: int
) -> None:
    frames = copy(make_clip(frames=5), tmp_path / "new" / f"%03d{ending}")
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names == [f"00{number}{ending}" for number in range(1, 6)]
    for name, frame in zip(names, frames, strict=True):
        written = load_picture(tmp_path / "new" / name).pixels
        assert np.abs(written.astype(int) - frame).max() <= error
    assert [record.message for record in caplog.records] == ["pictures have no sound: it is left out"]


def transparent(tmp_path: Path) -> Path:
    path = tmp_path / "transparent.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("qtrle", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 24, "argb"
        for index in range(3):
            picture = np.full((24, 32, 4), 40 * index + 50, np.uint8)
            picture[:, :16, 0] = 100 * index
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "argb")))
        container.mux(stream.encode(None))
    return path


def test_transparency_goes_into_pictures_and_out_again(tmp_path: Path) -> None:
    copy(transparent(tmp_path), tmp_path / "%d.png")
    alpha = load_picture(tmp_path / "3.png").alpha
    assert alpha is not None
    assert (alpha[0, 0], alpha[0, 31]) == (200, 130)
    source = FileSource(tmp_path / "%d.png", ReadSettings(fps=10))
    assert source.clip.alpha
    frames = list(source)
    source.close()
    assert [frame.pts_seconds for frame in frames] == pytest.approx([0, 0.1, 0.2])
    assert frames[2].original is not None
    assert np.array_equal(frames[2].original.planes[3], alpha)


def test_pictures_keep_their_numbers(make_clip: MakeClip, tmp_path: Path) -> None:
    copy(make_clip(frames=4), tmp_path / "a%d.png")
    for number in range(4, 0, -1):
        (tmp_path / f"a{number}.png").rename(tmp_path / f"a{number + 1000}.png")
    copy(tmp_path / "a%d.png", tmp_path / "b%05d.png", ReadSettings(fps=30000 / 1001))
    for number in range(1001, 1005):
        assert np.array_equal(
            load_picture(tmp_path / f"a{number}.png").pixels,
            load_picture(tmp_path / f"b0{number}.png").pixels,
        )


def test_a_rate_is_that_of_the_pictures(
    make_clip: MakeClip, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy(make_clip(frames=4, sound=False), tmp_path / "%d.png")
    with_rate = FileSource(tmp_path / "%d.png", ReadSettings(fps=30000 / 1001))
    assert with_rate.clip.rate == Fraction(30000, 1001)
    assert not caplog.records
    without = FileSource(tmp_path / "%d.png")
    assert without.clip.rate == 25
    assert "25 frames per second" in caplog.text
    assert [len(list(source)) for source in (with_rate, without)] == [4, 4]
    with_rate.close()
    without.close()


def refusals(clip: Path, folder: Path) -> Iterator[tuple[Callable[[], object], type[LivestyleError], str]]:
    yield lambda: copy(clip, folder / "one.png"), UsageError, "one-%05d.png"
    yield lambda: copy(clip, folder / "%d.png"), SinkUnavailable, "exists; give -y"
    yield lambda: copy(folder / "%d.png", folder / "%d.png"), SinkUnavailable, "themselves"
    yield lambda: copy(clip, folder / "1.png" / "%d.png"), SinkUnavailable, "cannot make the folder"
    yield lambda: copy(clip, folder / "x%d.jpg", quality="lossless"), UsageError, ".png and .tiff"
    yield lambda: copy(clip, folder / "x%d.png", codec="h264"), UsageError, "no codec"
    yield lambda: FileSource(folder / "no%d.png"), SourceUnavailable, "no pictures named .*no%d.png"
    yield lambda: FileSource(folder), SourceUnavailable, "%05d.png"
    (folder / "2.png").unlink()
    yield lambda: FileSource(folder / "%d.png"), SourceUnavailable, "the first is .*2.png"


def test_what_cannot_be_is_refused(make_clip: MakeClip, tmp_path: Path) -> None:
    clip = make_clip(frames=3)
    copy(clip, tmp_path / "%d.png")
    for call, kind, text in refusals(clip, tmp_path):
        with pytest.raises(kind, match=text):
            call()


def test_a_resumed_job_writes_the_same_pictures(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("sinks.encoder", "sinks.sequence", "sinks.journal", "jobs.video"):
        monkeypatch.setattr(f"livestyle.{module}.SEGMENT_FRAMES", 10)

    class Breaking(Stylizer):
        def tick(self, frame: Frame) -> float:
            if frame.index == 28:
                raise RuntimeError("no power")
            return super().tick(frame)

    clip, controls = make_clip(frames=34), Controls(style=str(tiny_style.path))
    paint_video(VideoJob(clip, tmp_path / "whole" / "%d.png"), Stylizer(controls, "cpu", "pytorch"))
    job = VideoJob(clip, tmp_path / "resumed" / "%d.png", resume=True)
    with pytest.raises(StageError, match="no power"):
        paint_video(job, Breaking(controls, "cpu", "pytorch"))
    painted: list[int] = []
    paint_video(
        job,
        Stylizer(controls, "cpu", "pytorch"),
        watch=lambda _, frame: painted.append(frame.index) if frame else None,
    )
    assert painted == list(range(20, 34))
    assert len(list((tmp_path / "resumed").iterdir())) == 34
    for path in (tmp_path / "resumed").iterdir():
        assert path.read_bytes() == (tmp_path / "whole" / path.name).read_bytes()


def test_macos_takes_other_spellings_for_the_pictures_themselves(
    make_clip: MakeClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy(make_clip(frames=2), tmp_path / "a%d.png")
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SinkUnavailable, match="themselves"):
        copy(tmp_path / "a%d.png", tmp_path / "A%d.PNG")


def test_on_windows_who_looks_at_a_picture_ends_no_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info, journal = StreamInfo(64, 48, 30.0, live=False), Journal(tmp_path / "parts", "a job")
    journal.begin()
    sink = SequenceSink(tmp_path / "%d.png", info, journal=journal)
    sink.write(Frame(np.zeros((48, 64, 3), np.uint8), 0, 0.0))
    refusals, opened = [PermissionError(13, "in use")] * 2, Path.open

    def refuse_twice(path: Path, mode: str = "r") -> object:
        if mode == "rb+" and refusals:
            raise refusals.pop()
        return opened(path, mode)

    monkeypatch.setattr(Path, "open", refuse_twice)
    monkeypatch.setattr(sys, "platform", "win32")
    sink.close()
    assert not refusals and [path.name for path in tmp_path.iterdir()] == ["1.png"]


def test_live_pictures_have_no_gap_where_frames_are_dropped(tmp_path: Path) -> None:
    sink = SequenceSink(tmp_path / "%05d.png", StreamInfo(64, 48, 30.0, live=True))
    for index in (0, 2, 5, 6):
        sink.write(Frame(np.full((48, 64, 3), index, np.uint8), index, index / 30))
    sink.close()
    source = FileSource(tmp_path / "%05d.png")
    assert [int(frame.pixels[0, 0, 0]) for frame in source] == [0, 2, 5, 6]
    source.close()


def test_what_pictures_and_codecs_cannot_keep_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    deep = tmp_path / "deep.mkv"
    with av.open(str(deep), "w") as container:
        video = container.add_stream("ffv1", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p10le"
        frame = av.VideoFrame(64, 48, "yuv420p10le")
        container.mux([*video.encode(frame), *video.encode(None)])
    copy(deep, tmp_path / "%05d.png")
    assert "written in 8 bits" in caplog.text
    caplog.clear()
    for settings, told in (({"quality": "lossless"}, "RGB is kept as YUV"), ({}, "")):
        source = FileSource(tmp_path / "%05d.png")
        encode = EncodeSettings(**settings)  # type: ignore[arg-type]
        FileSink(tmp_path / "out.mkv", source.info, source.clip, encode).close()
        source.close()
        assert told in caplog.text
        caplog.clear()
