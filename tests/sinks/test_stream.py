import logging
import signal
import subprocess
import threading
import time
from itertools import islice, pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from flash import measure_offsets, write_flashes
from servers import RtmpServer, find_port, start_listener
from signals import SENT

from livestyle.errors import LivestyleError, MissingExtra, SinkUnavailable
from livestyle.frame import StreamInfo
from livestyle.live.opening import open_live
from livestyle.pipeline import Pipeline, each
from livestyle.relay import find_ffmpeg
from livestyle.sinks import open_sink
from livestyle.sources import open_source

INFO = StreamInfo(320, 180, 30, live=True)


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "server"
    folder.mkdir()
    server = RtmpServer(folder)
    yield server
    server.close()


@pytest.fixture
def listen(tmp_path):
    """A function that starts an ffmpeg listening at an address; returns the process and its file."""
    running = []

    def start(address, name, options=()):
        path = tmp_path / name
        running.append(start_listener(address, path, options))
        return running[-1], path

    yield start
    for process in running:
        process.kill()
        process.wait()


def pictures(seconds=1.0):
    return open_source("pattern", width=320, height=180, fps=30, live=False, frame_count=round(30 * seconds))


def send_clip(path, address, seconds=None):
    """Send the clip at *path*, in real time, unpainted."""
    source = open_live(str(path), 0, 0, 0, once=True)
    sink = open_sink(address, source.info, audio=source.audio)
    pipeline = Pipeline(source, each(lambda frame: frame), [sink])
    if seconds:
        threading.Timer(seconds, pipeline.stop).start()
    return pipeline.run()


def test_a_server_gets_every_frame_at_its_time(listen):
    address = f"rtmp://127.0.0.1:{find_port()}/live/key"
    process, path = listen(address, "got.flv", ["-listen", "1"])
    sink = open_sink(address, INFO)
    for frame in pictures(3):
        sink.write(frame)
    sink.close()
    process.wait(20)
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        shown = list(container.decode(video))
    assert len(shown) == 90
    assert [float(p.time) for p in shown] == pytest.approx([i / 30 for i in range(90)], abs=0.002)
    assert [i for i, p in enumerate(shown) if p.key_frame] == [0, 60]


@pytest.mark.parametrize("kind", ["rtmp", "rtsp", "srt", "hls"])
def test_sound_and_picture_arrive_together(kind, listen, tmp_path):
    clip = write_flashes(tmp_path / "clip.mp4", seconds=3)
    port = find_port()
    if kind == "hls":
        address, received = (str(tmp_path / "out" / "live.m3u8"),) * 2
    elif kind == "srt":
        try:
            find_ffmpeg()
        except MissingExtra as error:
            pytest.skip(str(error))
        address = f"srt://127.0.0.1:{port}"
        _, received = listen(f"{address}?mode=listener", "got.ts")
    else:
        address = f"{kind}://127.0.0.1:{port}/live/key"
        flags = {"rtmp": ["-listen", "1"], "rtsp": ["-rtsp_flags", "listen"]}[kind]
        _, received = listen(address, "got.mkv", flags)
    send_clip(clip, address)
    time.sleep(1)
    offsets = measure_offsets(received)
    assert len(offsets) >= 2
    assert max(map(abs, offsets)) < 0.04


