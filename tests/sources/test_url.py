import signal
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import av
import numpy as np
import pytest
from camera_server import CameraServer
from screen import wait_for
from servers import RtmpServer, start_sender
from signals import SENT

from livestyle.errors import SourceUnavailable
from livestyle.sources import open_source


@pytest.mark.parametrize("address", ["rtsp://127.0.0.1:9/x", "http://127.0.0.1:9/x", "nonsense://x"])
def test_an_address_where_nothing_answers_is_said_in_one_line(address):
    with pytest.raises(SourceUnavailable, match="cannot open") as caught:
        open_source(address)
    assert "\n" not in str(caught.value)


def test_a_page_without_a_picture_is_refused(tmp_path):
    camera = CameraServer()
    camera.frozen = True  # answers, and then nothing follows
    with pytest.raises(SourceUnavailable):
        open_source(camera.address)
    camera.stop()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def folder_address(tmp_path):
    """The address of *tmp_path*, served by HTTP."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(tmp_path)))
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("height", "matrix"), [(720, 1), (360, 5)])
def test_an_untagged_stream_has_the_colours_of_the_file(tmp_path, folder_address, height, matrix):
    green = (30, 190, 60)
    with av.open(str(tmp_path / "clip.ts"), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"qp": "0", "preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 64, height, "yuv444p"
        for _ in range(25):
            frame = av.VideoFrame.from_ndarray(np.full((height, 64, 3), green, np.uint8), format="rgb24")
            frame = frame.reformat(format="yuv444p", dst_colorspace=matrix)
            frame.colorspace = 2
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    for place in (str(tmp_path / "clip.ts"), f"{folder_address}/clip.ts"):
        source = open_source(place)
        frame = next(iter(source))
        source.close()
        assert np.abs(frame.pixels.astype(int) - green).max() <= 2


@contextmanager
def sent(folder, *options):
    """The address of a stream that was begun a second ago: a tone, and what *options* for ffmpeg say."""
    server = RtmpServer(folder)
    sender = start_sender(server.address(), *options)
    wait_for(lambda: any(path.stat().st_size for path in server.recordings()))
    time.sleep(1)
    try:
        yield server.address()
    finally:
        sender.kill()
        sender.wait()
        server.close()


def film(key_frame_seconds):
    """Return the options for a film with a key frame every so often."""
    interval = str(25 * key_frame_seconds)
    picture = ["-f", "lavfi", "-i", "testsrc=s=320x180:r=25", "-pix_fmt", "yuv420p"]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-sc_threshold", "0"]
    return [*picture, *coded, "-g", interval]


def test_a_stream_joined_long_before_its_next_key_frame_is_waited_for(tmp_path):
    with sent(tmp_path, *film(9)) as address:
        began = time.perf_counter()
        with closing(open_source(address)) as source:
            frame = next(iter(source))
            took = time.perf_counter() - began
    assert frame.pixels.shape == (180, 320, 3)
    assert 5 < took < 15  # from the key frame on: the one after it would be 9 s later


@SENT
def test_ctrl_c_ends_a_wait_for_a_key_frame(tmp_path):
    with sent(tmp_path) as address:
        code = f"from livestyle.sources import open_source; print(1, flush=True); open_source({address!r})"
        with subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as opening:
            opening.stdout.readline()
            time.sleep(1)
            opening.send_signal(signal.SIGINT)
            began = time.perf_counter()
            opening.wait(20)
    assert time.perf_counter() - began < 2


@pytest.mark.slow
def test_a_stream_without_a_key_frame_is_told_what_would_help(tmp_path):
    with (
        sent(tmp_path) as address,
        pytest.raises(
            SourceUnavailable, match=r"no picture in 12 s; set the sender's key frame interval to 2 s"
        ),
    ):
        open_source(address)
