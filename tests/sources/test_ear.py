"""The sound of a file is heard to its end, whatever is damaged in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import pytest

from livestyle.sources.ear import FileSound


def test_damaged_sound_is_left_out(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.mkv"
    with av.open(str(make_clip("in.mkv", frames=24))) as source, av.open(str(damaged), "w") as copy:
        tone = copy.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.size:
                bad = 0.2 < packet.pts * packet.time_base < 0.6
                made = av.Packet(b"\xff" * packet.size if bad else bytes(packet))  # nothing decodes that
                made.pts, made.dts, made.time_base = packet.pts, packet.dts, packet.time_base
                made.stream = tone
                copy.mux(made)
    sound = FileSound(damaged)
    pieces = list(sound.read(2.0))
    sound.close()
    assert sum(len(piece.samples) for piece in pieces) / 48000 == pytest.approx(0.6, abs=0.1)
    assert pieces[-1].pts_seconds > 0.9
