"""A file is written whole or not at all, and nothing is left beside it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from livestyle.whole import whole_file


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
