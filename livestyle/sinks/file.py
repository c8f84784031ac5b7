"""FileSink: an encoded video file, with the sound and all else of the file that was painted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import av.container

from livestyle.clip import Clip
from livestyle.errors import SinkUnavailable, StageError, UnknownName
from livestyle.frame import Frame, StreamInfo
from livestyle.settings import EncodeSettings
from livestyle.sinks.carry import Carry
from livestyle.sinks.encoder import Encoder, make_plan

FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
"""Containers by the ending of the file name."""


class FileSink:
    """Writes a video file: complete under its name, or not at all.

    It grows under another name beside it, ending in ``.partial``, and takes its own name in ``close``.
    When writing fails, or ``abandon`` was called, what there is stays under that other name.

    Args:
        path: of the file to write.
        info: size and rate of the frames that will come.
        clip: the file that they come from, whose sound, times and tags are kept; None for a camera.
        settings: how to encode.
        overwrite: whether a file that is there may be replaced.

    Raises:
        UnknownName: no container has that ending.
        SinkUnavailable: the file exists, is the source itself, or cannot be written.
    """

    name = "file"

    def __init__(
        self,
        path: Path,
        info: StreamInfo,
        clip: Clip | None = None,
        settings: EncodeSettings = EncodeSettings(),  # noqa: B008 (frozen)
        *,
        overwrite: bool = False,
    ) -> None:
        self.path = path
        self.partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
        self._clip = clip
        self._container_format = choose_container(path)
        check_writable(path, clip, overwrite=overwrite)
        self._plan = make_plan(info, clip, settings)
        self._origin = clip.origin if clip else None
        self._output: av.container.OutputContainer | None = None
        self._encoder: Encoder | None = None
        self._carry: Carry | None = None
        self._last_end_seconds = 0.0
        self._abridged = False
        self._failed = False  # somewhere in the run
        self._broken = False  # here: FFmpeg crashes when it is asked to go on
        with self._saying_what_failed():
            self.partial.touch()

    def write(self, frame: Frame) -> None:
        """Encode *frame*, and copy what sounds before it.

        Raises:
            StageError: the file cannot be written on; the text says why and what is kept.
        """
        with self._saying_what_failed():
            output, encoder = self._start()
            pts = round(frame.pts_seconds / self._plan.time_base)
            if self._origin is None:  # a camera: its first frame is at 0
                self._origin = pts
            output.mux(list(encoder.encode(frame, pts - self._origin)))
            self._last_end_seconds = frame.pts_seconds + (
                frame.duration_seconds or float(1 / self._plan.rate)
            )
            if self._carry:
                self._carry.advance(frame.pts_seconds)

    def abridge(self) -> None:
        """Say that the source was not read to its end: the sound will end where the picture does."""
        self._abridged = True

    def abandon(self) -> None:
        """Say that the run failed: ``close`` leaves what there is under the name ``partial``."""
        self._failed = True

    def close(self) -> None:
        """Finish the file and give it its name."""
        if self._output is None or self._encoder is None:
            self.partial.unlink(missing_ok=True)
            return
        if not self._broken:
            with self._saying_what_failed():
                self._output.mux(list(self._encoder.finish()))
                if self._carry:
                    self._carry.advance(self._last_end_seconds if self._abridged or self._failed else None)
        if self._carry:
            self._carry.close()
        with self._saying_what_failed():
            self._output.close()
        if not self._failed:
            with self._saying_what_failed():
                self.partial.replace(self.path)

    def _start(self) -> tuple[av.container.OutputContainer, Encoder]:
        if self._output is None or self._encoder is None:
            self._output = av.open(f"file:{self.partial}", "w", format=self._container_format)
            self._encoder = Encoder(self._output, self._plan)
            self._carry = Carry(self._clip, self._output) if self._clip else None
        return self._output, self._encoder

    @contextmanager
    def _saying_what_failed(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            already, self._failed, self._broken = self._broken, True, True
            if already:
                return  # closing after a failure fails again; the first one has been told
            kept = f"; what was done is in {self.partial}" if self._output else ""
            reason = (error.strerror or str(error)).lower()
            kind = StageError if self._output else SinkUnavailable
            raise kind(f"cannot write {self.path}: {reason}{kept}") from error


def choose_container(path: Path) -> str:
    """Return the container that the ending of *path* asks for, as FFmpeg names it.

    Raises:
        UnknownName: there is none.
    """
    if path.suffix.lower() not in FORMATS:
        raise UnknownName("kind of video file", path.suffix or path.name, FORMATS)
    return FORMATS[path.suffix.lower()]


def check_writable(path: Path, clip: Clip | None, *, overwrite: bool) -> None:
    """Raise SinkUnavailable when *path* cannot be written, or must not be."""
    if path.is_dir():
        raise SinkUnavailable(f"{path} is a folder; give a file name in it")
    if clip and path.exists() and path.samefile(clip.path):
        raise SinkUnavailable(f"{path} is the video itself; give another name to write to")
    if path.exists() and not overwrite:
        raise SinkUnavailable(f"{path} exists; give -y to replace it")
    if not path.parent.is_dir():
        raise SinkUnavailable(f"there is no folder {path.parent}; create it first")
