import time
from fractions import Fraction
from itertools import islice, pairwise
from threading import Thread, Timer

import av
import numpy as np
import pytest

from livestyle.sources import open_source
from livestyle.sources.ear import FileSound
from livestyle.sources.file import FileSource
from livestyle.sources.loop import LoopSource


def test_a_file_plays_again_and_again_at_its_own_speed(make_clip):
    path = make_clip(frames=6, fps=24)
    source = LoopSource(lambda: open_source(str(path)))
    assert source.info.live
    frames = iter(source)
    began = time.perf_counter()
    seen = [next(frames) for _ in range(20)]
    took = time.perf_counter() - began
    source.close()
    assert [f.index for f in seen] == list(range(20))
    assert [f.pts_seconds for f in seen] == pytest.approx([i / 24 for i in range(20)], abs=0.002)
    assert 19 / 24 - 0.1 < took < 19 / 24 + 3
    assert (seen[0].pixels == seen[6].pixels).all()


def take_all(heard):
    """Return the pieces of sound that wait."""
    return list(iter(lambda: heard.take(0), None))


def test_its_sound_comes_along_on_the_clock_of_its_frames(make_clip):
    path = make_clip(frames=24, fps=24)
    source = LoopSource(lambda: open_source(str(path)), lambda: FileSound(path))
    heard = source.audio.listen()
    frames = iter(source)
    last = [next(frames) for _ in range(36)][-1]  # into the second round
    source.close()
    pieces = take_all(heard)
    ends = [p.pts_seconds + len(p.samples) / 48000 for p in pieces]
    assert pieces[0].pts_seconds == pytest.approx(0, abs=0.05)
    assert ends[-1] > last.pts_seconds
    assert ends[-1] < last.pts_seconds + 0.5
    # the sound of a file may be a little longer than its picture
    assert all(b.pts_seconds > a.pts_seconds - 0.1 for a, b in pairwise(pieces))
    assert max(abs(piece.samples).max() for piece in pieces) > 3000


def test_a_file_plays_once_when_told(make_clip):
    path = make_clip(frames=6, fps=24, sound=False)
    source = LoopSource(lambda: open_source(str(path)), lambda: FileSound(path), once=True)
    assert source.audio is None
    assert len(list(source)) == 6
    source.close()


def test_a_file_that_is_gone_is_waited_for_and_comes_back_in_another_size(make_clip, tmp_path, caplog):
    path = make_clip(frames=6, fps=24)
    source = LoopSource(lambda: FileSource(path), lambda: FileSound(path))
    heard = source.audio.listen()
    frames = iter(source)
    seen = [next(frames) for _ in range(6)]
    path.rename(tmp_path / "away.mp4")
    slates = [next(frames) for _ in range(3)]
    assert source.lost
    assert all(slate.pixels.mean() < 0.6 * seen[-1].pixels.mean() for slate in slates)
    path.write_bytes(b"still being copied")
    slates.append(next(frames))
    assert source.lost
    take_all(heard)
    make_clip("larger.mp4", frames=6, fps=24, size=(128, 64)).replace(path)
    back = [next(frames) for _ in range(8)]
    source.close()
    assert not source.lost
    times = [frame.pts_seconds for frame in (*seen, *slates, *back)]
    assert all(0 < b - a < 1 for a, b in pairwise(times))
    assert times[-1] > 1
    assert {frame.pixels.shape for frame in back} == {(48, 64, 3)}
    assert take_all(heard)[0].pts_seconds == pytest.approx(back[0].pts_seconds, abs=0.05)
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert "no such file" in told[0]
    assert "is back" in told[1]


def write_at(path, times):
    """Write grey pictures that are shown at *times*, in whole seconds."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("ffv1", rate=1)
        video.width, video.height, video.pix_fmt = 64, 48, "gray"
        for seconds in times:
            frame = av.VideoFrame.from_ndarray(np.full((48, 64), seconds % 256, np.uint8), format="gray")
            frame.pts, frame.time_base = seconds, Fraction(1)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    return path


def test_a_file_whose_clock_starts_late_plays_at_once(make_clip, tmp_path):
    with av.open(str(make_clip(frames=12, fps=24))) as clip, av.open(str(tmp_path / "late.ts"), "w") as late:
        streams = {stream: late.add_stream_from_template(stream) for stream in clip.streams}
        for packet in clip.demux():
            if packet.dts is not None:
                shift = round(3600 / packet.time_base)
                packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                packet.stream = streams[packet.stream]
                late.mux(packet)
    path = tmp_path / "late.ts"
    source = LoopSource(lambda: open_source(str(path)), lambda: FileSound(path))
    heard = source.audio.listen()
    began = time.perf_counter()
    frames = list(islice(source, 18))
    assert time.perf_counter() - began < 5
    source.close()
    pieces = take_all(heard)
    assert [f.pts_seconds for f in frames] == pytest.approx([i / 24 for i in range(18)], abs=0.002)
    assert pieces[0].pts_seconds == pytest.approx(0, abs=0.1)
    assert pieces[-1].pts_seconds == pytest.approx(frames[-1].pts_seconds, abs=0.5)


def test_a_still_comes_again_each_second_with_its_sound(make_clip, tmp_path):
    """The picture of a recording may stand still for a minute: meanwhile it can be stopped, and is heard."""
    sound, still = make_clip(frames=240), write_at(tmp_path / "still.mkv", [0, 60])
    source = LoopSource(lambda: open_source(str(still)), lambda: FileSound(sound))
    heard = source.audio.listen()
    frames = list(islice(source, 3))
    source.close()
    assert [f.pts_seconds for f in frames] == pytest.approx([0, 1, 2])
    assert frames[2].pixels is frames[0].pixels
    assert take_all(heard)[-1].pts_seconds == pytest.approx(2, abs=0.5)


def test_a_wait_ends_when_it_is_closed(tmp_path):
    path = write_at(tmp_path / "slow.mkv", range(20))
    source = LoopSource(lambda: open_source(str(path)))
    frames = iter(source)
    next(frames)
    Timer(0.2, source.close).start()
    began = time.perf_counter()
    assert next(frames, None) is None
    assert time.perf_counter() - began < 0.8


def test_it_may_be_closed_while_another_thread_decodes(make_clip):
    """What another thread decodes must not be freed: Python would crash."""
    path = make_clip(frames=50, size=(640, 360))
    for round_ in range(8):
        source = LoopSource(lambda: open_source(str(path)), lambda: FileSound(path))
        player = Thread(target=lambda source=source: [None for _ in source])
        player.start()
        time.sleep(0.02 * round_)
        source.close()
        player.join(10)
        assert not player.is_alive()