def count_threads():
    """Return how many threads there are in this process, those of encoders too, where that can be seen."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.exists() else threading.active_count()


def test_a_server_that_was_killed_is_called_again_and_nothing_piles_up(server, caplog):
    sink = open_sink(server.address("secret"), INFO)
    frames = open_source("pattern", width=320, height=180, fps=30)
    waits, threads = [], 0
    stage, began = "on", 0.0
    for frame in frames:
        started = time.perf_counter()
        sink.write(frame)
        waits.append(time.perf_counter() - started)
        if stage == "on" and frame.pts_seconds > 1:
            threads = count_threads()
            server.kill()
            stage = "lost"
        elif stage == "lost" and "was lost" in caplog.text:
            server.start()
            stage, began = "returning", frame.pts_seconds
        elif stage == "returning" and "is back after" in caplog.text:
            stage, began = "again", frame.pts_seconds
        elif stage == "again" and frame.pts_seconds > began + 1:
            break
        assert frame.pts_seconds < 60, f"waited in vain: {stage}"
    assert count_threads() <= threads + 1
    sink.close()
    assert max(waits) < 2  # no frame waits for the server
    assert len([r for r in caplog.records if r.levelno >= logging.WARNING]) == 2
    assert "secret" not in caplog.text
    time.sleep(0.5)
    with av.open(str(server.recordings()[-1])) as container:
        assert next(container.decode(video=0)).key_frame


@pytest.mark.slow
@SENT
def test_a_server_that_takes_nothing_is_given_up(listen, caplog):
    address = f"rtmp://127.0.0.1:{find_port()}/live/key"
    process, _ = listen(address, "got.flv", ["-listen", "1"])
    sink = open_sink(address, StreamInfo(1280, 720, 30, live=True), bitrate="50M")
    process.send_signal(signal.SIGSTOP)  # alive, and deaf
    noise = np.random.default_rng(0).integers(0, 255, (720, 1280, 3), np.uint8)
    began = time.perf_counter()
    for frame in open_source("pattern", width=1280, height=720, fps=30):
        sink.write(frame.with_pixels(np.roll(noise, frame.index * 7, axis=1)))
        if "was lost" in caplog.text:
            break
        assert time.perf_counter() - began < 60, "waited in vain"
    assert "takes nothing" in caplog.text
    sink.close()


def test_an_odd_line_is_left_out_and_the_bitrate_kept(tmp_path):
    path = tmp_path / "live.m3u8"
    info = StreamInfo(321, 181, 30, live=True)
    sink = open_sink(str(path), info, bitrate="400k")
    noise = np.random.default_rng(0).integers(0, 255, (181, 321, 3), np.uint8)
    for frame in open_source("pattern", width=321, height=181, fps=30, live=False, frame_count=180):
        sink.write(frame.with_pixels(np.roll(noise, frame.index * 7, axis=1)))
    sink.close()
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
        assert container.streams.video[0].codec_context.width == 320
        size = sum(packet.size for packet in container.demux(video=0))
    assert 0.6 * 400_000 < size * 8 / 6 < 1.4 * 400_000


def test_a_playlist_that_is_there_is_kept_unless_told(tmp_path):
    path = tmp_path / "live.m3u8"
    path.write_text("mine")
    with pytest.raises(SinkUnavailable, match="exists"):
        open_sink(str(path), INFO)
    assert path.read_text() == "mine"
    open_sink(str(path), INFO, overwrite=True).close()


def test_a_folder_that_is_gone_is_told_and_come_back_to(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("livestyle.sinks.stream.STALE_SECONDS", 5.0)
    path = tmp_path / "out" / "live.m3u8"
    sink = open_sink(str(path), INFO)
    lost = False
    for frame in open_source("pattern", width=320, height=180, fps=30, frame_count=1200):
        sink.write(frame)
        if sink.sent == 90:
            path.parent.rename(tmp_path / "away")
        if sink.away and not lost:
            lost = True
            assert "was lost" in caplog.text
            path.parent.mkdir()
        if lost and not sink.away:
            break
    assert lost and not sink.away
    assert caplog.text.count("is back after") == 1
    assert path.stat().st_size
    sink.close()


def test_a_full_disk_under_a_playlist_is_told(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("livestyle.sinks.stream.STALE_SECONDS", 6.0)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "none", tmp_path], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small disk")
    try:
        sink = open_sink(str(tmp_path / "live.m3u8"), INFO)
        noise = np.random.default_rng(0).integers(0, 255, (180, 320, 3), np.uint8)
        for frame in open_source("pattern", width=320, height=180, fps=30, frame_count=900):
            sink.write(frame.with_pixels(np.roll(noise, frame.index * 7, axis=1)))
            if sink.away:
                break
        sink.close()
        assert "grows no more; is the disk full, or the folder gone?" in caplog.text
    finally:
        subprocess.run(["umount", "--lazy", tmp_path], check=True)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("rtmp://127.0.0.1:9/live/secret", "connection refused"),
        ("rtmp://nowhere.invalid/live/secret", "no such host"),
        ("gopher://x/secret", "there are: .*rtmp"),
        ("srt://127.0.0.1:9?passphrase=secret", "10 to 79 characters|livestyle.srt"),
        ("rtmpx://x/secret", "did you mean 'rtmp"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(given, says):
    with pytest.raises(LivestyleError, match=says) as caught:
        open_sink(given, INFO)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_wrong_key_is_said(server):
    with pytest.raises(SinkUnavailable, match="refuses the stream; are application and key right") as caught:
        open_sink(server.address("wrong"), INFO)
    assert "wrong" not in str(caught.value)


def test_the_key_is_in_no_title(server):
    sink = open_sink(server.address("very-secret"), INFO)
    titles = subprocess.run(["ps", "ax", "-o", "args"], capture_output=True, text=True, check=True).stdout
    sink.close()
    assert "livestyle.sinks.courier" in titles
    assert "very-secret" not in titles


def test_what_is_sent_by_udp_can_be_watched():
    import socket

    port = find_port(socket.SOCK_DGRAM)
    watched = threading.Event()

    def send():
        sink = open_sink(f"udp://127.0.0.1:{port}?pkt_size=1316", INFO)
        for frame in open_source("pattern", width=320, height=180, fps=30):
            sink.write(frame)
            if watched.is_set():
                break
        sink.close()

    sender = threading.Thread(target=send)
    sender.start()
    try:
        source = open_source(f"udp://127.0.0.1:{port}")
        seen = list(islice(source, 5))
        source.close()
    finally:
        watched.set()
        sender.join()
    (sent,) = open_source("pattern", width=320, height=180, live=False, frame_count=1)
    difference = np.abs(seen[-1].pixels.astype(int).mean((0, 1)) - sent.pixels.astype(int).mean((0, 1)))
    assert difference.max() < 8  # the scene moves on, its colours stay
    assert all(later.pts_seconds > earlier.pts_seconds for earlier, later in pairwise(seen))
