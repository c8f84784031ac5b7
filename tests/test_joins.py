"""Joined recordings: each part has a clock of its own, the copy has one for picture and sound."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import copy_clip

from livestyle.sources.ear import FileSound
from livestyle.sources.file import FileSource


def write_part(
    path: Path,
    *,
    begin: float = 0.0,
    frames: int = 50,
    sound: float = 2.0,
    seed: int = 0,
    left_out: range = range(0),
) -> bytes:
    """Write a recording with a clock that begins at *begin* seconds, and return it; *sound* in seconds."""
    with av.open(str(path), "w", options={"output_ts_offset": str(begin)}) as container:
        video = container.add_stream("libx264", rate=25, options={"bf": "2", "g": "25"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        noise = container.add_stream("mp2", rate=48000, layout="mono")
        for index in range(frames):
            if index not in left_out:
                picture = np.full((48, 64, 3), (index * 4 + seed) % 256, np.uint8)
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame.pts, frame.time_base = index, Fraction(1, 25)
                container.mux(video.encode(frame))
        container.mux(video.encode(None))
        samples = np.random.default_rng(seed).normal(0, 3000, (1, round(48000 * sound))).astype(np.int16)
        heard = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        heard.sample_rate = 48000
        container.mux([*noise.encode(heard), *noise.encode(None)])
    return path.read_bytes()


def pictures(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return sorted(
            float(p.pts * p.time_base) for p in container.demux(video=0) if p.size and p.pts is not None
        )


def sounds(path: Path) -> dict[str, float]:
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(audio=0) if p.size and p.pts is not None]
        return {hashlib.md5(bytes(p)).hexdigest(): float(p.pts * p.time_base) for p in packets}


@pytest.mark.parametrize(
    ("begins", "lengths"),
    [
        ([0, 0, 0], [2.0, 2.0, 2.0]),
        ([0, 1.0], [2.0, 2.0]),
        ([0, 500.0, 0], [2.0, 2.0, 2.0]),
        ([500.0, 0, 300.0], [2.0, 2.0, 2.0]),
        ([0, 0, 0], [2.6, 1.3, 2.0]),
    ],
    ids=["again", "overlapping", "ahead and back", "back and ahead", "of unlike lengths"],
)
@pytest.mark.parametrize("ending", [".ts", ".mpg"])
def test_a_joined_recording_goes_on_after_each_part(
    tmp_path: Path, begins: list[float], lengths: list[float], ending: str
) -> None:
    parts = [tmp_path / f"{number}{ending}" for number in range(len(begins))]
    data = [
        write_part(part, begin=begin, sound=length, seed=number)
        for number, (part, begin, length) in enumerate(zip(parts, begins, lengths, strict=True))
    ]
    (tmp_path / f"joined{ending}").write_bytes(b"".join(data))
    out = copy_clip(tmp_path / f"joined{ending}", tmp_path / "out.mp4")
    shown, heard = pictures(out), sounds(out)
    assert len(shown) == 50 * len(parts)
    assert np.diff(shown) == pytest.approx(0.04, abs=1e-3)
    for number, part in enumerate(parts):
        shift = shown[50 * number] - pictures(part)[0]
        kept = {name: time for name, time in sounds(part).items() if name in heard}
        overlap = max(lengths[number - 1] - 2.0, 0.0) if number else 0.0
        assert len(kept) == pytest.approx((lengths[number] - overlap) / 0.024, abs=2)
        moved = [heard[name] - time for name, time in kept.items()]
        assert moved[1:] == pytest.approx([shift] * (len(kept) - 1), abs=2e-3)
        assert moved[0] == pytest.approx(shift, abs=0.03)  # it may begin before what it follows has ended


@pytest.mark.parametrize("start", [0.5, 2.5, 4.5])
def test_a_cut_of_a_joined_recording_is_in_step(tmp_path: Path, start: float) -> None:
    """Where it begins is found by a time that may be in several places."""
    data = [write_part(tmp_path / f"{number}.ts", seed=number, sound=2.3) for number in range(4)]
    (tmp_path / "joined.ts").write_bytes(b"".join(data))
    whole = copy_clip(tmp_path / "joined.ts", tmp_path / "whole.mp4")
    out = copy_clip(tmp_path / "joined.ts", tmp_path / "out.mp4", start_seconds=start)
    assert len(pictures(out)) == pytest.approx((8 - start) * 25, abs=2)
    cut = pictures(whole)[-1] - pictures(out)[-1]
    heard, all_heard = sounds(out), sounds(whole)
    assert len(heard) >= (8 - start) / 0.024
    assert [all_heard[name] - heard[name] for name in heard] == pytest.approx([cut] * len(heard), abs=2e-3)


def test_the_sound_of_a_joined_recording_is_heard_with_its_picture(tmp_path: Path) -> None:
    data = [write_part(tmp_path / f"{number}.ts", begin=begin) for number, begin in enumerate((0, 300, 0))]
    (tmp_path / "joined.ts").write_bytes(b"".join(data))
    source, sound = FileSource(tmp_path / "joined.ts"), FileSound(tmp_path / "joined.ts")
    shown = [frame.pts_seconds for frame in source]
    source.close()
    begins = [piece.pts_seconds for piece in sound.read(1e9)]
    sound.close()
    assert shown[-1] - shown[0] == pytest.approx(149 / 25, abs=1e-3)
    assert begins[-1] - begins[0] == pytest.approx(6, abs=0.1)
    assert np.diff(begins).min() > 0


def test_sound_without_a_picture_is_heard(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "in.ts"), "w") as container:
        tone = container.add_stream("mp2", rate=48000, layout="mono")
        heard = av.AudioFrame.from_ndarray(np.zeros((1, 48000), np.int16), format="s16", layout="mono")
        heard.sample_rate = 48000
        container.mux([*tone.encode(heard), *tone.encode(None)])
    sound = FileSound(tmp_path / "in.ts")
    assert sum(len(piece.samples) for piece in sound.read(1e9)) == pytest.approx(48000, abs=2000)
    sound.close()


def test_a_picture_that_stands_still_while_sound_goes_on_is_no_join(tmp_path: Path) -> None:
    write_part(tmp_path / "in.ts", frames=600, sound=24, left_out=range(100, 450))
    shown = pictures(copy_clip(tmp_path / "in.ts", tmp_path / "out.mp4"))
    assert len(shown) == 250
    assert np.diff(shown).max() == pytest.approx(14.04, abs=1e-3)


def test_one_damaged_time_is_no_join(tmp_path: Path) -> None:
    data = bytearray(write_part(tmp_path / "in.ts", frames=100, sound=4))
    at = -1
    for _ in range(40):
        at = data.index(b"\0\0\1\xe0", at + 1)
    data[at + 10] ^= 0x40  # the fortieth frame is shown, and decoded, most of an hour later
    data[at + 15] ^= 0x40
    (tmp_path / "damaged.ts").write_bytes(data)
    whole, damaged = (
        copy_clip(tmp_path / f"{name}.ts", tmp_path / f"{name}.mp4") for name in ("in", "damaged")
    )
    assert pictures(damaged)[50:] == pytest.approx(pictures(whole)[50:], abs=1e-3)
    assert sounds(damaged) == sounds(whole)
