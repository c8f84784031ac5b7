import shutil
import socket
import subprocess
import threading
import time
from itertools import islice

import av
import numpy as np
import pytest

from livestyle.errors import LivestyleError
from livestyle.frame import StreamInfo
from livestyle.sinks import open_sink
from livestyle.sources import open_source

INFO = StreamInfo(320, 180, 30, live=True)


@pytest.fixture
def address():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"rtmp://127.0.0.1:{free.getsockname()[1]}/live/key"


@pytest.fixture
def start_server(address, tmp_path):
    """A function that starts a server which stores what it is sent; returns the process and the file."""
    if not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg")
    running = []

    def start():
        path = tmp_path / f"got{len(running)}.flv"
        command = [
            "ffmpeg",
            "-v",
            "error",
            "-listen",
            "1",
            "-i",
            address,
            "-c",
            "copy",
            "-flush_packets",
            "1",
            str(path),
        ]
        running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))
        time.sleep(0.7)  # until it listens; a connection made to find out would be taken for the sender
        return running[-1], path

    yield start
    for process in running:
        process.kill()
        process.wait()


def pictures(seconds=1.0):
    return open_source("pattern", width=320, height=180, fps=30, live=False, frame_count=round(30 * seconds))


def test_a_server_gets_every_frame_at_its_time(start_server, address):
    server, path = start_server()
    sink = open_sink(address, INFO)
    for frame in pictures(3):
        sink.write(frame)
    sink.close()
    server.wait(20)
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        shown = list(container.decode(video))
    assert len(shown) == 90
    assert [float(p.time) for p in shown] == pytest.approx([i / 30 for i in range(90)], abs=0.002)
    assert [i for i, p in enumerate(shown) if p.key_frame] == [0, 60]


def test_a_server_that_went_away_is_called_again(start_server, address, caplog):
    server, _ = start_server()
    sink = open_sink(address, INFO)
    frames = iter(open_source("pattern", width=320, height=180, fps=30))
    for _ in range(10):
        sink.write(next(frames))
    server.kill()
    server.wait()
    again = None
    for frame in frames:
        sink.write(frame)
        if again is None and "trying again" in caplog.text:
            again, path = start_server()
        if again is not None and path.exists() and path.stat().st_size > 20_000:
            break
        assert frame.pts_seconds < 40, "waited in vain"
    sink.close()


@pytest.mark.parametrize(
    ("given", "says"), [("rtmp://127.0.0.1:9/live/secret", "cannot stream"), ("gopher://x", "rtmp")]
)
def test_what_cannot_be_is_said_in_one_line(given, says):
    with pytest.raises(LivestyleError, match=says) as caught:
        open_sink(given, INFO)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_sent_by_udp_can_be_watched():
    with socket.socket(type=socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        address = f"udp://127.0.0.1:{free.getsockname()[1]}?pkt_size=1316"
    watched = threading.Event()

    def send():
        sink = open_sink(address, INFO)
        for frame in open_source("pattern", width=320, height=180, fps=30):
            sink.write(frame)
            if watched.is_set():
                break
        sink.close()

    sender = threading.Thread(target=send)
    sender.start()
    try:
        source = open_source(address.partition("?")[0])
        seen = list(islice(source, 5))
        source.close()
    finally:
        watched.set()
        sender.join()
    (sent,) = open_source("pattern", width=320, height=180, live=False, frame_count=1)
    difference = np.abs(seen[-1].pixels.astype(int).mean((0, 1)) - sent.pixels.astype(int).mean((0, 1)))
    assert difference.max() < 8  # the scene moves on, its colours stay
