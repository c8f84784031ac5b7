"""Recorder: writes what is shown to files while the picture keeps running."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from livestyle.audio import AudioTrack
from livestyle.errors import LivestyleError, SinkUnavailable
from livestyle.frame import Frame, StreamInfo
from livestyle.live.replay import Replay
from livestyle.pictures import Picture, write_picture
from livestyle.sinks import LIVE_ENCODING
from livestyle.sinks.file import FileSink
from livestyle.sound import Microphone

NOTHING = "nothing was recorded: no frame came meanwhile"


class Recorder:
    """A sink that keeps the last seconds, and writes recordings, clips and snapshots when told to.

    Args:
        info: size and rate of the frames that will come.
        folder: where files are put; their names say when.
        say: told, in one line, what was written or why not. From any thread.
        listen: opens a microphone for a recording; raises UsageError. None records without sound.
        always: whether to listen all the time, so that the clip of the last seconds has sound too.
        audio: what is heard with the frames, which recordings keep where there is no microphone.

    Frames keep the times at which they were captured.
    """

    name = "recorder"

    def __init__(
        self,
        info: StreamInfo,
        folder: Path,
        say: Callable[[str], None],
        listen: Callable[[], Microphone] | None = None,
        always: bool = False,
        audio: AudioTrack | None = None,
    ) -> None:
        self._info = info
        self._folder = folder
        self._say = say
        self._listen = listen
        self._audio = audio
        self._replay = Replay(microphone=self._hear()[0] if always else None)
        self._newest: Frame | None = None
        self._file: FileSink | None = None
        self._switching = threading.Lock()  # keys start and stop it, the pipeline writes
        self._background: list[threading.Thread] = []

    @property
    def recording(self) -> bool:
        """Whether frames go to a file now."""
        return self._file is not None

    @property
    def idle(self) -> bool:
        """Whether no frame needs to be painted for it: the last seconds are those that were seen."""
        return not self.recording

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
        self._replay.close()

    def start(self) -> Path | None:
        """Start a recording unless there is one; return its file, or None when it cannot be written."""
        with self._switching:
            if self._file is None:
                microphone, sound = self._hear()
                try:
                    self._file = FileSink(
                        self._new_path(".mp4"),
                        self._info,
                        settings=LIVE_ENCODING,
                        microphone=microphone,
                        audio=self._audio,
                    )
                except LivestyleError as error:
                    if microphone:
                        microphone.close()
                    self._say(str(error))
                    return None
                self._say(f"recording to {self._file.path}{sound}")
            return self._file.path

    def finish(self) -> Path | None:
        """Finish the recording; return its file, or None when there was none."""
        with self._switching:
            return self._finish()

    def save_snapshot(self) -> Path | None:
        """Write the newest frame as a PNG, in the background; return where, or None without a frame."""
        newest = self._newest
        return None if newest is None else self._start(self._write_picture, newest, self._new_path(".png"))

    def save_replay(self) -> Path:
        """Write the last seconds as a clip, in the background; return where."""
        return self._start(self._write_clip, self._replay.copy(), self._new_path(".mp4"))

    def _hear(self) -> tuple[Microphone | None, str]:
        """Open the microphone, if there is one; return it, and what to say of the sound."""
        if self._listen is None:
            return None, ""
        try:
            microphone = self._listen()
        except LivestyleError as error:
            return None, f", without sound: {error}"
        return microphone, f", with sound from {microphone.name}"

    def _start(self, work: Callable[..., None], item: object, path: Path) -> Path:
        self._background = [thread for thread in self._background if thread.is_alive()]
        self._background.append(threading.Thread(target=work, args=(item, path), name="recorder"))
        self._background[-1].start()
        return path

    def _new_path(self, suffix: str) -> Path:
        return self._folder / f"livestyle-{datetime.now():%Y%m%d-%H%M%S-%f}{suffix}"

    def _finish(self) -> Path | None:
        file, self._file = self._file, None
        if file is None:
            return None
        try:
            file.close()
            self._say(f"saved {file.path}" if file.saved else NOTHING)
        except LivestyleError as error:
            self._say(str(error))
        return file.path

    def _write_picture(self, frame: Frame, path: Path) -> None:
        try:
            write_picture(path, Picture(frame.pixels, frame.alpha))
            self._say(f"saved {path}")
        except SinkUnavailable as error:
            self._say(str(error))

    def _write_clip(self, replay: Replay, path: Path) -> None:
        try:
            sink = FileSink(path, self._info, settings=LIVE_ENCODING, microphone=replay.sound)
            for frame in replay:
                sink.write(frame)
            sink.close()
            self._say(f"saved {path}" if sink.saved else NOTHING)
        except LivestyleError as error:
            self._say(str(error))
