"""FileSink: an encoded video file, with the sound and all else of the file that was painted."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.error

from livestyle.audio import AudioTrack
from livestyle.clip import Clip
from livestyle.errors import SinkUnavailable, StageError
from livestyle.frame import Frame, StreamInfo
from livestyle.numbering import LIKE_A_NUMBER, Numbering
from livestyle.settings import EncodeSettings
from livestyle.sinks.audio import SyncedAudio
from livestyle.sinks.carry import Carry
from livestyle.sinks.codecs import choose_container
from livestyle.sinks.encoder import Encoder, Packets, make_plan
from livestyle.sinks.hearing import HeardTrack
from livestyle.sinks.journal import Journal, sync
from livestyle.sinks.matroska import write_pixel_shape
from livestyle.sound import Microphone
from livestyle.whole import move, refusal_told, spare, target_of

log = logging.getLogger(__name__)


class FileSink:
    """Writes a video file: complete under its name, or not at all.

    It grows under another name beside it, ending in ``.partial``, and takes its own name in ``close``.
    When writing fails, or ``abandon`` was called, what there is stays under that other name; so it does after
    ``abridge`` where it would replace a file that may be whole.

    Args:
        path: of the file to write.
        info: size and rate of the frames that will come.
        clip: the file that they come from, whose sound, times and tags are kept; None for a camera.
        settings: how to encode.
        overwrite: whether a file that is there may be replaced; one that the same job left always may.
        journal: keeps what is encoded, and what the job had encoded before it was cut off.
        audio: what is heard with the frames of a stream.
        microphone: what is to be heard instead; closed at the end.

    Attributes:
        path: of the file; once closed, where it is.
        saved: whether it is there: closed, and under the name that it was to have.
        left_out: how many frames found no place: a GIF shows 50 in a second at most.

    Raises:
        UnknownName: no kind of file has that ending, or no codec that name.
        UsageError: the codec cannot be in such a file.
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
        journal: Journal | None = None,
        microphone: Microphone | None = None,
        audio: AudioTrack | None = None,
    ) -> None:
        self.path = path
        self._overwrite = overwrite
        self._journal = journal
        self._clip = clip
        target = check_writable(path, clip, overwrite=self._may_replace())
        self.partial = target.with_name(f"{target.name}.{'resumable' if journal else os.getpid()}.partial")
        self._plan = make_plan(path, info, clip, settings)
        if journal:
            journal.agree(repr(self._plan))
        self._container = choose_container(path)
        self._origin = round(clip.origin * clip.time_base / self._plan.time_base) if clip else None
        self._output: av.container.OutputContainer | None = None
        self._encoder: Encoder | None = None
        self._carry: Carry | None = None
        self._audio: SyncedAudio | None = None
        self._newest: Frame | None = None
        self._last_end_seconds = 0.0
        self._last_pts = -(2**62)
        self.left_out = 0
        self.saved = False
        self._abridged = False
        self._replaces = path.exists() and not (journal and journal.gave(path))
        self._failed = False  # somewhere in the run
        self._broken = False  # here: FFmpeg crashes when it is asked to go on
        with self._saying_what_failed():
            self.partial.touch()
        if LIKE_A_NUMBER.search(path.name):
            log.warning("%s is one file of this name; pictures alone are numbered: .png, .jpg …", path)
        self._microphone = HeardTrack(microphone) if microphone else None
        track = self._microphone or audio
        self._heard = track.listen() if track else None

    def write(self, frame: Frame) -> None:
        """Encode *frame*, and copy what sounds before it.

        Raises:
            StageError: the file cannot be written on; the text says why and what is kept.
        """
        with self._saying_what_failed():
            encoder = self._start()
            if encoder.segment_is_full:
                self._finish_segment()
            pts = self._tick(frame.pts_seconds)
            if pts is None:
                encoder.skip()
                self.left_out += 1
            else:
                self._origin = pts if self._origin is None else self._origin  # a camera's first is at 0
                self._mux(encoder.encode(frame, pts - self._origin))
            self._last_end_seconds = frame.pts_seconds + (
                frame.duration_seconds or float(1 / self._plan.rate)
            )
            self._newest = frame
            if self._carry:
                self._carry.advance(frame.pts_seconds)
            if self._microphone:
                self._microphone.advance(frame, frame.pts_seconds)
            self._keep_sound(frame.pts_seconds)

    def _may_replace(self) -> bool:
        """Tell whether a file that is there may be replaced: one that this job left may."""
        return self._overwrite or bool(self._journal and self._journal.gave(self.path))

    def _keep_sound(self, until_seconds: float) -> None:
        """Write what was heard before *until_seconds*."""
        if self._audio and self._output and self._origin is not None:
            begin_seconds = float(self._origin * self._plan.time_base)
            self._output.mux(list(self._audio.encode(until_seconds, begin_seconds)))

    def _mux(self, packets: Packets) -> None:
        assert self._output is not None
        for packet in packets:
            if self._journal:
                self._journal.add(packet)
            self._output.mux_one(packet)

    def _finish_segment(self) -> None:
        """Let the encoder start afresh: from here the job could be resumed."""
        assert self._encoder is not None
        self._mux(self._encoder.finish())
        if self._journal:
            self._journal.finish_segment()
        self._encoder.restart()

    def _replay(self, journal: Journal) -> None:
        """Write what *journal* has kept, as if it came from the encoder."""
        output, encoder = self._output, self._encoder
        assert output is not None and encoder is not None
        output.start_encoding()
        for number in range(journal.segments):
            times, packets = journal.replay(number)
            for packet in encoder.place(packets, times):
                output.mux_one(packet)
                end = (packet.pts or 0) + (packet.duration or 0) + (self._origin or 0)
                self._last_end_seconds = max(self._last_end_seconds, float(end * self._plan.time_base))
            if times:  # else all of it was left out
                self._last_pts = times[-1] + (self._origin or 0)
            self.left_out -= len(times)
            if self._carry:
                self._carry.advance(float(self._last_pts * self._plan.time_base))
        self.left_out += journal.frames
        if journal.segments:
            encoder.restart()

    def _tick(self, seconds: float) -> int | None:
        """Return *seconds* in the plan's time base, so late that the frame before is seen long enough.

        None when a GIF, which knows hundredths alone, has no place for it within one of them.
        """
        tick, shortest = round(seconds / self._plan.time_base), self._plan.shortest
        if shortest > 1 and tick < self._last_pts + shortest - 1:
            return None
        self._last_pts = max(tick, self._last_pts + shortest)
        return self._last_pts

    def abridge(self) -> None:
        """Say that the source was not read to its end: the sound will end where the picture does."""
        self._abridged = True

    def abandon(self) -> None:
        """Say that the run failed: ``close`` leaves what there is under the name ``partial``."""
        self._failed = True

    def close(self) -> None:
        """Finish the file and give it its name."""
        if self._microphone:
            self._microphone.close()
        elif self._heard:
            self._heard.end()
        if self._journal and self._journal.segments and not self._broken:
            with self._saying_what_failed():
                self._start()  # perhaps nothing was left to paint
        if self._output is None or self._encoder is None:
            self.partial.unlink(missing_ok=True)
            return
        try:
            if not self._broken:
                with self._saying_what_failed():
                    self._finish(self._output, self._encoder)
        finally:  # what was written can be watched only if it is closed
            if self._carry:
                self._carry.close()
            if self._journal:
                self._journal.close()
            with self._saying_what_failed():
                self._output.close()
                if self._plan.sample_aspect_ratio not in (0, 1) and self._container.format in MATROSKA:
                    write_pixel_shape(self.partial, self._plan.sample_aspect_ratio)
        if self.left_out:
            log.warning("%d frames are left out: a GIF shows 50 in a second at most", self.left_out)
        if self._abridged and self._replaces:
            self.path = self.partial
        elif not self._failed:
            with self._saying_what_failed():
                if self.path.exists() and not self._may_replace():
                    raise StageError(
                        f"{self.path} is there now, of another; what was done is in {self.partial}"
                    )
                if self._journal:  # which is removed next
                    with self.partial.open("rb+") as file:
                        sync(file)
                    self._journal.give(self.partial)
                move(self.partial, self.path)
            self.saved = True
            if self._journal and not self._abridged:
                self._journal.remove()

    def _finish(self, output: av.container.OutputContainer, encoder: Encoder) -> None:
        """Write what is still held, and what sounds until the end."""
        output.mux(list(encoder.finish()))
        if self._carry:
            self._carry.advance(self._last_end_seconds if self._abridged or self._failed else None)
            self._carry.finish()
        if self._microphone and self._newest:
            self._microphone.advance(self._newest, self._last_end_seconds)
        self._keep_sound(self._last_end_seconds)
        if self._audio:
            output.mux(list(self._audio.finish()))

    def _start(self) -> Encoder:
        if self._output is None or self._encoder is None:
            name = self._container.format
            options = container_options(name, self._plan.time_base, live=self._clip is None)
            self._output = av.open(f"file:{self.partial}", "w", format=name, container_options=options)
            self._encoder = Encoder(self._output, self._plan)
            if self._clip and not Numbering.of(self._clip.path):
                self._carry = Carry(self._clip, self._output, self._container.sound)
                self._carry.describe_video(self._encoder.stream, self._clip.stream)
            if self._heard and self._container.sound:
                self._audio = SyncedAudio(self._output, self._container.sound, self._heard, whole=True)
            if self._journal:
                self._replay(self._journal)
        return self._encoder

    @contextmanager
    def _saying_what_failed(self) -> Iterator[None]:
        try:
            yield
        except (OSError, av.error.FFmpegError) as error:
            already, self._failed, self._broken = self._broken, True, True
            if already:
                return  # closing after a failure fails again; the first one has been told
            kept = f"; what was done is in {self.partial}" if self._output else ""
            if kept and self._clip and self._container.format in ENDED:
                kept += " (which may lack the end that players need; .mkv needs none)"
            reason = (error.strerror or str(error)).lower()
            kind = StageError if self._output else SinkUnavailable
            raise kind(f"cannot write {self.path}: {reason}{kept}") from error


