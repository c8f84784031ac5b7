"""FileSource: every frame once, at its own time, exact colours, and one line for what is no video."""

from __future__ import annotations

import logging
import math
import os
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import copy_clip

from livestyle.errors import SourceUnavailable, UsageError
from livestyle.pictures import Picture, write_picture
from livestyle.settings import ReadSettings
from livestyle.sources.file import FileSource

MakeClip = Callable[..., Path]


def times(path: Path, **cut: float) -> list[float]:
    source = FileSource(path, **cut)
    try:
        return [frame.pts_seconds for frame in source]
    finally:
        source.close()


def write_at(
    path: Path, ticks: list[int], *, format: str = "yuv420p", size: tuple[int, int] = (64, 48)
) -> None:
    """Write a clip whose frames are shown at *ticks* thousandths of a second."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, time_base=Fraction(1, 1000))
        video.width, video.height, video.pix_fmt = *size, format
        for tick in ticks:
            frame = av.VideoFrame.from_ndarray(
                np.full((*size[::-1], 3), tick % 200, np.uint8), format="rgb24"
            )
            frame.pts, frame.time_base = tick, video.codec_context.time_base
            container.mux(video.encode(frame))
        container.mux(video.encode(None))


def test_frames_come_in_order_with_their_index_and_time(make_clip: MakeClip) -> None:
    source = FileSource(make_clip(frames=12, fps=24))
    frames = list(source)
    source.close()
    assert [frame.index for frame in frames] == list(range(12))
    assert [frame.pts_seconds for frame in frames] == pytest.approx([n / 24 for n in range(12)])
    assert (source.info.width, source.info.height, source.info.frame_count) == (64, 48, 12)
    assert source.info.fps == pytest.approx(24)
    assert not source.info.live


def test_irregular_times_stay_as_they_are(tmp_path: Path) -> None:
    ticks = [0, 7, 8, 100, 101, 640, 2000]
    write_at(tmp_path / "vfr.mp4", ticks)
    assert times(tmp_path / "vfr.mp4") == [tick / 1000 for tick in ticks]


def test_a_cut_holds_the_frames_between_its_ends(make_clip: MakeClip) -> None:
    clip = make_clip(frames=60, fps=10, sound=False)
    assert times(clip, start_seconds=2.0, duration_seconds=1.0) == pytest.approx(
        [2 + n / 10 for n in range(10)]
    )
    assert times(clip, duration_seconds=0.35) == pytest.approx([0, 0.1, 0.2, 0.3])
    assert times(clip, start_seconds=5.85) == pytest.approx([5.9])


@pytest.mark.parametrize("name", ["clip.h264", "clip.mjpeg", "%03d.png", "clip.avi"])
@pytest.mark.parametrize("start", [0.4, 2.0])
def test_a_cut_begins_where_it_is_told_even_where_a_file_cannot_be_sought_in(
    tmp_path: Path, name: str, start: float
) -> None:
    codec = {".h264": "libx264", ".mjpeg": "mjpeg", ".png": "png", ".avi": "mpeg4"}[Path(name).suffix]
    with av.open(str(tmp_path / name), "w") as container:
        video = container.add_stream(codec, rate=25)
        video.width, video.height = 64, 48
        video.pix_fmt = {"mjpeg": "yuvj420p", "png": "rgb24"}.get(codec, "yuv420p")
        for index in range(75):
            pixels = np.full((48, 64, 3), 3 * index, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(video.encode(None))
    whole = times(tmp_path / name)
    assert times(tmp_path / name, start_seconds=start) == [time for time in whole if time >= start]


@pytest.mark.parametrize(
    ("start", "duration", "told"),
    [
        (-1.0, None, "--start"),
        (0.0, 0.0, "--duration"),
        (0.0, -2.0, "--duration"),
        (math.nan, None, "--start"),
        (math.inf, None, "--start"),
        (1e15, None, "--start"),
        (1.0, math.nan, "--duration"),
        (0.0, math.inf, "--duration"),
    ],
)
def test_an_impossible_cut_is_told(
    make_clip: MakeClip, start: float, duration: float | None, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        FileSource(make_clip(), start_seconds=start, duration_seconds=duration)


def test_a_cut_behind_the_end_is_told(make_clip: MakeClip) -> None:
    with pytest.raises(SourceUnavailable, match="no frame after 99 s"):
        FileSource(make_clip(), start_seconds=99)


def test_a_cut_before_the_picture_begins_is_told(shared_data: Path) -> None:
    clip = shared_data / "clips" / "odd_edit_list_shift.mp4"  # its sound begins a second before
    with pytest.raises(SourceUnavailable, match=r"shows nothing between 0 s and 0\.5 s; give a longer"):
        FileSource(clip, duration_seconds=0.5)


@pytest.mark.parametrize("format", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "gray"])
def test_the_picture_is_what_ffmpeg_makes_of_it(tmp_path: Path, format: str) -> None:
    write_at(tmp_path / "clip.mp4", [0, 40, 80], format=format)
    source = FileSource(tmp_path / "clip.mp4")
    with av.open(str(tmp_path / "clip.mp4")) as container:
        for frame, decoded in zip(source, container.decode(video=0), strict=True):
            reference = decoded.to_ndarray(format="rgb24").astype(int)
            assert np.abs(frame.pixels - reference).max() <= 2
    source.close()


def test_a_file_that_breaks_off_gives_what_it_has(make_clip: MakeClip, tmp_path: Path) -> None:
    whole = make_clip("whole.mkv", frames=200, sound=False)
    (tmp_path / "half.mkv").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert 0 < len(times(tmp_path / "half.mkv")) < 200


def test_pictures_do_not_end_where_the_sound_breaks_off(make_clip: MakeClip, tmp_path: Path) -> None:
    """In a fragment of a recording the sound lies behind the pictures: half of it is missing here."""
    options = {"movflags": "empty_moov+default_base_moof", "frag_duration": "100000000"}
    with (
        av.open(str(make_clip(frames=100, size=(16, 16)))) as clip,
        av.open(str(tmp_path / "recording.mp4"), "w", container_options=options) as recording,
    ):
        streams = {stream.index: recording.add_stream_from_template(stream) for stream in clip.streams}
        for packet in clip.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                recording.mux(packet)
    content = (tmp_path / "recording.mp4").read_bytes()
    (tmp_path / "broken.mp4").write_bytes(content[: -len(content) // 4])
    assert len(times(tmp_path / "broken.mp4")) == 100


def test_damage_within_is_skipped_and_told(
    make_clip: MakeClip, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = bytearray(make_clip("whole.mkv", frames=200, sound=False).read_bytes())
    middle = len(content) // 2
    content[middle : middle + 300] = bytes(300)
    (tmp_path / "holed.mkv").write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert len(times(tmp_path / "holed.mkv")) > 100


def test_a_colon_in_the_name_is_no_protocol(make_clip: MakeClip, tmp_path: Path) -> None:
    shutil.copy(make_clip(), tmp_path / "take: two.mp4")
    assert len(times(tmp_path / "take: two.mp4")) == 12


def make_text(path: Path) -> None:
    path.write_text("no video at all\n" * 50)


def make_sound(path: Path) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        tone = container.add_stream("aac", rate=44100, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), format="fltp", layout="mono")
        silence.sample_rate = 44100
        container.mux(tone.encode(silence))
        container.mux(tone.encode(None))


def make_pipe(path: Path) -> None:
    """Make *path* a pipe."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes with names")
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.touch(), "is empty"),
        (make_pipe, "is a pipe or a device; videos are read from files"),
        (lambda path: path.write_bytes(b"RIFF....WEBPVP8X....\x02" + bytes(99)), "is an animated WebP"),
        (lambda path: path.write_bytes(b"RIFF....WEBPVP8X"), "not one frame in .* can be decoded"),
        (make_text, "not a video"),
        (lambda path: path.write_bytes(bytes(range(256)) * 40), "not a video"),
        (make_sound, "no video, only audio"),
    ],
    ids=["missing", "folder", "empty", "pipe", "webp", "short", "text", "noise", "sound"],
)
@pytest.mark.parametrize("name", ["thing.mp4", "thing.txt"])
def test_what_is_no_video_is_told_in_one_line(
    tmp_path: Path, make: Callable[[Path], None], text: str, name: str
) -> None:
    make(tmp_path / name)
    with pytest.raises(SourceUnavailable, match=text) as told:
        FileSource(tmp_path / name)
    assert "\n" not in str(told.value)
    assert name in str(told.value)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("-", "- is a pipe or a device"),
        ("http://me:secret@localhost:9/a.mp4?key", r"^http://localhost:9/a\.mp4 is an address; .*--camera$"),
    ],
)
def test_what_other_programs_read_is_told(
    given: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SourceUnavailable, match=text):
        FileSource(Path(given))
    monkeypatch.chdir(tmp_path)
    Path("-").touch()
    with pytest.raises(SourceUnavailable, match="- is empty"):
        FileSource(Path("-"))


