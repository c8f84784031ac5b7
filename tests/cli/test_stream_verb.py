import os
import signal
import subprocess
import sys
import time

import av
import pytest
from flash import measure_offsets, write_flashes
from signals import SENT

PLAYLIST = "live.m3u8"


def run(*words, **environment):
    return subprocess.run(
        [sys.executable, "-m", "livestyle", "stream", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, **environment},
    )


def test_a_clip_becomes_a_stream_once_with_its_sound(tmp_path, tiny_style):
    clip, playlist = write_flashes(tmp_path / "clip.mp4", seconds=4), tmp_path / "out" / "live.m3u8"
    done = run(clip, playlist, "--style", tiny_style.path)
    assert done.returncode == 0, done.stderr
    assert "frames in" in done.stderr
    offsets = measure_offsets(playlist)
    assert offsets
    assert max(map(abs, offsets)) < 0.04


@SENT
def test_the_address_may_come_by_the_environment_and_ctrl_c_ends_well(tmp_path, tiny_style):
    playlist = tmp_path / "live.m3u8"
    words = ["pattern", "--style", str(tiny_style.path), "--size", "64x48"]
    process = subprocess.Popen(
        [sys.executable, "-m", "livestyle", "stream", *words],
        env={**os.environ, "LIVESTYLE_STREAM_URL": str(playlist)},
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not playlist.exists():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "#EXT-X-ENDLIST" in playlist.read_text()
    with av.open(str(playlist)) as container:
        assert next(container.decode(video=0)).width == 64


def test_a_server_that_is_away_at_the_end_is_a_failure(tmp_path, tiny_style):
    clip, playlist = write_flashes(tmp_path / "clip.mp4", seconds=8), tmp_path / "out" / "live.m3u8"
    words = [clip, playlist, "--style", tiny_style.path]
    process = subprocess.Popen(
        [sys.executable, "-m", "livestyle", "stream", *map(str, words)], stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not playlist.exists():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    playlist.parent.rename(tmp_path / "away")
    playlist.parent.write_text("no folder any more")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1, said
    assert "was lost, and not back at the end" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["pattern", "gopher://x/secret"], "no kind of stream named 'gopher'"),
        (["pattern", "live.twitch.tv/app/secret"], "no kind of stream named 'live.twitch.tv/app/…'"),
        (
            ["pattern", "rtmp:/live.twitch.tv/app/secret"],
            "no kind of stream named 'rtmp:/live.twitch.tv/app/…'",
        ),
        (["pattern", "rtmp://127.0.0.1:9/live/secret"], "connection refused"),
        ([PLAYLIST, PLAYLIST, "-y"], "is what is painted from; write elsewhere"),
        (["pattern", "udp://127.0.0.1:9", "--fps", "0"], "should be greater than or equal to 1"),
        (["pattern", "udp://nohost.invalid:9"], "no such host; is the name right?"),
        (["", "udp://127.0.0.1:9"], "the name of the source is empty"),
        (["nothing.mp4", "rtmp://127.0.0.1:9/live/secret"], "nothing.mp4"),
        (["pattern", "rtmp://127.0.0.1:9/live/secret", "--bitrate", "much"], "no bitrate: 'much'"),
        (["gopher://x/secret", "udp://127.0.0.1:9"], "cannot open a stream of kind 'gopher'"),
    ],
)
def test_wrong_input_is_one_line_without_the_key(words, says, tiny_style, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / PLAYLIST).touch()
    done = run(*words, "--style", tiny_style.path)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 2, done.stderr
    assert says in last
    assert "secret" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
