"""What is not painted comes along: sound, chapters, attachments, names, transparency, HDR."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from livestyle.errors import UnknownName, UsageError
from livestyle.settings import EncodeSettings, ReadSettings
from livestyle.sinks.file import FileSink
from livestyle.sources.file import FileSource

MakeClip = Callable[..., Path]
AS_IT_IS = ReadSettings()


def paint(
    source_path: Path,
    out: Path,
    *,
    read: ReadSettings = AS_IT_IS,
    painted: bool = False,
    start_seconds: float = 0.0,
    duration_seconds: float | None = None,
    **settings: object,
) -> Path:
    """Write the frames of one file into another; *painted*: as if a stylizer had made them."""
    source = FileSource(source_path, read, start_seconds=start_seconds, duration_seconds=duration_seconds)
    sink = FileSink(out, source.info, source.clip, EncodeSettings(preset="ultrafast", **settings))
    for frame in source:
        sink.write(frame.with_pixels(frame.pixels.copy()) if painted else frame)
    source.close()
    sink.close()
    return out


def write_rich(path: Path) -> Path:
    """Write a film with two languages, chapters, an attachment and names."""
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "The Film"
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        tones = [container.add_stream("libmp3lame", rate=44100, layout="mono") for _ in range(2)]
        for tone, language in zip(tones, ("eng", "deu"), strict=True):
            tone.metadata["language"] = language
        container.add_attachment("notes.txt", "text/plain", b"remember")
        chapter = {
            "time_base": Fraction(1, 1000),
            "metadata": {"title": "One"},
            "id": 1,
            "start": 0,
            "end": 500,
        }
        container.set_chapters(
            [chapter, {**chapter, "id": 2, "start": 500, "end": 1000, "metadata": {"title": "Two"}}]
        )
        for index in range(25):
            pixels = np.full((48, 64, 3), index * 9, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(video.encode(None))
        for number, tone in enumerate(tones):
            wave = np.sin(np.arange(44100) * (number + 1) / 20)[None].astype(np.float32)
            frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            frame.sample_rate = 44100
            container.mux(tone.encode(frame))
            container.mux(tone.encode(None))
    return path


def sounds(path: Path, number: int) -> list[str]:
    with av.open(str(path)) as container:
        packets = container.demux(container.streams.audio[number])
        return [hashlib.md5(bytes(packet)).hexdigest() for packet in packets if packet.size]


@pytest.mark.parametrize("ending", [".mkv", ".mp4", ".mov"])
def test_all_that_is_not_painted_comes_along(tmp_path: Path, ending: str) -> None:
    source = write_rich(tmp_path / "in.mkv")
    out = paint(source, tmp_path / f"out{ending}")
    with av.open(str(out)) as container:
        assert container.metadata["title"] == "The Film"
        assert [stream.language for stream in container.streams.audio] == [
            "eng",
            "ger" if ending == ".mov" else "deu",
        ]
        chapters = container.chapters()
        assert [chapter["metadata"]["title"] for chapter in chapters] == ["One", "Two"]
        assert [float(chapter["start"] * chapter["time_base"]) for chapter in chapters] == [0.0, 0.5]
        if ending == ".mkv":
            assert [attachment.data for attachment in container.streams.attachments] == [b"remember"]
    for number in range(2):
        assert sounds(out, number) == sounds(source, number)


def test_sound_that_cannot_be_kept_is_encoded_again_and_told(
    make_clip: MakeClip, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        out = paint(make_clip("in.mp4", frames=25, fps=25), tmp_path / "out.webm")
    assert "audio stream 1 is re-encoded: webm cannot hold aac" in caplog.text
    with av.open(str(out)) as container:
        assert container.streams.video[0].codec_context.name == "vp9"
        sound = container.streams.audio[0]
        assert sound.codec_context.name == "opus"
        length = sum(frame.samples / frame.sample_rate for frame in container.decode(sound))
    assert length == pytest.approx(1.0, abs=0.06)


def test_what_no_container_holds_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        paint(write_rich(tmp_path / "in.mkv"), tmp_path / "out.mp4")
    assert "attachment stream 3 (notes.txt) is left out: mp4 cannot hold it" in caplog.text


def write_cover(path: Path) -> bytes:
    """Write a film with a cover, which is returned."""
    grey = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 128, np.uint8), format="rgb24")
    with av.open(str(path), "w") as container:
        streams = [container.add_stream(codec, rate=25) for codec in ("libx264", "mjpeg")]
        for stream, pixel_format in zip(streams, ("yuv420p", "yuvj420p"), strict=True):
            stream.width, stream.height, stream.pix_fmt = 64, 48, pixel_format
        streams[1].disposition = Disposition.attached_pic
        film, cover = ([*stream.encode(grey), *stream.encode(None)] for stream in streams)
        picture = bytes(cover[0])
        container.mux([*film, *cover])
    return picture


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_a_cover_comes_along(tmp_path: Path, ending: str) -> None:
    picture = write_cover(tmp_path / "in.mp4")
    out = paint(tmp_path / "in.mp4", tmp_path / f"out{ending}")
    with av.open(str(out)) as container:
        (cover,) = (s for s in container.streams.video if s.disposition & Disposition.attached_pic)
        assert bytes(next(container.demux(cover))) == picture


def test_a_cover_that_mov_cannot_hold_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_cover(tmp_path / "in.mp4")
    paint(tmp_path / "in.mp4", tmp_path / "out.mov")
    assert "video stream 1 (mjpeg) is left out: mov cannot hold it" in caplog.text


def write_glass(path: Path) -> Path:
    """Write a clip that is transparent on its left side."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("ffv1", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "bgra"
        for index in range(3):
            picture = np.full((48, 64, 4), (90, 140, 40 + index * 40, 255), np.uint8)
            picture[:, :32, 3] = 0
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="bgra")))
        container.mux(video.encode(None))
    return path