@pytest.mark.parametrize(
    ("clip", "frames"),
    [
        ("made_truncated.mp4", 116),
        ("odd_invalid_nalu.mp4", 29),
        ("odd_unflagged_audio.avi", 96),
        ("odd_mpeg2.ts", 3),
    ],
)
def test_odd_files_give_the_frames_that_ffmpeg_finds(shared_data: Path, clip: str, frames: int) -> None:
    assert len(times(shared_data / "clips" / clip)) == frames


def test_what_breaks_off_in_its_head_is_told_in_one_line(make_clip: MakeClip, tmp_path: Path) -> None:
    for ending in (".mkv", ".mp4", ".ts"):
        whole = make_clip(name=f"whole{ending}").read_bytes()
        for kept in (40, 100, 300, 1000):
            path = tmp_path / f"cut{ending}"
            path.write_bytes(whole[:kept])
            with pytest.raises(SourceUnavailable, match="cut"):
                FileSource(path)


def test_video_of_an_unknown_kind_is_told_in_one_line(make_clip: MakeClip, tmp_path: Path) -> None:
    path = tmp_path / "raw.mp4"
    path.write_bytes(make_clip().read_bytes().replace(b"avc1\0", b"brxq\0"))
    with pytest.raises(SourceUnavailable, match="of a kind that FFmpeg does not know"):
        FileSource(path)


