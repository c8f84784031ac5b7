import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from screen import wait_for

from livestyle.errors import SourceUnavailable
from livestyle.sources import pulse
from livestyle.sources.microphone import find_microphone, list_microphones

RATE = 48000

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("pulseaudio") or not shutil.which("pacat"),
    reason="no pulseaudio to talk to",
)


class SoundServer:
    """A sound server of our own, whose two microphones hear what is played."""

    def __init__(self, folder):
        self._folder = folder
        self.start()

    def start(self):
        self.process = start_server(self._folder)

    def end(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(10)


def start_server(folder):
    """Start a sound server whose socket is in *folder*."""
    socket = folder / "socket"
    sinks = [
        f"module-null-sink sink_name={n} sink_properties=device.description={n}" for n in ("Yeti", "Loop")
    ]
    modules = [f"module-native-protocol-unix auth-anonymous=1 socket={socket}", *sinks]
    loads = [word for module in modules for word in ("-L", module)]
    server = subprocess.Popen(
        ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", *loads],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PULSE_RUNTIME_PATH": str(folder)},
    )
    wait_for(socket.exists)
    return server


@pytest.fixture
def sound_server(tmp_path, monkeypatch):
    """A sound server of our own."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'socket'}")
    monkeypatch.setenv("HOME", str(tmp_path))
    server = SoundServer(tmp_path)
    yield server
    server.end()


def test_microphones_are_found_by_name(sound_server):
    names = [device.name for device in list_microphones()]
    assert sorted(names) == ["Monitor of Loop", "Monitor of Yeti"]
    assert find_microphone("yeti").name == "Monitor of Yeti"
    assert find_microphone("default").name == names[0]
    with pytest.raises(
        SourceUnavailable, match=r"'snowball'; there are: Monitor of .*; or 'default', 'none'"
    ):
        find_microphone("snowball")


def test_what_is_played_is_heard_when_it_is(sound_server):
    began_at = time.perf_counter()
    microphone = find_microphone("yeti").open()
    tone = (0.5 * np.sin(2 * np.pi * 1000 * np.arange(3 * RATE) / RATE)).astype("<f4")
    player = subprocess.Popen(
        ["pacat", "-p", "-d", "Yeti", "--format=float32le", "--channels=1", f"--rate={RATE}"],
        stdin=subprocess.PIPE,
    )
    player.communicate(tone.tobytes(), timeout=20)
    heard = microphone.take()
    microphone.close()
    ended_at = time.perf_counter()
    loud = [sound for sound in heard if np.abs(sound.samples).max() > 0.3]
    assert 2 < sum(sound.samples.size for sound in loud) / RATE < 3.5
    times = [sound.heard_at for sound in heard]
    assert began_at - 0.5 < times[0] < times[-1] < ended_at
    spectrum = np.abs(np.fft.rfft(np.concatenate([sound.samples for sound in loud[5:30]])))
    assert spectrum.argmax() * RATE / (25 * pulse.BLOCK) == pytest.approx(1000, abs=5)


def test_a_server_that_goes_away_ends_the_sound_and_nothing_else(sound_server):
    microphone = find_microphone("yeti").open()
    wait_for(microphone.take)
    subprocess.run(["pactl", "exit"], timeout=10, check=True)
    time.sleep(0.3)
    microphone.close()
    microphone.take()


def test_a_server_that_is_started_again_is_heard_again(sound_server, caplog):
    microphone = find_microphone("yeti").open()
    wait_for(microphone.take)
    sound_server.end()
    wait_for(lambda: "is heard no more" in caplog.text)
    microphone.take()
    time.sleep(1)  # long enough for an attempt that fails
    assert not microphone.take()
    started_at = time.perf_counter()
    sound_server.start()
    heard = wait_for(microphone.take)
    microphone.close()
    assert heard[0].heard_at > started_at - 1
    assert [record.getMessage() for record in caplog.records] == [
        "Monitor of Yeti is heard no more; it is silent until it is back",
        "Monitor of Yeti is heard again",
    ]


def test_a_server_that_hangs_is_told_soon_and_holds_nothing_later(sound_server, monkeypatch):
    monkeypatch.setattr(pulse, "OPENING_SECONDS", 2.0)
    device = find_microphone("yeti")
    sound_server.process.send_signal(signal.SIGSTOP)
    began = time.perf_counter()
    with pytest.raises(
        SourceUnavailable, match="cannot hear Monitor of Yeti: the sound server does not answer"
    ):
        device.open()
    assert time.perf_counter() - began < pulse.OPENING_SECONDS + 1
    sound_server.process.send_signal(signal.SIGCONT)
    microphone = device.open()
    wait_for(microphone.take)
    wait_for(lambda: count_listeners() == 1)
    microphone.close()
    assert count_listeners() == 0


def count_listeners():
    """Return how many streams the server gives sound to."""
    listing = ["pactl", "list", "short", "source-outputs"]
    return len(subprocess.run(listing, capture_output=True, timeout=10, check=True).stdout.splitlines())


def test_no_server_is_one_line(monkeypatch, tmp_path):
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nobody'}")
    with pytest.raises(SourceUnavailable, match="no sound server is running; --microphone none"):
        list_microphones()
