"""What is recorded of a stream or a file that plays has its sound, in step with its picture."""

from __future__ import annotations

import threading
from pathlib import Path

import av
import numpy as np
import pytest
from flash import measure_offsets, write_flashes

from livestyle.audio import RATE, Audio, AudioTrack
from livestyle.live.opening import open_live
from livestyle.live.recorder import Recorder
from livestyle.pipeline import Pipeline, each
from livestyle.sinks import open_sink


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv", "out.webm"])
def test_a_file_has_the_sound_of_the_stream(tmp_path: Path, name: str) -> None:
    source = open_live(str(write_flashes(tmp_path / "clip.mp4")), 0, 0, 0, once=True)
    sink = open_sink(str(tmp_path / name), source.info, audio=source.audio)
    Pipeline(source, each(lambda frame: frame), [sink]).run()
    offsets = measure_offsets(tmp_path / name)
    assert len(offsets) >= 3
    assert max(map(abs, offsets)) < 0.04
    with av.open(str(tmp_path / name)) as container:
        assert container.streams.audio[0].layout.name == "stereo"


def test_a_recording_that_begins_midway_has_it_as_well(tmp_path: Path) -> None:
    source = open_live(str(write_flashes(tmp_path / "clip.mp4", seconds=6)), 0, 0, 0, once=True)
    recorder = Recorder(source.info, tmp_path, lambda text: None, audio=source.audio)
    timers = [threading.Timer(1.4, recorder.start), threading.Timer(4.6, recorder.finish)]
    for timer in timers:
        timer.start()
    Pipeline(source, each(lambda frame: frame), [recorder]).run()
    (recorded,) = tmp_path.glob("livestyle-*.mp4")
    offsets = measure_offsets(recorded)
    assert len(offsets) >= 2
    assert max(map(abs, offsets)) < 0.04


def test_who_listens_no_more_is_forgotten() -> None:
    track = AudioTrack()
    gone, there = track.listen(), track.listen()
    gone.end(discard=True)
    piece = Audio(np.zeros((RATE, 2), np.int16), 0.0)
    track.put(piece)
    assert there.take(0) is piece and gone.take(0) is None
    assert track._listeners == [there]
