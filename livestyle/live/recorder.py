"""Recorder: writes what is shown to files while the picture keeps running."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import cv2

from livestyle.errors import LivestyleError
from livestyle.frame import Frame, StreamInfo
from livestyle.live.replay import Replay
from livestyle.sinks import LIVE_ENCODING
from livestyle.sinks.file import FileSink


class Recorder:
    """A sink that keeps the last seconds, and writes recordings, clips and snapshots when told to.

    Args:
        info: size and rate of the frames that will come.
        folder: where files are put; their names say when.
        say: told, in one line, what was written or why not. From any thread.

    Frames keep the times at which they were captured.
    """

    name = "recorder"

    def __init__(self, info: StreamInfo, folder: Path, say: Callable[[str], None]) -> None:
        self._info = info
        self._folder = folder
        self._say = say
        self._replay = Replay()
        self._newest: Frame | None = None
        self._file: FileSink | None = None
        self._switching = threading.Lock()  # keys start and stop it, the pipeline writes
        self._background: list[threading.Thread] = []

    @property
    def recording(self) -> bool:
        """Whether frames go to a file now."""
        return self._file is not None

    def write(self, frame: Frame) -> None:
        """Remember *frame*, and write it to the recording if there is one."""
        self._newest = frame
        self._replay.remember(frame)
        with self._switching:
            if self._file is not None:
                try:
                    self._file.write(frame)
                except LivestyleError as error:
                    self._file.close()
                    self._file = None
                    self._say(str(error))

    def close(self) -> None:
        """Finish what is being written."""
        with self._switching:
            self._finish()
        for thread in self._background:
            thread.join()

    def toggle(self) -> None:
        """Start a recording, or finish it."""
        with self._switching:
            if self._file is not None:
                self._finish()
                return
            try:
                self._file = FileSink(self._new_path(".mp4"), self._info, settings=LIVE_ENCODING)
                self._say(f"recording to {self._file.path}")
            except LivestyleError as error:
                self._say(str(error))

    def save_snapshot(self) -> None:
        """Write the newest frame as a PNG, in the background."""
        if self._newest is not None:
            self._start(self._write_picture, self._newest, self._new_path(".png"))

    def save_replay(self) -> None:
        """Write the last seconds as a clip, in the background."""
        self._start(self._write_clip, self._replay.copy(), self._new_path(".mp4"))

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        self._background = [thread for thread in self._background if thread.is_alive()]
        self._background.append(threading.Thread(target=work, args=arguments, name="recorder"))
        self._background[-1].start()

    def _new_path(self, suffix: str) -> Path:
        return self._folder / f"livestyle-{datetime.now():%Y%m%d-%H%M%S-%f}{suffix}"

    def _finish(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            try:
                file.close()
                self._say(f"saved {file.path}")
            except LivestyleError as error:
                self._say(str(error))

    def _write_picture(self, frame: Frame, path: Path) -> None:
        _, png = cv2.imencode(".png", cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2BGR))
        try:
            path.write_bytes(png.tobytes())
            self._say(f"saved {path}")
        except OSError as error:
            self._say(f"cannot write {path}: {error.strerror}")

    def _write_clip(self, replay: Replay, path: Path) -> None:
        try:
            sink = FileSink(path, self._info, settings=LIVE_ENCODING)
            for frame in replay:
                sink.write(frame)
            sink.close()
            self._say(f"saved {path}")
        except LivestyleError as error:
            self._say(str(error))
