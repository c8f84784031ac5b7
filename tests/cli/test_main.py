"""The program as a whole: exit codes, one line for what is wrong, quick help."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from signals import SENT

from livestyle.cli import expand_stars, main

FULL = Path("/dev/full")


def livestyle(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "livestyle", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["vidoe"], "No such command 'vidoe'"),
        (["video"], "Missing argument 'IN OUT'"),
        (["video", "a.mp4", "b.mp4", "--stile", "x"], "No such option"),
        (["video", "--" + "a" * 300], "No such option"),
        (["video", "a.mp4", "b.mp4", "--strength", "much"], "Invalid value for '--strength'"),
        (["video", "none.mp4", "b.mp4"], "none.mp4"),
        (["styles", "show"], "Missing argument"),
        (["styles", "show", "no-such"], "no style named 'no-such'"),
    ],
)
def test_one_line_for_wrong_usage(arguments: list[str], said: str) -> None:
    done = livestyle(*arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("livestyle: ") and said in done.stderr
    assert done.stderr.count("\n") == 1


def test_files_that_begin_like_options_are_told(tmp_path: Path) -> None:
    (tmp_path / "-lead.mp4").touch()
    command = [sys.executable, "-m", "livestyle", "video", "-lead.mp4", "b.mp4"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert "; write files that begin with - like ./-lead.mp4; see: " in done.stderr


def test_on_windows_a_star_stands_for_the_files_that_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("[b] 1.mp4", "a.mp4", "c.avi", "$HOME"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    words = ["*.mp4", "[b]*", "*.mov", "$HOME", "~", "c.avi"]
    assert sys.platform == "win32" or list(expand_stars(words)) == words, "the shell's work"
    monkeypatch.setattr(sys, "platform", "win32")
    assert list(expand_stars(words)) == ["[b] 1.mp4", "a.mp4", "[b] 1.mp4", "*.mov", "$HOME", "~", "c.avi"]
    monkeypatch.setattr(sys, "argv", ["livestyle", "styles", "show", "c.*"])
    with pytest.raises(SystemExit):
        main()
    assert "c.avi is damaged or not complete" in capsys.readouterr().err


def test_help_without_a_command() -> None:
    done = livestyle()
    assert "video" in done.stdout + done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_is_quick(flag: str) -> None:
    seconds = []
    for _ in range(2):
        started = time.perf_counter()
        done = livestyle(flag)
        seconds.append(time.perf_counter() - started)
        assert done.returncode == 0 and "styles" in done.stdout
    assert min(seconds) < 5, "help imports something heavy"


def test_traceback_with_debug_only() -> None:
    assert "Traceback" in livestyle("--debug", "styles", "show", "no-such").stderr


def test_letters_that_a_pipe_cannot_hold_lose_nothing_else() -> None:
    """Windows opens pipes and files for its old code pages."""
    command = [sys.executable, "-m", "livestyle", "webcam", "--help"]
    narrow = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=narrow)
    assert done.returncode == 0, done.stderr
    assert "--playlist" in done.stdout


@pytest.mark.skipif(not FULL.exists(), reason="there is no disk that is always full")
def test_a_full_disk_is_one_line() -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "livestyle", "styles"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 1
    assert done.stderr == "livestyle: the disk is full: not all could be printed\n"


def test_on_windows_a_pipe_that_nobody_reads_is_one_line() -> None:
    code = (
        "import io, sys; from livestyle.cli import main\n"
        "class Closed(io.BytesIO):\n"
        "    def write(self, data):\n"
        "        if data: Closed.write = io.BytesIO.write; raise OSError(22, 'Invalid argument')\n"
        "sys.stdout = io.TextIOWrapper(Closed(), write_through=True)\n"
        "sys.argv, sys.platform = ['livestyle', '--version'], 'win32'\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, "livestyle: nobody reads it: not all could be printed\n")


@pytest.mark.skipif(sys.platform == "win32", reason="written for a shell")
def test_who_closes_the_output_gets_none() -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m livestyle styles >&-"], stderr=subprocess.PIPE, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@SENT
def test_ctrl_c_is_quiet_from_the_start() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "livestyle", "styles"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.endswith(" typer.models\n"):  # while the commands are imported
                process.send_signal(signal.SIGINT)
                break
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in told
