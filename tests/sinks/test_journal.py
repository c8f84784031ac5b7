"""Journal: what is kept comes back, and a full disk is no second failure."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from livestyle.frame import Bookmark
from livestyle.sinks import journal as journals
from livestyle.sinks.journal import Journal


def packet(pts: int) -> av.Packet:
    made = av.Packet(bytes(range(100)))
    made.pts, made.duration, made.is_keyframe = pts, 1, pts == 0
    return made


def begun(folder: Path, job: str) -> Journal:
    journal = Journal(folder, job)
    journal.begin()
    return journal


def test_a_finished_segment_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(journals, "SEGMENT_FRAMES", 3)
    journal = begun(tmp_path / "parts", "a job")
    assert journal.fresh
    for pts in (0, 2, 1):
        journal.add(packet(pts))
    journal.remember(Bookmark(3, 0.1, 42), {"past": np.arange(4)})
    journal.finish_segment()
    journal.add(packet(3))  # of a segment that is never finished
    journal.close()
    assert Journal(tmp_path / "parts", "another job").fresh
    again = begun(tmp_path / "parts", "a job")
    assert not again.fresh and caplog.messages == ["going on after frame 3"]
    bookmark, state = again.recall()
    assert bookmark == Bookmark(3, 0.1, 42)
    assert {name: list(value) for name, value in state.items()} == {"past": [0, 1, 2, 3]}
    times, packets = again.replay(0)
    assert times == [0, 1, 2]
    assert [(p.pts, bytes(p), p.is_keyframe) for p in packets] == [
        (pts, bytes(range(100)), pts == 0) for pts in (0, 2, 1)
    ]


def test_what_another_job_kept_is_thrown_away_when_it_begins_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    begun(tmp_path / "parts", "a job").finish_segment()
    assert Journal(tmp_path / "parts", "a job").segments == 1
    other = Journal(tmp_path / "parts", "another job")
    assert (other.fresh, other.segments, caplog.text) == (True, 0, "")
    other.begin()
    assert "is thrown away" in caplog.text
    assert [path.name for path in (tmp_path / "parts").iterdir()] == ["job.json"]


@pytest.mark.parametrize(
    "left", [b"", b'[3, "a j', b"\0" * 80, b"\xff\xfe"], ids=["empty", "half", "noughts", "noise"]
)
def test_a_note_that_a_power_cut_spoilt_is_of_no_job(tmp_path: Path, left: bytes) -> None:
    begun(tmp_path / "parts", "a job").finish_segment()
    (tmp_path / "parts" / "job.json").write_bytes(left)
    journal = begun(tmp_path / "parts", "a job")
    assert (journal.fresh, journal.segments) == (True, 0)
    assert not Journal(tmp_path / "parts", "a job").fresh


@pytest.mark.parametrize("name", ["replace", "unlink"])
def test_on_windows_who_looks_into_its_files_ends_no_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    journal, refused, act = begun(tmp_path / "parts", "a job"), set[Path](), getattr(Path, name)

    def refuse_once(path: Path, *given: object, **how: object) -> object:
        if path not in refused:
            refused.add(path)
            raise PermissionError(13, "in use")
        return act(path, *given, **how)

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(Path, name, refuse_once)
    for _ in range(2):
        journal.finish_segment()
    assert refused and Journal(tmp_path / "parts", "a job").segments == 2
    journal.remove()
    assert not (tmp_path / "parts").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_full_disk_is_told_once(tmp_path: Path) -> None:
    journal = begun(tmp_path / "parts", "a job")
    (tmp_path / "parts" / "growing.packets").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        for pts in range(1000):
            journal.add(packet(pts))
    journal.close()
    journal.remove()
    assert not (tmp_path / "parts").exists()


def test_all_of_a_segment_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = begun(tmp_path / "parts", "a job")
    sizes: list[int] = []
    monkeypatch.setattr(journals.os, "fsync", lambda number: sizes.append(os.fstat(number).st_size))
    journal.add(packet(0))
    journal.finish_segment()
    assert sizes[0] == (tmp_path / "parts" / "000000.packets").stat().st_size > 100
