import time

import pytest
from flash import measure_offsets, write_flashes

from livestyle.errors import SinkUnavailable
from livestyle.frame import StreamInfo
from livestyle.live.opening import open_live
from livestyle.pipeline import Pipeline, each
from livestyle.sinks import open_sink

pytest.importorskip("aiortc", reason="no aiortc")
pytest.importorskip("aiohttp", reason="no aiohttp")

from whip_server import WhipServer

from livestyle.sinks.whip import read_token


@pytest.fixture
def server(tmp_path):
    server = WhipServer(tmp_path / "got.mp4")
    yield server
    server.close()


def test_a_server_gets_picture_and_sound(server, tmp_path):
    source = open_live(str(write_flashes(tmp_path / "clip.mp4", seconds=5)), 0, 0, 0, once=True)
    sink = open_sink(server.address(), source.info, audio=source.audio)
    Pipeline(source, each(lambda frame: frame), [sink]).run()
    assert server.deleted.wait(10)
    time.sleep(0.2)
    offsets = measure_offsets(tmp_path / "got.mp4")
    assert len(offsets) >= 2
    assert sorted(map(abs, offsets))[len(offsets) // 2] < 0.1


def test_a_wrong_token_is_said_without_the_key(server):
    with pytest.raises(SinkUnavailable, match="is the token right") as caught:
        open_sink(server.address("wrong"), StreamInfo(64, 48, 30, live=True))
    assert "secret" not in str(caught.value)
    assert "wrong" not in str(caught.value)


def test_a_token_may_hold_any_letters():
    place, headers = read_token("https://:a%2Fb%40c@server/path")
    assert (place, headers) == ("https://server/path", {"Authorization": "Bearer a/b@c"})