@pytest.mark.parametrize("ending", [".webm", ".mov", ".gif", ".mkv"])
@pytest.mark.parametrize("painted", [False, True])
def test_transparency_stays(tmp_path: Path, ending: str, painted: bool) -> None:
    out = paint(write_glass(tmp_path / "in.mkv"), tmp_path / f"out{ending}", painted=painted)
    source = FileSource(out)
    frames = list(source)
    source.close()
    assert len(frames) == 3
    original = frames[0].original
    assert original is not None and len(original.planes) == 4
    alpha = original.planes[3].astype(float) / (2**original.bits - 1)
    assert alpha[:, :28].max() < 0.05
    assert alpha[:, 36:].min() > 0.95
    assert np.abs(frames[0].pixels[:, 36:].astype(int) - (40, 140, 90)).max() <= 8


DISPLAY = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"


def write_hdr(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        told = f"lossless=1:log-level=none:{DISPLAY}:max-cll=1000,400"
        video = container.add_stream("libx265", rate=25, options={"x265-params": told})
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p10le"
        context = video.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = 9, 16, 9, 1
        for index in range(3):
            pixels = np.full((64, 64, 3), 30000 + 3000 * index, np.uint16)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb48le")
            container.mux(video.encode(frame.reformat(format="yuv420p10le", dst_colorspace=9)))
        container.mux(video.encode(None))
    return path


def test_hdr_becomes_sdr_in_pixels_and_in_tags(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        out = paint(write_hdr(tmp_path / "in.mp4"), tmp_path / "out.mp4")
    assert "tone-mapped" in caplog.text
    source = FileSource(out)
    source.close()
    colour = source.clip.colour
    assert (colour.primaries, colour.transfer, colour.matrix) == (1, 1, 1)
    assert source.clip.format == "yuv420p"


@pytest.mark.parametrize("painted", [False, True])
def test_hdr_can_be_kept(tmp_path: Path, painted: bool) -> None:
    keep = ReadSettings(hdr="keep")
    out = paint(
        write_hdr(tmp_path / "in.mp4"), tmp_path / "out.mp4", read=keep, painted=painted, quality="lossless"
    )
    before, after = FileSource(tmp_path / "in.mp4", keep), FileSource(out, keep)
    assert before.clip.colour == after.clip.colour
    assert after.clip.format == "yuv420p10le"
    for one, other in zip(before, after, strict=True):
        assert one.original is not None and other.original is not None
        for plane, copy in zip(one.original.planes, other.original.planes, strict=True):
            assert np.abs(plane.astype(int) - copy).max() <= (6 if painted else 0)
    before.close()
    after.close()


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "hevc"), ("a.mp4", "h264"), ("a.webm", "av1")])
def test_what_hdr_tells_of_its_making_stays(tmp_path: Path, name: str, codec: str) -> None:
    keep = ReadSettings(hdr="keep")
    out = paint(write_hdr(tmp_path / "in.mp4"), tmp_path / name, read=keep, codec=codec)
    source = FileSource(out, keep)
    source.close()
    mastering = source.clip.mastering
    assert mastering is not None
    assert mastering.primaries == pytest.approx((34000, 16000, 13250, 34500, 7500, 3000, 15635, 16450), abs=1)
    assert mastering.luminance == pytest.approx((1, 10000000), abs=1)
    assert mastering.levels == (1000, 400)


