import av
import numpy as np
import pytest

from livestyle.frame import Frame, StreamInfo
from livestyle.settings import EncodeSettings
from livestyle.sinks import open_sink
from livestyle.sinks.file import FileSink
from livestyle.sinks.hearing import HeardTrack, Line
from livestyle.sound import Sound

RATE = 48000
BEGAN_AT = 5000.0
"""On the clock by which frames and sound are stamped, when both began."""


class Clicks:
    """A microphone that hears a click whenever ``elapsed`` passes a whole second.

    Its clock is off by *drift*; it opens *late* seconds after the picture began; it jitters like a driver.
    """

    name = "clicks"

    def __init__(self, late=0.0, drift=0.0, block=960, deaf=(1e9, 1e9), rate=RATE):
        self.elapsed = 0.0
        self.closed = False
        self._late, self._step, self._block, self._deaf = late, (1 + drift) / rate, block, deaf
        self.rate = rate
        self._blocks = 0
        self._jitter = np.random.default_rng(0)

    def take(self):
        taken = []
        while (begin := self._late + self._blocks * self._block * self._step) < self.elapsed:
            self._blocks += 1
            if self._deaf[0] <= begin < self._deaf[1]:
                continue
            times = begin + np.arange(self._block) * self._step
            clicks = ((times % 1 < 0.002) * 0.8).astype(np.float32)
            jitter = self._jitter.uniform(-0.003, 0.003)
            taken.append(Sound(clicks, BEGAN_AT + begin + jitter))
        return taken

    def close(self):
        self.closed = True


def record(path, microphone, seconds, first_pts_seconds=3.0):
    """Write frames at 10 per second, white from each whole second to a fifth after, with what is heard."""
    sink = FileSink(
        path,
        StreamInfo(64, 48, 10, live=True),
        settings=EncodeSettings(preset="ultrafast"),
        microphone=microphone,
    )
    show(sink, microphone, seconds, first_pts_seconds)


def stream(path, microphone, seconds):
    """The same as a stream."""
    info = StreamInfo(64, 48, 10, live=True)
    show(open_sink(str(path), info, listen=lambda: microphone), microphone, seconds, 3.0)


def show(sink, microphone, seconds, first_pts_seconds):
    for index in range(round(seconds * 10)):
        at = index / 10
        microphone.elapsed = at + 0.05  # painting takes a moment: sound runs ahead of the picture
        white = 255 if index % 10 < 2 else 0
        pixels = np.full((48, 64, 3), white, np.uint8)
        sink.write(Frame(pixels, index, first_pts_seconds + at, BEGAN_AT + at))
    sink.close()


def flashes_of(path):
    """Return when the picture turns white."""
    with av.open(str(path)) as container:
        shown = [(float(f.time), f.to_ndarray(format="gray").mean() > 128) for f in container.decode(video=0)]
    return [
        t for number, (t, white) in enumerate(shown) if white and (number == 0 or not shown[number - 1][1])
    ]


def clicks_of(path):
    """Return when it clicks, and how long the sound is."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        parts, first = [], None
        for frame in container.decode(stream):
            first = float(frame.time) if first is None else first
            parts.append(frame.to_ndarray()[0])
    sound = np.concatenate(parts)
    loud = np.flatnonzero(np.abs(sound) > 0.3) / RATE + first
    return loud[np.flatnonzero(np.diff(loud, prepend=-9) > 0.3)], sound.size / RATE + first


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv", "out.webm", "out.mov"])
def test_what_is_heard_is_where_it_was_seen(tmp_path, name):
    microphone = Clicks()
    record(tmp_path / name, microphone, 4)
    clicks, length = clicks_of(tmp_path / name)
    assert clicks == pytest.approx(flashes_of(tmp_path / name), abs=0.01)
    assert length == pytest.approx(4.0, abs=0.06)
    assert microphone.closed


def test_a_microphone_that_opens_late_is_preceded_by_silence(tmp_path):
    record(tmp_path / "out.mp4", Clicks(late=0.7), 4)
    clicks, _ = clicks_of(tmp_path / "out.mp4")
    assert clicks == pytest.approx([1, 2, 3], abs=0.01)


def test_one_that_was_open_before_begins_with_the_picture(tmp_path):
    record(tmp_path / "out.mp4", Clicks(late=-5.3), 4)
    clicks, length = clicks_of(tmp_path / "out.mp4")
    assert clicks == pytest.approx([0, 1, 2, 3], abs=0.01)
    assert length == pytest.approx(4.0, abs=0.06)


@pytest.mark.parametrize("drift", [-700e-6, 700e-6])
def test_a_clock_that_drifts_stays_with_the_picture(tmp_path, drift):
    record(tmp_path / "out.mp4", Clicks(drift=drift), 50)  # 35 ms, if nobody cared
    clicks, _ = clicks_of(tmp_path / "out.mp4")
    assert clicks == pytest.approx(list(range(50)), abs=0.01)


def test_lost_sound_is_silence(tmp_path):
    record(tmp_path / "out.mp4", Clicks(deaf=(1.5, 2.5)), 5)
    clicks, _ = clicks_of(tmp_path / "out.mp4")
    assert clicks == pytest.approx([0, 1, 3, 4], abs=0.01)


def test_one_that_hears_nothing_leaves_a_whole_file(tmp_path):
    record(tmp_path / "out.mp4", Clicks(deaf=(-1e9, 1e9)), 2)
    assert flashes_of(tmp_path / "out.mp4") == pytest.approx([0, 1])


def test_a_gif_has_no_sound(tmp_path):
    record(tmp_path / "out.gif", Clicks(), 1)
    with av.open(str(tmp_path / "out.gif")) as container:
        assert not container.streams.audio


@pytest.mark.parametrize(("late", "rate"), [(0.0, RATE), (-1.3, RATE), (0.4, 44100)])
def test_a_stream_carries_it_in_step_with_the_picture(tmp_path, late, rate):
    microphone = Clicks(late=late, rate=rate)
    stream(tmp_path / "live.m3u8", microphone, 6)
    clicks, _ = clicks_of(tmp_path / "live.m3u8")
    flashes = flashes_of(tmp_path / "live.m3u8")
    assert len(flashes) == 6
    assert clicks == pytest.approx(flashes[1:], abs=0.015)  # the encoder runs in during the first
    assert microphone.closed


def test_it_is_handed_on_without_holes_on_the_clock_of_the_frames():
    microphone = Clicks()
    track = HeardTrack(microphone)
    listener = track.listen()
    for index in range(50):
        microphone.elapsed = index / 10 + 0.05
        frame = Frame(np.zeros((48, 64, 3), np.uint8), index, 3 + index / 10, BEGAN_AT + index / 10)
        track.advance(frame, frame.pts_seconds)
    pieces = list(iter(lambda: listener.take(0), None))
    ends = 3.0
    for piece in pieces:
        assert piece.pts_seconds == pytest.approx(ends, abs=1e-6)
        ends += len(piece.samples) / RATE
    assert ends == pytest.approx(3 + 49 / 10, abs=0.01)


def test_bending_leaves_no_seam():
    line = Line(RATE, 0.0)
    at = 0.0
    for number in range(200):  # a tone by a clock that is slow by a thousandth
        wave = np.sin(2 * np.pi * 440 * (np.arange(960) + number * 960) / RATE).astype(np.float32)
        line.add(Sound(wave, at))
        at += 960 / RATE * 1.001
    bent = line.take(1e9)
    assert bent.size == pytest.approx(200 * 960 * 1.001, abs=60)
    steps = np.abs(np.diff(bent))
    assert steps.max() < 1.1 * 2 * np.pi * 440 / RATE
