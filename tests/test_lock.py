"""Two runs of one job are kept apart; what a killed one leaves keeps nobody out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from livestyle.errors import SinkUnavailable, UsageError
from livestyle.lock import only_run


def test_one_at_a_time_gets_in(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "lock"
    for _ in range(2):
        with only_run(path, "painting wave.mp4"):
            assert path.exists()
            told = "painting wave.mp4 is running in another process; wait for it, or give another name"
            with pytest.raises(UsageError, match=told), only_run(path, "painting wave.mp4"):
                pass
            assert path.exists()
        assert not list(tmp_path.iterdir()), "it leaves nothing behind"


def test_what_was_made_beside_it_stays(tmp_path: Path) -> None:
    with only_run(tmp_path / "new" / "lock", "a training"):
        (tmp_path / "new" / "style").touch()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["style"]


def test_a_killed_run_lets_the_next_one_in(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holds = (
        "import sys, pathlib, livestyle.lock\n"
        "with livestyle.lock.only_run(pathlib.Path(sys.argv[1]), 'it'): print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holds, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(UsageError, match="it is running"), only_run(path, "it"):
            pass
        process.kill()
        process.wait()
    assert path.exists()
    with only_run(path, "it"):
        pass
    assert not path.exists()


def test_who_waits_for_a_file_that_is_removed_does_not_hold_it_unseen(tmp_path: Path) -> None:
    """Many that come and go at once: never are two inside."""
    inside = tmp_path / "inside"
    comes_and_goes = (
        "import sys, pathlib, livestyle.lock as lock, livestyle.errors as errors\n"
        "inside = pathlib.Path(sys.argv[2])\n"
        "for _ in range(300):\n"
        "    try:\n"
        "        with lock.only_run(pathlib.Path(sys.argv[1]), 'it'):\n"
        "            inside.touch(exist_ok=False)\n"
        "            inside.unlink()\n"
        "    except errors.UsageError: pass\n"
    )
    command = [sys.executable, "-c", comes_and_goes, str(tmp_path / "lock"), str(inside)]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for process in running:
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0, told


def test_where_no_file_is_the_same_twice_all_get_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "samestat", lambda *_: False)
    with only_run(tmp_path / "lock", "it"):
        pass


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SinkUnavailable, match="cannot write in"), only_run(tmp_path / "file" / "lock", "it"):
        pass
