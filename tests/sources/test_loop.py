import time
from itertools import pairwise

import pytest

from livestyle.sources import open_source
from livestyle.sources.ear import FileSound
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


def test_its_sound_comes_along_on_the_clock_of_its_frames(make_clip):
    path = make_clip(frames=24, fps=24)
    source = LoopSource(lambda: open_source(str(path)), lambda: FileSound(path))
    heard = source.audio.listen()
    frames = iter(source)
    last = [next(frames) for _ in range(36)][-1]  # into the second round
    source.close()
    pieces = []
    while (piece := heard.take(0)) is not None:
        pieces.append(piece)
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