MATROSKA = ("matroska", "webm")
"""Containers of one family."""

ENDED = ("mp4", "mov")
"""Containers whose index is written last."""

LIVE_MP4 = {
    "movflags": "hybrid_fragmented+delay_moov",
    "frag_duration": "1000000",
    "flush_packets": "1",
}
"""Writes an mp4 of whole seconds, and makes one piece of them at the end."""


def container_options(name: str, time_base: Fraction, *, live: bool) -> dict[str, str]:
    """Return the options of the container *name*: FFmpeg's own would lose something.

    *live* files can be watched up to the last second even if the disk fills or the power goes.
    """
    if name in MATROSKA:
        return {"fflags": "+bitexact"}  # else it numbers the streams at random
    if name not in ("mp4", "mov"):
        return {}
    unit = time_base.denominator  # else the first frame is placed to a millisecond only
    return {"movie_timescale": str(unit * -(-1000 // unit)), **(LIVE_MP4 if live else {})}


def check_writable(path: Path, clip: Clip | None, *, overwrite: bool) -> Path:
    """Return the file that is written for *path*; SinkUnavailable when it cannot be, or must not be."""
    with refusal_told(f"write {path}"):  # the folder may be one that we may not look into
        if path.is_dir():
            raise SinkUnavailable(
                f"{path} is a folder; give a file name in it, or --into for a folder of videos"
            )
        spare([clip.path] if clip else [], path)
        target = target_of(path)
        if path.exists() and not overwrite:
            raise SinkUnavailable(f"{path} exists; give -y to replace it")
        if not target.parent.is_dir():
            raise SinkUnavailable(f"there is no folder {target.parent}; create it first")
    return target