def test_folders_of_numbered_pictures_may_have_a_per_cent_sign(make_clip: MakeClip, tmp_path: Path) -> None:
    folder = tmp_path / "100% done"
    folder.mkdir()
    for number in (1, 2, 3):
        write_picture(folder / f"50%_{number:05d}.png", Picture(np.zeros((48, 64, 3), np.uint8)))
    assert len(times(folder / "50%_%05d.png")) == 3


def test_a_file_that_is_cut_off_is_told(
    make_clip: MakeClip, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clip = make_clip(frames=96, size=(160, 120))  # four seconds
    whole = tmp_path / "fast.mp4"
    with av.open(str(clip)) as read, av.open(str(whole), "w", options={"movflags": "faststart"}) as written:
        stream = written.add_stream_from_template(read.streams.video[0])
        for packet in read.demux(read.streams.video[0]):
            if packet.size:
                packet.stream = stream
                written.mux(packet)
    assert len(times(whole)) == 96 and "cut off" not in caplog.text
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert 0 < len(times(cut, duration_seconds=1.0)) <= 24 and "cut off" not in caplog.text
    assert 0 < len(times(cut)) < 72
    assert "cut.mp4 is cut off: it ends after" in caplog.text and "of 4.0 s" in caplog.text


def test_a_steady_rate_ends_with_the_cut(make_clip: MakeClip) -> None:
    source = FileSource(make_clip(frames=96), ReadSettings(fps=10), duration_seconds=1.95)
    assert len(list(source)) == 20
    source.close()


@pytest.mark.parametrize("frame", [0, 10])
def test_what_ffmpeg_does_not_know_of_a_frame_is_skipped(tmp_path: Path, frame: int) -> None:
    path = tmp_path / "odd.avi"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mjpeg", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuvj420p"
        for index in range(20):
            pixels = np.full((48, 64, 3), 10 * index, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(video.encode(None))
    raw = bytearray(path.read_bytes())
    at = 0
    for _ in range(frame + 1):
        at = raw.index(b"\xff\xc0", at) + 2  # the head of a picture
    raw[at + 9] = 0x33  # how the first channel is sampled: as nobody does
    path.write_bytes(raw)
    assert len(times(path)) == 19


def test_hdr_that_is_not_yuv_is_taken_as_it_is_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "rgb.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("ffv1", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "gbrp10le"
        video.codec_context.color_trc = 16
        container.mux([*video.encode(av.VideoFrame(64, 48, "gbrp10le")), *video.encode(None)])
    source = FileSource(path)
    source.close()
    assert "HDR in gbrp10le is not tone-mapped" in caplog.text and not source.clip.colour.hdr
    with pytest.raises(UsageError, match="HDR can be kept of YUV alone"):
        FileSource(path, ReadSettings(hdr="keep"))


@pytest.mark.parametrize(("rate", "lines"), [(Fraction(25), 576), (Fraction(30000, 1001), 480)])
def test_raw_dv_has_the_rate_of_its_pictures(tmp_path: Path, rate: Fraction, lines: int) -> None:
    """Its clock, 60000 in a second, is what FFmpeg calls its average."""
    with av.open(str(tmp_path / "in.dv"), "w") as container:
        video = container.add_stream("dvvideo", rate=rate)
        video.width, video.height, video.pix_fmt = 720, lines, "yuv420p" if lines == 576 else "yuv411p"
        for _ in range(5):
            container.mux(video.encode(av.VideoFrame(720, lines, video.pix_fmt)))
        container.mux(video.encode(None))
    source = FileSource(tmp_path / "in.dv")
    source.close()
    assert source.clip.rate == rate
    with av.open(str(copy_clip(tmp_path / "in.dv", tmp_path / "out.mp4"))) as container:
        assert container.streams.video[0].average_rate == rate
        assert len(list(container.decode(video=0))) == 5


@pytest.mark.parametrize(("codec", "ending"), [("libx264", "h264"), ("libx265", "hevc")])
def test_raw_streams_have_the_rate_that_they_tell(tmp_path: Path, codec: str, ending: str) -> None:
    """They have no clock, and FFmpeg takes 25 for their average."""
    path = tmp_path / f"in.{ending}"
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=60)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        for _ in range(12):
            container.mux(video.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(video.encode(None))
    source = FileSource(path)
    source.close()
    assert source.clip.rate == 60
    assert times(path)[-1] == pytest.approx(11 / 60, abs=1e-3)