@pytest.mark.parametrize("quality", ["18", "lossless"])
def test_transparency_of_whole_chroma_goes_into_webm(tmp_path: Path, quality: str) -> None:
    """VP9 has transparency for halved chroma only."""
    with av.open(str(tmp_path / "in.mkv"), "w") as container:
        video = container.add_stream("ffv1", rate=10)
        video.width, video.height, video.pix_fmt = 64, 48, "yuva444p"
        frame = av.VideoFrame(64, 48, "yuva444p")
        for plane in frame.planes:
            plane.update(bytes([90]) * plane.buffer_size)
        container.mux([*video.encode(frame), *video.encode(None)])
    source = FileSource(paint(tmp_path / "in.mkv", tmp_path / "out.webm", quality=quality))
    (original,) = (frame.original for frame in source)
    source.close()
    assert original is not None
    assert np.abs(original.planes[3].astype(int) - 90).max() <= 2


@pytest.mark.parametrize(
    ("name", "settings", "error", "text"),
    [
        ("out.webm", {"codec": "h264"}, UsageError, "a .webm file cannot hold h264; it holds vp9, av1"),
        ("out.mp4", {"codec": "h265"}, UnknownName, "did you mean 'h264'"),
        ("out.mov", {"codec": "prores", "quality": "lossless"}, UsageError, "prores cannot be lossless"),
        ("out.mp4", {"bitrate": "lots"}, UsageError, "no bitrate: 'lots'"),
        ("out.avi", {}, UnknownName, "there are"),
    ],
)
def test_what_does_not_go_together_is_told(
    make_clip: MakeClip,
    tmp_path: Path,
    name: str,
    settings: dict[str, str],
    error: type[Exception],
    text: str,
) -> None:
    with pytest.raises(error, match=text.replace("(", r"\(")):
        paint(make_clip(), tmp_path / name, **settings)
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize(
    ("name", "codec"), [("out.mp4", "hevc"), ("out.mkv", "ffv1"), ("out.mov", "prores"), ("out.webm", "vp9")]
)
def test_codecs_can_be_chosen(make_clip: MakeClip, tmp_path: Path, name: str, codec: str) -> None:
    out = paint(make_clip(frames=70), tmp_path / name, codec=codec)
    with av.open(str(out)) as container:
        assert container.streams.video[0].codec_context.name == codec
        times = [frame.time for frame in container.decode(video=0)]
    assert times == pytest.approx([n / 24 for n in range(70)], abs=0.001)


@pytest.mark.parametrize("codec", ["hevc", "vp9", "ffv1"])
def test_transparency_is_kept_or_told_to_be_left_out_by_codec(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, codec: str
) -> None:
    out = paint(write_glass(tmp_path / "in.mkv"), tmp_path / "out.mkv", codec=codec, painted=True)
    assert len(spy(out)) == 3
    assert ("transparency" in caplog.text) == (codec == "hevc")


