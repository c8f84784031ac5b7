"""Timecode counts on as the clocks of cameras do."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import pytest
from conftest import copy_clip

from livestyle.sinks.timecode import later

FILM, NTSC = Fraction(24000, 1001), Fraction(30000, 1001)


def labels(whole: int, mark: str, dropped: int) -> Iterator[str]:
    """Yield all that a clock says in an hour; *dropped* are the numbers that it passes over in a minute."""
    for minute in range(60):
        for second in range(60):
            for count in range(dropped if second == 0 and minute % 10 else 0, whole):
                yield f"10:{minute:02}:{second:02}{mark}{count:02}"


@pytest.mark.parametrize(
    ("rate", "mark", "dropped"),
    [
        (Fraction(25), ":", 0),
        (FILM, ":", 0),
        (NTSC, ":", 0),
        (NTSC, ";", 2),
        (2 * NTSC, ";", 4),
        (FILM, ";", 0),
    ],
)
def test_each_frame_has_the_next_number(rate: Fraction, mark: str, dropped: int) -> None:
    for number, label in enumerate(labels(round(rate), mark, dropped)):
        if number % 37 == 0 or f":00{mark}0" in label:
            assert later(f"10:00:00{mark}00", number, rate) == label
            assert later(label, 0, rate) == label


@pytest.mark.parametrize(
    ("timecode", "frames", "rate", "expected"),
    [
        ("01:00:00:00", 12, Fraction(24), "01:00:00:12"),
        ("00:00:59;29", 1, NTSC, "00:01:00;02"),
        ("00:09:59.29", 1, NTSC, "00:10:00.00"),
        ("23:59:59:24", 1, Fraction(25), "00:00:00:00"),
        ("00:00:00:099", 1, Fraction(120), "00:00:00:100"),
        ("noon", 12, Fraction(24), "noon"),
        ("01:00:00:00", 12, Fraction(0), "01:00:00:00"),
    ],
)
def test_a_timecode_later(timecode: str, frames: int, rate: Fraction, expected: str) -> None:
    assert later(timecode, frames, rate) == expected


def write_clock(path: Path, rate: Fraction, timecode: str) -> Path:
    """Write a second that has a timecode, of a reel called A001."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=rate)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.metadata.update({"timecode": timecode, "reel_name": "A001"})
        for _ in range(round(rate)):
            container.mux(video.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(video.encode(None))
    return path


@pytest.mark.parametrize("names", ["in.mov out.mov", "in.mov out.mp4", "in.mov out.mkv", "in.mkv out.mov"])
@pytest.mark.parametrize(
    ("rate", "timecode", "start", "expected"),
    [
        (Fraction(24), "01:00:00:00", 0.5, "01:00:00:12"),
        (Fraction(24), "01:00:00:00", 0.49, "01:00:00:12"),
        (Fraction(24), "01:00:00:00", 13 / 24, "01:00:00:13"),
        (NTSC, "00:00:59;20", 0.5005, "00:01:00;07"),
        (2 * NTSC, "00:00:59;50", 0.5005, "00:01:00;24"),
        (Fraction(24), "01:00:00:00", 0.0, "01:00:00:00"),
    ],
)
def test_the_timecode_is_that_of_the_first_frame(
    tmp_path: Path, names: str, rate: Fraction, timecode: str, start: float, expected: str
) -> None:
    name, copied = names.split()
    source = write_clock(tmp_path / name, rate, timecode)
    out = copy_clip(source, tmp_path / copied, start_seconds=start)
    with av.open(str(out)) as container:
        told = [things.metadata for things in (container, *container.streams)]
    told = [{key.lower(): value for key, value in metadata.items()} for metadata in told]
    assert {metadata["timecode"] for metadata in told if "timecode" in metadata} == {expected}
    if names != "in.mov out.mp4":  # which has no place for it
        assert "A001" in [metadata.get("reel_name") for metadata in told]
