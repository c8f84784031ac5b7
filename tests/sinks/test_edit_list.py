"""Edit lists: what one cuts off stays cut off, and sound stays in time with the picture."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from conftest import copy_clip

MakeClip = Callable[..., Path]


def cut(path: Path, out: Path, seconds: float) -> Path:
    """Write the file at *path*, without its first *seconds*, as it is: all packets, and an edit list."""
    with av.open(str(path)) as source, av.open(str(out), "w") as container:
        copies = {stream.index: container.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.size:
                ticks = round(seconds / packet.time_base)
                packet.pts, packet.dts = packet.pts - ticks, packet.dts - ticks
                packet.stream = copies[packet.stream_index]
                container.mux(packet)
    return out


def heard(path: Path) -> dict[str, float]:
    """Return when each packet of sound is heard, after the first frame, in seconds."""
    with av.open(str(path)) as container:
        first = next(container.decode(video=0)).time
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(audio=0) if packet.size]
        return {hashlib.md5(bytes(p)).hexdigest(): float(p.pts * p.time_base) - first for p in packets}


@pytest.mark.parametrize("ending", [".mkv", ".mp4", ".mov"])
@pytest.mark.parametrize("seconds", [0.0, 0.62])
def test_sound_keeps_its_time_and_what_is_cut_off_is_not_heard(
    make_clip: MakeClip, tmp_path: Path, ending: str, seconds: float
) -> None:
    source = cut(make_clip("whole.mp4", frames=50, fps=25), tmp_path / "in.mp4", seconds)
    before, after = heard(source), heard(copy_clip(source, tmp_path / f"out{ending}"))
    assert {key: before[key] for key in after} == pytest.approx(after, abs=0.002)
    left_out = [time for key, time in before.items() if key not in after]
    if seconds and ending == ".mkv":  # two of these packets are as long as a frame and more
        assert len(left_out) == 25 and max(left_out) < -0.05 < min(after.values())
    else:
        assert not left_out


def test_sound_that_is_encoded_again_keeps_its_time_too(make_clip: MakeClip, tmp_path: Path) -> None:
    source = cut(make_clip("whole.mp4", frames=50, fps=25), tmp_path / "in.mp4", 0.62)
    times = heard(copy_clip(source, tmp_path / "out.webm")).values()
    assert min(times) > -0.05 and max(times) == pytest.approx(max(heard(source).values()), abs=0.05)