def spy(path: Path) -> list[av.VideoFrame]:
    """Return the frames of the file at *path*."""
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def write_subtitled(path: Path, cues: list[tuple[int, int]]) -> Path:
    """Write eight seconds with subtitles in between the seconds of *cues*, in halves."""
    text = ""
    for number, cue in enumerate(cues, 1):
        begin, end = (f"00:00:0{half // 2},{half % 2 * 5}00" for half in cue)
        text += f"{number}\n{begin} --> {end}\nwords {number}\n\n"
    path.with_suffix(".srt").write_text(text)
    with av.open(str(path.with_suffix(".srt"))) as read, av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        words = container.add_stream_from_template(read.streams.subtitles[0], opaque=True)
        for packet in read.demux():
            if packet.size:
                packet.stream = words
                container.mux(packet)
        for _ in range(80):
            container.mux(video.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(video.encode(None))
    return path


def spans(path: Path) -> list[tuple[float, float]]:
    """Return when each subtitle with words begins and ends, by the clock of the first frame."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux() if packet.size]
        shown = [float(p.pts * p.time_base) for p in packets if p.stream.type == "video"]
        words = [p for p in packets if p.stream.type == "subtitle" and b"words" in bytes(p)]
        begins = [float(p.pts * p.time_base) - min(shown) for p in words]
        return [
            (begin, begin + float(p.duration * p.time_base)) for begin, p in zip(begins, words, strict=True)
        ]


@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
def test_a_subtitle_that_a_cut_goes_through_begins_with_it(tmp_path: Path, ending: str) -> None:
    source = write_subtitled(tmp_path / "in.mkv", [(0, 1), (1, 3), (8, 10), (12, 14)])
    out = paint(source, tmp_path / f"out{ending}", start_seconds=1.0, duration_seconds=4.5)
    assert np.array(spans(out)) == pytest.approx(np.array([(0, 0.5), (3, 4)]), abs=2e-3)
    with av.open(str(out)) as container:
        assert container.streams.video[0].start_time * container.streams.video[0].time_base < 0.03


@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
def test_a_subtitle_ends_with_the_cut(tmp_path: Path, ending: str) -> None:
    source = write_subtitled(tmp_path / "in.mkv", [(1, 10)])
    out = paint(source, tmp_path / f"out{ending}", duration_seconds=2.0)
    assert spans(out) == [pytest.approx((0.5, 2.0), abs=0.02)]


@pytest.mark.parametrize("damaged", [(0, 1), (14, 16)])  # among the frames, and after the last one
def test_a_subtitle_that_cannot_be_decoded_is_left_out_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damaged: tuple[int, int]
) -> None:
    source = write_subtitled(tmp_path / "in.mkv", [(2, 4), damaged])
    source.write_bytes(source.read_bytes().replace(b"words 2", b"w\xf6rds 2"))  # Latin-1
    out = paint(source, tmp_path / "out.mp4")
    assert spans(out) == [pytest.approx((1, 2), abs=2e-3)]
    assert "cannot be decoded are left out: 1" in caplog.text


def test_a_file_is_not_read_beyond_the_end_of_a_cut(tmp_path: Path) -> None:
    done = Path("/proc/self/io")
    if not done.exists():
        pytest.skip("only Linux tells how much was read")

    def read_so_far() -> int:
        return int(done.read_text().split()[1])

    with av.open(str(tmp_path / "in.mkv"), "w") as container:
        video = container.add_stream("rawvideo", rate=25)
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        tone = container.add_stream("libmp3lame", rate=48000, layout="mono")
        for index in range(250):
            container.mux(video.encode(av.VideoFrame(320, 240, "yuv420p")))
            sound = av.AudioFrame.from_ndarray(np.zeros((1, 1920), np.float32), "fltp", "mono")
            sound.sample_rate, sound.pts = 48000, 1920 * index
            container.mux(tone.encode(sound))
        container.mux(video.encode(None))
        container.mux(tone.encode(None))
    before = read_so_far()
    paint(tmp_path / "in.mkv", tmp_path / "out.mkv", duration_seconds=1.0)
    assert read_so_far() - before < (tmp_path / "in.mkv").stat().st_size / 2
