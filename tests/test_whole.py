"""A file is written whole or not at all, and nothing is left beside it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from livestyle.errors import SinkUnavailable
from livestyle.whole import key_of, refusal_told, whole_file


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.txt"
    with whole_file(path) as partial:
        partial.write_text("half")
        assert not path.exists()
        partial.write_text("whole")
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("failure", [OSError(28, "no space left on device"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, failure: BaseException) -> None:
    path = tmp_path / "file.txt"
    path.write_text("precious")
    with pytest.raises(type(failure)), whole_file(path) as partial:
        partial.write_text("half")
        raise failure
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("old", [b"precious", None], ids=["there", "not there yet"])
def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path, old: bytes | None) -> None:
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "file.txt", tmp_path / "link.txt"
    if old:
        target.write_bytes(old)
    link.symlink_to("elsewhere/file.txt")
    with pytest.raises(KeyError), whole_file(link) as partial:
        partial.write_text("half")
        raise KeyError
    assert (target.read_bytes() if target.exists() else None) == old
    with whole_file(link) as partial:
        partial.write_text("whole")
    assert link.is_symlink() and target.read_text() == "whole"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("name", ["pipe.txt", "null.txt"])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes with names on this system")
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "null.txt").symlink_to(os.devnull)
    before = sorted(tmp_path.iterdir())
    with (
        pytest.raises(SinkUnavailable, match="cannot write it: it is a pipe or a device, no file"),
        refusal_told("write it"),
        whole_file(tmp_path / name) as partial,
    ):
        partial.write_text("whole")
    assert sorted(tmp_path.iterdir()) == before and not (tmp_path / name).is_file()


def test_windows_is_asked_again_while_somebody_looks_at_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, refusals = tmp_path / "file.txt", [PermissionError(13, "in use")] * 2
    replace = Path.replace

    def refuse_twice(partial: Path, target: Path) -> Path:
        if refusals:
            raise refusals.pop()
        return replace(partial, target)

    monkeypatch.setattr(Path, "replace", refuse_twice)
    with pytest.raises(PermissionError), whole_file(path) as partial:
        partial.write_text("refused at once elsewhere")
    monkeypatch.setattr(sys, "platform", "win32")
    with whole_file(path) as partial:
        partial.write_text("whole")
    assert path.read_text() == "whole" and not refusals


def test_macos_takes_some_spellings_for_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    spelled = ["Café/Clip.MOV", "cafe\u0301/clip.mov"]
    assert sys.platform != "linux" or len({key_of(path) for path in spelled}) == 2
    monkeypatch.setattr(sys, "platform", "darwin")
    assert len({key_of(path) for path in spelled}) == 1
    assert key_of(Path("one")) != key_of(Path("two"))


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_that_lead_in_a_circle_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "b.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    with pytest.raises(OSError, match="leads to itself"), whole_file(tmp_path / "a.txt"):
        pass
