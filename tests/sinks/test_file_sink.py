"""FileSink: the painted file is the source in everything but the pixels, and never half a file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from livestyle.clip import Clip
from livestyle.errors import SinkUnavailable, StageError, UnknownName
from livestyle.frame import Frame, StreamInfo
from livestyle.settings import EncodeSettings
from livestyle.sinks.file import FileSink
from livestyle.sources.file import FileSource

MakeClip = Callable[..., Path]
LOSSLESS = EncodeSettings(quality="lossless", preset="ultrafast")
CAMERA = StreamInfo(64, 48, 25.0, live=True)


def copy(source_path: Path, out: Path, settings: EncodeSettings = LOSSLESS, **cut: float) -> Path:
    """Write the frames of one file into another, unpainted."""
    source = FileSource(source_path, **cut)
    sink = FileSink(out, source.info, source.clip, settings)
    for frame in source:
        sink.write(frame)
    source.close()
    sink.close()
    return out


def sounds(path: Path) -> list[tuple[str, float]]:
    """Return hash and time in seconds of each audio packet."""
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(audio=0) if p.dts is not None]
        return [(hashlib.md5(bytes(p)).hexdigest(), float(p.pts * p.time_base)) for p in packets]


def pictures(path: Path) -> list[tuple[float, np.ndarray]]:
    with av.open(str(path)) as container:
        return [
            (frame.time, frame.to_ndarray(format="rgb24").astype(int)) for frame in container.decode(video=0)
        ]


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv"])
def test_an_unpainted_copy_is_the_source(make_clip: MakeClip, tmp_path: Path, ending: str) -> None:
    source = make_clip("in.mp4", frames=24, fps=25)
    out = copy(source, tmp_path / f"out{ending}")
    for (time, pixels), (out_time, out_pixels) in zip(pictures(source), pictures(out), strict=True):
        assert out_time == pytest.approx(time, abs=0.0006 if ending == ".mkv" else 1e-9)
        assert np.array_equal(pixels, out_pixels)
    assert [sound for sound, _ in sounds(out)] == [sound for sound, _ in sounds(source)]
    assert [t for _, t in sounds(out)] == pytest.approx([t for _, t in sounds(source)], abs=0.03)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "hevc"), ("a.webm", "vp9"), ("a.mp4", "av1"), ("a.webm", "av1"), ("a.mkv", "ffv1")],
)
def test_lossless_keeps_every_value(make_clip: MakeClip, tmp_path: Path, name: str, codec: str) -> None:
    source = make_clip("in.mp4", frames=5, sound=False)
    out = copy(source, tmp_path / name, EncodeSettings(quality="lossless", codec=codec, preset="ultrafast"))
    for (_, pixels), (_, copied) in zip(pictures(source), pictures(out), strict=True):
        assert np.array_equal(pixels, copied)


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1", "vp9"])
def test_a_better_quality_is_a_larger_file(make_clip: MakeClip, tmp_path: Path, codec: str) -> None:
    source, sizes = make_clip("in.mp4", frames=5, sound=False), []
    for quality in ("0", "25", "51"):
        settings = EncodeSettings(quality=quality, codec=codec, preset="ultrafast")
        sizes.append(copy(source, tmp_path / f"{quality}.mp4", settings).stat().st_size)
    assert sizes[0] > sizes[1] > sizes[2]


@pytest.mark.parametrize(
    ("preset", "search"),
    [
        ("veryfast", b"subme=1 "),
        ("veryfast", b"me=dia "),
        ("veryfast", b"analyse=0x3:0x3 "),
        ("faster", b"subme=4"),
    ],
)
def test_the_usual_preset_searches_quickly(
    make_clip: MakeClip, tmp_path: Path, preset: str, search: bytes
) -> None:
    source = make_clip("in.mp4", frames=5, sound=False)
    out = copy(source, tmp_path / "out.mp4", EncodeSettings(preset=preset))
    assert search in out.read_bytes()  # x264 writes its settings into the file


@pytest.mark.parametrize("size", [(63, 47), (2, 2), (1, 1), (64, 47)])
def test_odd_sizes_stay(make_clip: MakeClip, tmp_path: Path, size: tuple[int, int]) -> None:
    out = copy(make_clip("in.mkv", size=size, codec="ffv1", sound=False), tmp_path / "out.mp4")
    assert {pixels.shape[1::-1] for _, pixels in pictures(out)} == {size}


def repaint(source: FileSource, sink: FileSink) -> None:
    """Write copies of the pixels: what a stylizer gives, but of the same colours."""
    for frame in source:
        sink.write(frame.with_pixels(frame.pixels.copy()))
    sink.close()
    source.close()


@pytest.mark.parametrize("matrix", [1, 5, 6, 9, 2])
@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
@pytest.mark.parametrize("format", ["yuv420p", "yuv444p", "yuv420p10le"])
def test_painted_frames_keep_colour_tags_and_colours(
    tmp_path: Path, matrix: int, full: bool, format: str
) -> None:
    range_ = 2 if full else 1
    picture = np.full((48, 64, 3), (180, 90, 60), np.uint8)
    with av.open(str(tmp_path / "in.mkv"), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"qp": "0"})
        video.width, video.height, video.pix_fmt = 64, 48, format
        video.codec_context.colorspace = matrix
        video.codec_context.color_range = range_
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame = frame.reformat(format=format, dst_colorspace=matrix, dst_color_range=range_)
        container.mux(video.encode(frame))
        container.mux(video.encode(None))
    source = FileSource(tmp_path / "in.mkv")
    repaint(source, FileSink(tmp_path / "out.mkv", source.info, source.clip, LOSSLESS))
    again = FileSource(tmp_path / "out.mkv")
    assert again.clip.colour == source.clip.colour
    assert again.clip.format == source.clip.format
    painted = next(iter(again))
    again.close()
    original = next(iter(FileSource(tmp_path / "in.mkv")))
    assert np.abs(painted.pixels.astype(int) - original.pixels).max() <= 1
    if matrix != 2:
        assert np.abs(painted.pixels.astype(int) - picture).max() <= 2


@pytest.mark.parametrize("name", ["in.mp4", "in.flv"])  # flv cannot be sought in before its second frame
@pytest.mark.parametrize("start", [0.4, 1.0])
def test_a_cut_takes_the_sound_with_it(make_clip: MakeClip, tmp_path: Path, name: str, start: float) -> None:
    source = make_clip(name, frames=100, fps=25)
    out = copy(source, tmp_path / "out.mp4", start_seconds=start, duration_seconds=2.0)
    assert [time for time, _ in pictures(out)] == pytest.approx([n / 25 for n in range(50)])
    at = dict(sounds(source))
    shifts = {round(at[sound] - time, 4) for sound, time in sounds(out)}
    with av.open(str(source)) as container:
        assert shifts == {round(container.start_time / 1e6 + start, 4)}
    assert max(time for _, time in sounds(out)) < 2.0


def test_an_abridged_file_ends_its_sound_with_its_picture(make_clip: MakeClip, tmp_path: Path) -> None:
    source = FileSource(make_clip("in.mp4", frames=100, fps=25))
    sink = FileSink(tmp_path / "out.mp4", source.info, source.clip, LOSSLESS)
    for frame in source:
        if frame.index == 50:
            break
        sink.write(frame)
    sink.abridge()
    sink.close()
    source.close()
    assert len(pictures(tmp_path / "out.mp4")) == 50
    assert 1.9 < max(time for _, time in sounds(tmp_path / "out.mp4")) < 2.0


def test_a_camera_starts_at_nought(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "out.mp4", CAMERA)
    for index in range(5):
        sink.write(Frame(np.full((48, 64, 3), index * 30, np.uint8), index, 1000.0 + index / 10))
    sink.close()
    assert [time for time, _ in pictures(tmp_path / "out.mp4")] == pytest.approx(
        [0, 0.1, 0.2, 0.3, 0.4], abs=1e-4
    )


def test_nothing_written_leaves_nothing(tmp_path: Path) -> None:
    FileSink(tmp_path / "out.mp4", CAMERA).close()
    assert list(tmp_path.glob("out*")) == []


def test_an_existing_file_is_only_replaced_when_asked_and_when_complete(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    out.write_text("precious")
    with pytest.raises(SinkUnavailable, match="give -y"):
        FileSink(out, CAMERA)
    sink = FileSink(out, CAMERA, overwrite=True)
    sink.write(Frame(np.zeros((48, 64, 3), np.uint8), 0, 0.0))
    assert out.read_text() == "precious"
    sink.close()
    assert len(pictures(out)) == 1


def test_what_another_made_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    sink = FileSink(out, CAMERA)
    sink.write(Frame(np.zeros((48, 64, 3), np.uint8), 0, 0.0))
    out.write_text("of another show")
    with pytest.raises(StageError, match=r"is there now, of another; what was done is in .*\.partial"):
        sink.close()
    assert out.read_text() == "of another show" and not sink.saved
    assert len(pictures(sink.partial)) == 1


def test_after_a_failure_the_old_file_stays(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    out.write_text("precious")
    sink = FileSink(out, CAMERA, overwrite=True)
    sink.write(Frame(np.zeros((48, 64, 3), np.uint8), 0, 0.0))
    sink.abandon()
    sink.close()
    assert out.read_text() == "precious"
    assert len(pictures(sink.partial)) == 1


def test_numbers_that_no_video_has_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    FileSink(tmp_path / "a%d.mp4", StreamInfo(64, 48, 25.0, False)).close()
    assert "a%d.mp4 is one file of this name; pictures alone are numbered" in caplog.text


def test_a_full_disk_is_told_in_one_line() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    sink = FileSink(Path("/dev/shm/livestyle-test.mp4"), CAMERA)
    sink.partial.unlink()
    sink.partial.symlink_to("/dev/full")
    try:
        with pytest.raises(StageError, match="no space left on device; what was done is in"):
            for index in range(400):
                sink.write(
                    Frame(
                        np.random.default_rng(index).integers(0, 255, (48, 64, 3), np.uint8),
                        index,
                        index / 25,
                    )
                )
        sink.close()
        assert not sink.path.exists()
    finally:
        sink.partial.unlink()


@pytest.mark.parametrize(
    ("name", "error", "text"),
    [
        ("out.txt", UnknownName, "there are"),
        ("out", UnknownName, "there are"),
        ("folder.mp4", SinkUnavailable, "is a folder"),
        ("missing/out.mp4", SinkUnavailable, "no folder"),
        ("in.mp4", SinkUnavailable, "what is painted from"),
    ],
)
def test_a_name_that_cannot_be_written_is_told(
    make_clip: MakeClip, tmp_path: Path, name: str, error: type[Exception], text: str
) -> None:
    (tmp_path / "folder.mp4").mkdir()
    source = FileSource(make_clip("in.mp4"))
    before = (tmp_path / "in.mp4").read_bytes()
    with pytest.raises(error, match=text):
        FileSink(tmp_path / name, source.info, source.clip, overwrite=True)
    source.close()
    assert (tmp_path / "in.mp4").read_bytes() == before


@pytest.mark.parametrize("complete", [True, False])
def test_a_link_stays_and_the_file_behind_it_is_replaced_when_all_is_done(
    make_clip: MakeClip, tmp_path: Path, complete: bool
) -> None:
    (tmp_path / "disk").mkdir()
    target, link = tmp_path / "disk" / "film.mp4", tmp_path / "out.mp4"
    target.write_bytes(b"precious")
    link.symlink_to(target)
    source = FileSource(make_clip("in.mp4"))
    sink = FileSink(link, source.info, source.clip, LOSSLESS, overwrite=True)
    for frame in source:
        sink.write(frame)
    source.close()
    assert target.read_bytes() == b"precious" and sink.partial.parent == target.parent
    if not complete:
        sink.abandon()
    sink.close()
    assert link.is_symlink() and (target.read_bytes() == b"precious") != complete
    assert not complete or (len(pictures(link)) == 12 and list(target.parent.iterdir()) == [target])


def test_a_pipe_is_refused(make_clip: MakeClip, tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes with names on this system")
    os.mkfifo(tmp_path / "out.mp4")
    source = FileSource(make_clip("in.mp4"))
    with pytest.raises(SinkUnavailable, match=r"cannot write .*out\.mp4: it is a pipe or a device, no file"):
        FileSink(tmp_path / "out.mp4", source.info, source.clip, overwrite=True)
    source.close()
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["in.mp4"]


def test_clip_of_a_cut_says_where_it_begins(make_clip: MakeClip) -> None:
    source = FileSource(make_clip("in.mp4", frames=50, fps=25), start_seconds=1.0)
    source.close()
    clip: Clip = source.clip
    assert clip.origin * clip.time_base == 1
    assert clip.start_seconds == 1.0
