"""SequenceSink: a picture file for each frame, numbered: ``out/%05d.png``."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

import av

from livestyle.clip import LENIENT, Clip
from livestyle.errors import SinkUnavailable, StageError, UsageError
from livestyle.frame import Frame, StreamInfo
from livestyle.numbering import Numbering
from livestyle.pictures import KEEP_ALPHA, LOSSY, Picture, check_picture_name, write_picture
from livestyle.settings import EncodeSettings
from livestyle.sinks.encoder import SEGMENT_FRAMES
from livestyle.sinks.journal import Journal, sync
from livestyle.sinks.planes import find_alpha
from livestyle.whole import key_of, patiently, refusal_told

log = logging.getLogger(__name__)


class SequenceSink:
    """Writes each frame as a picture, whole or not at all, with its transparency.

    The first is number 1; frames of a sequence keep the numbers that they had. Live ones have no gap where
    some were dropped.

    Args:
        path: of the pictures, with ``%05d`` for the number; the folder is made.
        info: size and rate of the frames that will come.
        clip: the file that they come from; None for a camera.
        settings: the quality of JPEG and WebP follows from theirs.
        overwrite: whether pictures that are there may be replaced.
        journal: remembers up to where the job had come before it was cut off.

    Attributes:
        path: of the pictures.
        left_out: no frames, as ``FileSink`` counts them.

    Raises:
        UsageError: no such pictures can be written, or a setting makes no sense for them.
        SinkUnavailable: such pictures are there, or are the source itself.
    """

    name = "sequence"
    left_out = 0

    def __init__(
        self,
        path: Path,
        info: StreamInfo,
        clip: Clip | None = None,
        settings: EncodeSettings = EncodeSettings(),  # noqa: B008 (frozen)
        *,
        overwrite: bool = False,
        journal: Journal | None = None,
    ) -> None:
        numbering = Numbering.of(path)
        if numbering is None:
            raise UsageError(f"{path} has no place for a number; write {path.stem}-%05d{path.suffix}")
        check_picture_name(path, transparent=info.cut_out)
        check_fits(path, clip, settings)
        before = Numbering.of(clip.path) if clip else None
        if before and key_of(before.pattern.resolve()) == key_of(path.resolve()):
            raise SinkUnavailable(f"{path} are the pictures themselves; give another name to write to")
        there = numbering.there()
        if there and not overwrite and not (journal and not journal.fresh):
            raise SinkUnavailable(f"{numbering.name(there[0])} exists; give -y to replace it")
        with refusal_told(f"make the folder {path.parent}"):
            path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._numbering = numbering
        self._quality = 100 - round(5 * (float(settings.quality) / 18) ** 2) if not settings.lossless else 100
        self._journal = journal
        self._rate = clip.rate if clip and before else None
        self._live, self._written = info.live, 0
        self._first = before.there()[0] if before else 1
        self._unsure: list[Path] = []  # pictures that may not be on the disk yet
        self._abridged = self._failed = False
        if clip and before is None:
            tell_what_is_lost(clip)

    def write(self, frame: Frame) -> None:
        """Write *frame*.

        Raises:
            StageError: it cannot be written; the text says why.
        """
        if self._journal and len(self._unsure) == SEGMENT_FRAMES:
            self._finish_segment(self._journal)
        index = round(frame.pts_seconds * self._rate) if self._rate else frame.index
        if self._live:
            index, self._written = self._written, self._written + 1
        path = self._numbering.name(self._first + index)
        try:
            write_picture(path, Picture(frame.pixels, find_alpha(frame)), self._quality)
        except SinkUnavailable as error:
            raise StageError(f"{error}; the pictures before it are there") from error
        if self._journal:
            self._unsure.append(path)

    def abridge(self) -> None:
        """Say that the source was not read to its end: the job can be resumed."""
        self._abridged = True

    def abandon(self) -> None:
        """Say that the run failed: the job can be resumed."""
        self._failed = True

    def close(self) -> None:
        """Forget what is only needed to go on, when all is done."""
        if self._journal:
            self._journal.close()
            if not (self._abridged or self._failed):
                self._sync_pictures()
                self._journal.remove()

    def _finish_segment(self, journal: Journal) -> None:
        self._sync_pictures()
        journal.finish_segment()

    def _sync_pictures(self) -> None:
        for path in self._unsure:
            with patiently(partial(path.open, "rb+")) as file:
                sync(file)
        self._unsure.clear()


def check_fits(path: Path, clip: Clip | None, settings: EncodeSettings) -> None:
    """Raise UsageError when pictures named *path* cannot be what is asked for."""
    suffix = path.suffix.lower()
    if settings.codec != "auto" or settings.bitrate:
        raise UsageError(f"{path} are pictures, they have no codec and no bitrate; only --quality")
    if settings.lossless and suffix in LOSSY:
        raise UsageError(f"{suffix} pictures lose a little; .png and .tiff are lossless")
    if clip and clip.colour.hdr:
        raise UsageError("pictures are written in 8 bits, too few for HDR; leave out --hdr keep")
    if clip and max(part.bits for part in av.VideoFormat(clip.format).components) > 8:
        log.warning("pictures are written in 8 bits, fewer than the source has")
    if clip and clip.alpha and suffix not in KEEP_ALPHA:
        log.warning("%s pictures have no transparency; it is laid on white", suffix)


def tell_what_is_lost(clip: Clip) -> None:
    """Tell in the log what of *clip* pictures cannot hold."""
    with av.open(f"file:{clip.path}", **LENIENT) as container:
        kinds = {stream.type for stream in container.streams} - {"video"}
    if "audio" in kinds:
        log.warning("pictures have no sound: it is left out")
    if clip.sample_aspect_ratio not in (0, 1):
        log.warning("pictures have square pixels: they will look %s wide", clip.sample_aspect_ratio)
