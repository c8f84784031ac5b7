"""Frames come upright, whole, in the size and rate that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageOps

from livestyle.colour import UNKNOWN
from livestyle.errors import UsageError
from livestyle.frame import Bookmark, Pixels, digest_of
from livestyle.settings import ReadSettings
from livestyle.sources.file import FileSource
from livestyle.sources.upright import deinterlace, parse_size

MakeClip = Callable[..., Path]
SIZE = (64, 48)
GREEN = (30, 190, 60)


def picture() -> Pixels:
    """A picture whose four corners differ."""
    pixels = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    pixels[:24, :32], pixels[:24, 32:] = (200, 30, 30), (30, 200, 30)
    pixels[24:, :32], pixels[24:, 32:] = (30, 30, 200), (200, 200, 200)
    return pixels


def write(path: Path, *, degrees: int = 0, hflip: bool = False, vflip: bool = False, frames: int = 3) -> Path:
    """Write a clip with a display matrix."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"qp": "0"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv444p"
        video.codec_context.sample_aspect_ratio = Fraction(4, 3)
        if degrees or hflip or vflip:
            video.set_display_rotation(degrees, hflip=hflip, vflip=vflip)
        for _ in range(frames):
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture(), format="rgb24")))
        container.mux(video.encode(None))
    return path


