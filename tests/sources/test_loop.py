import time

import pytest

from livestyle.sources import open_source
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
