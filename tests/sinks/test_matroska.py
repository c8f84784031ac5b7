"""The shape of pixels is kept in all files, and the head of one that has it is whole."""

from __future__ import annotations

import logging
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from livestyle.settings import EncodeSettings
from livestyle.sinks.file import FileSink
from livestyle.sinks.journal import Journal
from livestyle.sinks.matroska import SEEK_HEAD, children, elements, write_pixel_shape
from livestyle.sources.file import FileSource

WIDE = Fraction(64, 45)


def write_wide(path: Path, frames: int, pixel_format: str = "yuv420p") -> Path:
    """Write a clip whose pixels are wide, with sound."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("png" if pixel_format == "rgba" else "libx264", rate=25)
        video.width, video.height, video.pix_fmt = 90, 64, pixel_format
        video.codec_context.sample_aspect_ratio = WIDE
        tone = container.add_stream("libmp3lame", rate=48000, layout="mono")
        for index in range(frames):
            picture = np.full((64, 90, 3), index * 3, np.uint8)
            container.mux(
                video.encode(av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format=pixel_format))
            )
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1920 * frames), np.float32), "fltp", "mono")
        sound.sample_rate = 48000
        container.mux([*video.encode(None), *tone.encode(sound), *tone.encode(None)])
    return path


def copy(
    source_path: Path, out: Path, journal: Journal | None = None, begin: int = 0, **settings: str
) -> Path:
    """Write the frames of a file, from the one numbered *begin* on, into another."""
    source = FileSource(source_path)
    encode = EncodeSettings(preset="ultrafast", **settings)
    sink = FileSink(out, source.info, source.clip, encode, journal=journal)
    for frame in source:
        if frame.index >= begin:
            sink.write(frame)
    source.close()
    sink.close()
    return out


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        *(("out.mkv", codec) for codec in ("h264", "hevc", "av1", "vp9", "prores", "ffv1")),
        *(("out.webm", codec) for codec in ("vp9", "av1")),
        *(("out.mp4", codec) for codec in ("h264", "av1")),
        *(("out.mov", codec) for codec in ("h264", "prores")),
    ],
)
def test_the_shape_of_pixels_is_kept(tmp_path: Path, name: str, codec: str) -> None:
    out = copy(write_wide(tmp_path / "in.mp4", 65), tmp_path / name, codec=codec)
    with av.open(str(out), options={"err_detect": "crccheck+explode"}) as container:
        video = container.streams.video[0]
        assert video.sample_aspect_ratio == WIDE
        assert len(list(container.decode(video))) == 65
        container.seek(round(2.5 / video.time_base), stream=video)
        assert next(container.decode(video)).time >= 2.4


@pytest.mark.parametrize("ending", [".mkv", ".webm"])
def test_a_transparent_one_has_it_too(tmp_path: Path, ending: str) -> None:
    out = copy(write_wide(tmp_path / "in.mov", 2, "rgba"), tmp_path / f"out{ending}")
    source = FileSource(out)
    source.close()
    assert (source.clip.sample_aspect_ratio, source.clip.alpha) == (WIDE, True)


@pytest.mark.parametrize("ending", [".mkv", ".webm"])
def test_what_is_listed_is_where_the_list_says(tmp_path: Path, ending: str) -> None:
    data = copy(write_wide(tmp_path / "in.mp4", 5), tmp_path / f"out{ending}").read_bytes()
    start = list(elements(data, most=2))[1][2]
    places = {ident: begin - start for ident, begin, _, _ in elements(data, start)}
    body = next(data[body:end] for ident, _, body, end in elements(data, start) if ident == SEEK_HEAD)
    listed = [[part for _, part in children(seek)] for ident, seek in children(body) if len(ident) == 2]
    assert len(listed) >= 4
    assert all(places[ident] == int.from_bytes(place) for ident, place in listed)


def test_a_resumed_job_writes_the_same_file(tmp_path: Path) -> None:
    source = write_wide(tmp_path / "in.mp4", 70)
    whole = copy(source, tmp_path / "whole.webm").read_bytes()
    journal = Journal(tmp_path / "parts", "a job")
    journal.begin()
    first = FileSource(source)
    sink = FileSink(
        tmp_path / "out.webm", first.info, first.clip, EncodeSettings(preset="ultrafast"), journal=journal
    )
    for frame in first:
        sink.write(frame)
    first.close()
    sink.abandon()
    sink.close()
    again = Journal(tmp_path / "parts", "a job")
    again.begin()
    assert again.segments == 1
    assert copy(source, tmp_path / "out.webm", again, begin=60).read_bytes() == whole


@pytest.mark.parametrize("head", [b"", b"\x1a\x45\xdf\xa3", bytes(200), b"\xff" * 200])
def test_a_head_of_another_kind_is_left_as_it_is_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, head: bytes
) -> None:
    path = tmp_path / "odd.mkv"
    path.write_bytes(head)
    with caplog.at_level(logging.WARNING):
        write_pixel_shape(path, WIDE)
    assert path.read_bytes() == head
    assert "does not say that its pixels are 64/45 times as wide as high" in caplog.text


@pytest.mark.parametrize("aspect", [Fraction(2**31 - 1), Fraction(1, 2**31 - 1)])
def test_a_shape_that_nothing_can_have_is_left_out(
    tmp_path: Path, aspect: Fraction, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livestyle.sinks.file.write_pixel_shape", lambda *_: None)
    out = copy(write_wide(tmp_path / "in.mp4", 3), tmp_path / "out.webm")
    before = out.read_bytes()
    write_pixel_shape(out, aspect)
    assert out.read_bytes() == before and "times as wide" in caplog.text
