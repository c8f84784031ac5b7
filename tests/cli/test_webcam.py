import os
import re
import shlex
import signal
import subprocess
import sys
from contextlib import ExitStack, closing, nullcontext
from pathlib import Path

import av
import pytest
from screen import wait_for
from signals import SENT

from livestyle.cli.webcam import choose_outputs, open_outputs
from livestyle.errors import SourceUnavailable, UsageError
from livestyle.sources import open_source
from livestyle.styles.style import Credits, write_style
from livestyle.stylize.network import StyleNetwork, Tier


@pytest.fixture
def webcam(screen, livestyle_home):
    """A function that starts the command, on a screen of ours; style aaa paints grey, bbb red."""
    write_tiny_style(livestyle_home / "styles" / "aaa.safetensors")
    write_tiny_style(livestyle_home / "styles" / "bbb.safetensors", red=2)
    running = []

    def start(*words):
        command = [sys.executable, "-m", "livestyle", "webcam", "--style", "aaa", "--camera", "pattern"]
        there = {**os.environ, "DISPLAY": screen.display}
        running.append(
            subprocess.Popen(
                [*command, "--size", "320x180", *words], env=there, stderr=subprocess.PIPE, text=True
            )
        )
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def ended_quietly(process):
    """True when the command said nothing but what paints."""
    _, said = process.communicate(timeout=60)
    return re.fullmatch(r"livestyle: \w+ \w+ \w+ \(.*\)\n", said) is not None


def write_tiny_style(path, red=0):
    network = StyleNetwork(Tier(8, 1))
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    weights["out.conv.bias"][:4] += red
    write_style(path, weights, Credits(path.stem), Tier(8, 1), {})


def test_keys_steer_what_the_window_shows(webcam, screen, tmp_path):
    def redness():
        red, green, _ = screen.take(tmp_path / "now.png")[100:].mean((0, 1))
        return red - green

    def contrast():
        return screen.take(tmp_path / "now.png")[100:].std()

    process = webcam()
    screen.await_window()
    wait_for(lambda: 1 < contrast() < 20)
    with screen.hold("space"):
        wait_for(lambda: contrast() > 30)
    wait_for(lambda: contrast() < 20)
    assert redness() < 20
    screen.press("n")
    wait_for(lambda: redness() > 80)
    wait_for(lambda: screen.press("minus") or (redness() < 75 and contrast() > 14))
    screen.press("p")
    wait_for(lambda: redness() < 20)
    screen.press("q")
    assert ended_quietly(process)
    assert process.returncode == 0


def test_the_cross_ends_the_run_even_while_a_style_is_made_ready(webcam, screen, tmp_path):
    process = webcam()
    screen.await_window()
    wait_for(lambda: screen.take(tmp_path / "start.png").std() > 5)
    screen.press("n")
    screen.click_cross()
    assert ended_quietly(process)
    wait_for(lambda: not screen.has_window())


@SENT
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_and_finishes_the_file(webcam, screen, tmp_path, number):
    process = webcam("--to", "window", "--to", str(tmp_path / "out.mp4"))
    screen.await_window()
    wait_for(lambda: screen.take(tmp_path / "start.png").std() > 5)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert f"saved {tmp_path / 'out.mp4'}" in said
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) > 0


def test_an_output_that_fails_is_not_said_to_be_saved(livestyle_home, tmp_path):
    write_tiny_style(livestyle_home / "styles" / "aaa.safetensors")
    out = tmp_path / "old.mp4"
    out.write_text("old")
    words = ["--camera", "pattern", "--size", "160x90", "--style", "aaa", "--to", str(out), "-y"]
    command = shlex.join([sys.executable, "-m", "livestyle", "webcam", *words])
    limited = ["bash", "-c", f"ulimit -f 20; {command}"]
    ended = subprocess.run(limited, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "file failed: cannot write" in ended.stderr and "saved" not in ended.stderr
    assert out.read_text() == "old"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--style", "aab"], "did you mean 'aaa'?"),
        (["--strength", "2"], "strength must be between"),
        (["--camera", "97"], "camera 97 does not open"),
        (["--device", "cuda:77"], "cuda:77"),
        (["--size", "640"], "640x360"),
        (["--cycle", "20sec"], "20s, 2m or 1:30"),
        (["--cycle", "20s", "--playlist", "show.toml"], "not both"),
        (["--to", "file"], "no output named 'file'; there are: a file like out.mp4"),
        (["--to", "a.mp4", "--to", "./a.mp4"], "--to ./a.mp4 is given twice"),
        (["--to", "rtmp://h/app/key", "--to", "rtmp://h/app/key"], "--to rtmp://h/app/… is given twice"),
        (["--to", "live.twitch.tv/app/live_key"], "no output named 'live.twitch.tv/app/…'"),
        (["--camera", __file__, "--to", __file__, "-y"], "is what is painted from; write elsewhere"),
        (["--folder", "nowhere"], "there is no folder nowhere"),
        (["--microphone", "nobody", "--camera", "pattern"], "--microphone none"),
    ],
)
def test_wrong_input_is_one_line(webcam, words, says):
    process = webcam(*words)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert says in said
    assert len(said.splitlines()) == 1


def test_macos_takes_other_spellings_for_the_same_output(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(UsageError, match=r"--to A.mp4 is given twice"):
        choose_outputs(["a.mp4", "A.mp4"], Path(), [])


@SENT
def test_a_show_goes_on_when_nobody_reads_what_it_says(livestyle_home, tmp_path):
    write_tiny_style(livestyle_home / "styles" / "aaa.safetensors")
    words = ["--camera", "pattern", "--size", "160x90", "--style", "aaa"]
    outputs = [tmp_path / "one.mp4", tmp_path / "two.mp4"]
    command = [sys.executable, "-m", "livestyle", "webcam", *words]
    process = subprocess.Popen(
        [*command, *(word for out in outputs for word in ("--to", str(out)))], stderr=subprocess.PIPE
    )
    process.stderr.close()
    wait_for(lambda: sum(path.stat().st_size > 999 for path in tmp_path.glob("*.partial")) == 2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 128 + signal.SIGTERM
    assert sorted(path.name for path in tmp_path.glob("*.mp4*")) == ["one.mp4", "two.mp4"]


def test_a_microphone_that_nobody_named_and_that_refuses_ends_nothing(tmp_path, caplog):
    def refuse():
        raise SourceUnavailable("cannot hear it: the sound server refuses")

    with closing(open_source("pattern", width=64, height=48, fps=30)) as source:
        for told in (False, True):
            with ExitStack() as undo, pytest.raises(SourceUnavailable) if told else nullcontext():
                sinks = open_outputs(
                    [str(tmp_path / "out.mp4")], source, undo, "", True, (None, refuse, told), False, False
                )
                assert len(sinks) == 1
    assert "files are without sound: cannot hear it" in caplog.text
