import contextlib
import shutil
import time

import av
import av.error
import cv2
import numpy as np
import pytest
from screen import wait_for

from livestyle.frame import Frame, StreamInfo
from livestyle.live.recorder import Recorder
from livestyle.live.replay import Replay
from livestyle.sound import Sound


@pytest.fixture
def said():
    return []


@pytest.fixture
def recorder(tmp_path, said):
    return Recorder(StreamInfo(64, 48, 30, live=True), tmp_path, said.append)


def frame_at(seconds, level=100):
    return Frame(np.full((48, 64, 3), level, np.uint8), 0, seconds)


def times_of(path):
    with av.open(str(path)) as container:
        return [float(picture.pts * picture.time_base) for picture in container.decode(video=0)]


def test_a_recording_keeps_the_times_of_uneven_frames(recorder, tmp_path, said):
    recorder.write(frame_at(7.0))
    recorder.start()
    times = [10.0, 10.031, 10.1, 10.14, 10.5, 11.213]
    for seconds in times:
        recorder.write(frame_at(seconds))
    assert recorder.recording
    recorder.finish()
    recorder.write(frame_at(12))
    (path,) = tmp_path.glob("*.mp4")
    assert times_of(path) == pytest.approx([t - 10 for t in times], abs=0.01)
    assert said == [f"recording to {path}", f"saved {path}"]


def test_closing_finishes_a_recording(recorder, tmp_path):
    recorder.start()
    recorder.write(frame_at(0))
    recorder.write(frame_at(0.1))
    recorder.close()
    (path,) = tmp_path.glob("*.mp4")
    assert len(times_of(path)) == 2


def test_what_a_crash_or_a_full_disk_leaves_can_be_watched(recorder, tmp_path):
    recorder.start()
    noise = np.random.default_rng(0)
    for number in range(120):
        recorder.write(Frame(noise.integers(0, 255, (48, 64, 3), np.uint8), 0, number / 30))
    (growing,) = tmp_path.glob("*.partial")
    copy = shutil.copy(growing, tmp_path / "left.mp4")
    recorder.close()
    seen = 0
    with av.open(str(copy)) as container, contextlib.suppress(av.error.InvalidDataError):  # cut off midway
        for _ in container.decode(video=0):
            seen += 1
    assert seen >= 60


def test_a_snapshot_is_the_very_frame(recorder, tmp_path, said):
    pixels = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    recorder.write(Frame(pixels, 0, 0.0))
    recorder.save_snapshot()
    wait_for(lambda: said)
    (path,) = tmp_path.glob("*.png")
    assert np.array_equal(cv2.imread(str(path))[..., ::-1], pixels)


def test_the_last_seconds_become_a_clip(recorder, tmp_path, said):
    for index in range(140):
        recorder.write(frame_at(index / 8, level=index))
    recorder.save_replay()
    wait_for(lambda: said)
    (path,) = tmp_path.glob("*.mp4")
    times = times_of(path)
    assert times[-1] == pytest.approx(10, abs=0.01)
    assert len(times) == 81


def test_a_folder_that_cannot_be_written_is_said_and_nothing_breaks(said, tmp_path):
    recorder = Recorder(StreamInfo(64, 48, 30, live=True), tmp_path / "nowhere", said.append)
    recorder.write(frame_at(0))
    recorder.start()
    recorder.save_snapshot()
    recorder.save_replay()
    recorder.close()
    assert len(said) == 3
    assert all("nowhere" in line for line in said)
    assert not recorder.recording


def test_a_folder_that_the_system_refuses_to_look_into_ends_nothing(said, tmp_path):
    recorder = Recorder(StreamInfo(64, 48, 30, live=True), tmp_path / ("long" * 100), said.append)
    recorder.write(frame_at(0))
    assert recorder.start() is None
    recorder.save_replay()
    recorder.close()
    assert len(said) == 2
    assert all("long" in line for line in said)


def test_a_recording_without_a_frame_is_not_said_to_be_saved(recorder, tmp_path, said):
    recorder.start()
    recorder.finish()
    recorder.save_replay()
    wait_for(lambda: len(said) == 3)
    assert said[1:] == ["nothing was recorded: no frame came meanwhile"] * 2
    assert list(tmp_path.iterdir()) == []


def test_memory_is_bounded_by_time():
    replay = Replay(seconds=2)
    began = time.perf_counter()
    for index in range(300):
        replay.remember(frame_at(index / 30, level=index % 200))
    assert 59 <= len(list(replay)) <= 61
    assert time.perf_counter() - began < 10
    assert abs(int(next(iter(replay)).pixels.mean()) - (239 % 200)) <= 2


class Ticking:
    """A microphone that hears a click at each whole second of ``captured_at``, in blocks of 0.1 s."""

    name, rate = "ticking", 48000

    def __init__(self):
        self.closed = False
        self._blocks = 0
        self.until_seconds = 0.0

    def take(self):
        heard = []
        while self._blocks / 10 < self.until_seconds:
            samples = np.zeros(4800, np.float32)
            samples[: 480 if self._blocks % 10 == 0 else 0] = 0.8
            heard.append(Sound(samples, self._blocks / 10))
            self._blocks += 1
        return heard

    def close(self):
        self.closed = True


def test_the_clip_of_the_last_seconds_sounds_when_a_microphone_is_always_open(tmp_path, said):
    microphone = Ticking()
    recorder = Recorder(
        StreamInfo(64, 48, 30, live=True), tmp_path, said.append, lambda: microphone, always=True
    )
    for index in range(140):
        microphone.until_seconds = index / 8 + 0.1
        recorder.write(Frame(np.zeros((48, 64, 3), np.uint8), index, index / 8, captured_at=index / 8))
    recorder.save_replay()
    wait_for(lambda: said)
    recorder.close()
    assert microphone.closed
    (path,) = tmp_path.glob("*.mp4")
    with av.open(str(path)) as container:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    first = 139 / 8 - 10  # the second at which the clip begins
    clicks = [second - first for second in range(8, 18)]
    loud = np.flatnonzero(np.abs(sound) > 0.3) / 48000
    starts = [loud[0], *loud[1:][np.diff(loud) > 0.5]]
    assert starts == pytest.approx(clicks, abs=0.03)