def turned(degrees: int, hflip: bool, vflip: bool) -> Pixels:
    """Return the picture as a player shows it: turned to the left, then mirrored."""
    pixels = np.rot90(picture(), degrees // 90)
    if hflip:
        pixels = pixels[:, ::-1]
    return pixels[::-1] if vflip else pixels


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize(("hflip", "vflip"), [(False, False), (True, False), (False, True)])
def test_turned_and_mirrored_clips_are_shown_upright(
    tmp_path: Path, degrees: int, hflip: bool, vflip: bool
) -> None:
    source = FileSource(write(tmp_path / "turned.mp4", degrees=degrees, hflip=hflip, vflip=vflip))
    frames = list(source)
    source.close()
    expected = turned(degrees, hflip, vflip)
    assert (source.info.height, source.info.width) == expected.shape[:2]
    assert len(frames) == 3
    assert [frame.pts_seconds for frame in frames] == pytest.approx([0, 0.04, 0.08])
    assert np.abs(frames[0].pixels.astype(int) - expected).max() <= 2
    assert source.clip.sample_aspect_ratio == (Fraction(3, 4) if degrees in (90, 270) else Fraction(4, 3))


@pytest.mark.parametrize("name", ["photo-%d.jpg", "photo-%d.png"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_numbered_photos_are_shown_as_their_exif_says(tmp_path: Path, name: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "maker"
    for number in (1, 2):
        path = tmp_path / name.replace("%d", str(number))
        Image.fromarray(picture()).save(path, exif=exif, quality=100, subsampling=0)
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    source = FileSource(tmp_path / name, ReadSettings(fps=25))
    frames = list(source)
    source.close()
    assert [frame.pixels.shape for frame in frames] == [expected.shape] * 2
    assert np.abs(frames[1].pixels.astype(int) - expected).max() <= 3


def comb(path: Path) -> None:
    """Write interlaced video of a bar that moves: its two fields show it at two places."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"qp": "0", "x264-params": "tff=1"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv444p"
        for index in range(6):
            pixels = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
            pixels[0::2, index * 8 : index * 8 + 8] = 200
            pixels[1::2, index * 8 + 4 : index * 8 + 12] = 200
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(video.encode(None))


def combing(pixels: Pixels) -> float:
    """Return how much neighbouring lines differ, against lines two apart."""
    luma = pixels.mean(axis=2)
    return float(np.abs(luma[1:-1] - luma[:-2]).mean() - np.abs(luma[2:] - luma[:-2]).mean())


def test_interlaced_frames_are_made_whole_each_once(tmp_path: Path) -> None:
    comb(tmp_path / "comb.mp4")
    whole = FileSource(tmp_path / "comb.mp4")
    raw = FileSource(tmp_path / "comb.mp4", ReadSettings(deinterlace=False))
    frames, combed = list(whole), list(raw)
    assert [f.pts_seconds for f in frames] == [f.pts_seconds for f in combed]
    assert [f.duration_seconds for f in frames] == pytest.approx([0.04] * 6)
    assert combing(combed[3].pixels) > 10
    assert combing(frames[3].pixels) < combing(combed[3].pixels) / 3
    whole.close()
    raw.close()


def test_interlaced_frames_are_made_whole_after_others_too(tmp_path: Path) -> None:
    """A broadcast may begin with a film, whose frames are whole."""
    write(tmp_path / "whole.h264")
    comb(tmp_path / "comb.h264")
    both = tmp_path / "both.h264"
    both.write_bytes(b"".join((tmp_path / name).read_bytes() for name in ("whole.h264", "comb.h264")))
    source, raw = FileSource(both), FileSource(both, ReadSettings(deinterlace=False))
    frames, combed = list(source), list(raw)
    source.close()
    raw.close()
    assert len(frames) == 9
    assert [f.pts_seconds for f in frames] == [f.pts_seconds for f in combed]
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(frames[:3], combed[:3], strict=True))
    assert combing(combed[6].pixels) > 10
    assert combing(frames[6].pixels) < combing(combed[6].pixels) / 3


def test_a_film_that_is_gone_on_with_midway_is_made_whole_alike(tmp_path: Path) -> None:
    write(tmp_path / "whole.h264")
    comb(tmp_path / "comb.h264")
    parts = ("whole.h264", "comb.h264", "whole.h264", "whole.h264", "comb.h264")
    (tmp_path / "film.h264").write_bytes(b"".join((tmp_path / name).read_bytes() for name in parts))

    def decoded(first: int) -> Iterator[av.VideoFrame]:
        with av.open(str(tmp_path / "film.h264")) as container:
            for index, frame in enumerate(container.decode(video=0)):
                frame.pts, frame.time_base = index, Fraction(1, 25)
                if index >= first:
                    yield frame

    whole = [(frame.pts, frame.to_ndarray()) for frame in deinterlace(decoded(0))]
    later = [(frame.pts, frame.to_ndarray()) for frame in deinterlace(decoded(11))]
    assert [pts for pts, _ in whole] == list(range(21)) and [pts for pts, _ in later] == list(range(11, 21))
    assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(whole[11:], later, strict=True))


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ("360p", (640, 360)),
        ("640x640", (640, 360)),
        ("100x1000", (100, 56)),
        ("2x2", (2, 2)),
        ("1280×720", (1280, 720)),
    ],
)
def test_sizes_keep_the_shape(given: str, size: tuple[int, int]) -> None:
    assert parse_size(given, 1280, 720) == size


@pytest.mark.parametrize("given", ["big", "0p", "640", "640x", "-4x4", "0x0", "20000p", "99999x99999"])
def test_a_size_that_is_none_is_told(given: str) -> None:
    with pytest.raises(UsageError, match="no size"):
        parse_size(given, 1280, 720)


def test_frames_come_in_the_size_asked_for(make_clip: MakeClip) -> None:
    source = FileSource(make_clip(), ReadSettings(size="24p"))
    assert {frame.pixels.shape for frame in source} == {(24, 32, 3)}
    assert (source.info.width, source.info.height) == (32, 24)
    source.close()


@pytest.mark.parametrize(
    ("fps", "count", "shown"), [(12, 12, [0, 2, 4]), (48, 48, [0, 0, 1]), (24, 24, [0, 1, 2])]
)
def test_a_steady_rate_shows_the_frame_of_each_moment(
    make_clip: MakeClip, fps: float, count: int, shown: list[int]
) -> None:
    clip = make_clip(frames=24, fps=24)
    plain = [frame.pixels for frame in FileSource(clip)]
    source = FileSource(clip, ReadSettings(fps=fps))
    frames = list(source)
    assert len(frames) == count
    assert [frame.pts_seconds for frame in frames] == pytest.approx([n / fps for n in range(count)])
    for frame, index in zip(frames, shown, strict=False):
        assert np.array_equal(frame.pixels, plain[index])
    source.close()


@pytest.mark.parametrize("settings", [ReadSettings(), ReadSettings(fps=10), ReadSettings(size="24p")])
@pytest.mark.parametrize("done", [1, 40, 59])
def test_a_job_goes_on_after_its_bookmark(make_clip: MakeClip, settings: ReadSettings, done: int) -> None:
    clip = make_clip(frames=150)
    source = FileSource(clip, settings)
    frames = list(source)
    source.close()
    last = frames[done - 1]
    for digest in (digest_of(last.pixels), 0):  # sought; and as if the file could not be sought in
        source = FileSource(clip, settings, bookmark=Bookmark(done, last.pts_seconds, digest))
        rest = list(source)
        source.close()
        assert [frame.index for frame in rest] == list(range(done, len(frames)))
        for frame, same in zip(rest, frames[done:], strict=True):
            assert frame.pts_seconds == same.pts_seconds
            assert np.array_equal(frame.pixels, same.pixels)


def test_what_is_done_is_not_decoded_again(make_clip: MakeClip) -> None:
    """The middle of the file is spoilt, and nobody sees it."""
    clip = make_clip(frames=700, fps=10, sound=False)
    source = FileSource(clip)
    frames = [(frame.pts_seconds, digest_of(frame.pixels)) for frame in source]
    source.close()
    with av.open(str(clip)) as container:
        places = [(packet.pos or 0, packet.size) for packet in container.demux(video=0) if packet.size]
    with clip.open("r+b") as file:
        for place, size in places[100:400]:
            file.seek(place)
            file.write(bytes(size))
    source = FileSource(clip, bookmark=Bookmark(690, *frames[689]))
    assert [(frame.pts_seconds, digest_of(frame.pixels)) for frame in source] == frames[690:]
    source.close()


def write_untagged(path: Path, size: tuple[int, int], matrix: int, *, degrees: int = 0) -> Path:
    """Write a clip of ``GREEN`` in YUV by *matrix*, which it does not tell."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"qp": "0", "preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = *size, "yuv444p"
        if degrees:
            video.set_display_rotation(degrees)
        pixels = np.full((*size[::-1], 3), GREEN, np.uint8)
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        frame = frame.reformat(format="yuv444p", dst_colorspace=matrix)
        frame.colorspace = UNKNOWN
        container.mux(video.encode(frame))
        container.mux(video.encode(None))
    return path


@pytest.mark.parametrize(
    ("size", "matrix", "settings", "degrees"),
    [
        ((1280, 720), 1, ReadSettings(size="360p"), 0),
        ((640, 360), 5, ReadSettings(size="720p"), 0),
        ((1024, 576), 5, ReadSettings(), 90),
        ((1280, 720), 1, ReadSettings(), 0),
    ],
    ids=["smaller", "larger", "turned", "as-it-is"],
)
def test_untagged_colours_are_those_of_the_height_that_is_coded(
    tmp_path: Path, size: tuple[int, int], matrix: int, settings: ReadSettings, degrees: int
) -> None:
    source = FileSource(write_untagged(tmp_path / "in.mp4", size, matrix, degrees=degrees), settings)
    frame = next(iter(source))
    source.close()
    assert np.abs(frame.pixels.astype(int) - GREEN).max() <= 2
    changed = source.info.height != size[1]
    assert (source.clip.colour.matrix != UNKNOWN) == changed  # what is as it was is told as it was
