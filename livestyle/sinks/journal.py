"""Journal: keeps what a job has encoded, so that it can go on after a power cut."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import av
import numpy as np
from av.packet import PacketSideData, PktSideDataT, packet_sidedata_type_from_literal
from numpy.typing import NDArray

from livestyle.errors import SinkUnavailable
from livestyle.frame import Bookmark
from livestyle.sinks.encoder import SEGMENT_FRAMES
from livestyle.whole import mark_of, move, whole_file

if TYPE_CHECKING:
    Packet: TypeAlias = av.Packet[Any]

log = logging.getLogger(__name__)

State = Mapping[str, NDArray[Any]]

PLACE = "place"
"""Of the bookmark among the arrays of a state."""

HEAD = struct.Struct("<qqII?")
"""Of a packet: time shown, duration, bytes, bytes of transparency, whether decoding can start at it."""

ALPHA: PktSideDataT = "matroska_block_additional"
"""Where VP9 has its transparency."""

FORMAT = 6
"""Of the files in the folder, and of what the painter remembers in them."""


class Journal:
    """A folder with the packets of each finished segment, and what the painter remembered after the last.

    A segment is there whole or not at all. Nothing is changed before ``begin``.

    Attributes:
        fresh: False when the same job had begun before.

    Args:
        folder: may be there or not.
        job: all that decides what comes out, as text.
    """

    def __init__(self, folder: Path, job: str) -> None:
        self.folder = folder
        self._note = folder / "job.json"
        self._given = folder / "given.json"
        self._job = [FORMAT, job]
        noted = read_note(self._note)
        self.fresh = noted[:2] != self._job
        self._kept_plan = "".join(map(str, noted[2:]))
        self._plan = ""
        self._states: dict[int, State] = {}
        self._open: IO[bytes] | None = None
        self.segments = 0
        while not self.fresh and self._packets(self.segments).exists():
            self.segments += 1

    def agree(self, plan: str) -> None:
        """Check that what was kept was encoded by *plan*, all that decides how, and keep that.

        Raises:
            SinkUnavailable: it was not: a graphics card was there, or is not any more.
        """
        self._plan = plan
        if not self.fresh and self._kept_plan not in ("", plan):
            raise SinkUnavailable(
                f"{self.folder} was begun with another encoder than there is now; remove it to start again"
            )

    def begin(self) -> None:
        """Make the folder ready to keep segments; those of another job are removed. What is done is told."""
        if not self.fresh:
            if self.frames:
                log.warning("going on after frame %d", self.frames)
            return
        if self._packets(0).exists():
            log.warning("what %s kept of another job, or of other settings, is thrown away", self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        with whole_file(self._note) as partial, partial.open("w") as file:
            json.dump([*self._job, self._plan], file)
            sync(file)

    def give(self, file: Path) -> None:
        """Note that *file*, which is about to be moved to where the job was to write, is of this job."""
        with whole_file(self._given) as partial, partial.open("w") as noted:
            json.dump(mark_of(file), noted)
            sync(noted)

    def gave(self, file: Path) -> bool:
        """Tell whether *file*, which may be there or not, is of this job, and as the job left it."""
        return not self.fresh and file.exists() and read_note(self._given) == mark_of(file)

    @property
    def frames(self) -> int:
        """How many frames are in finished segments."""
        return self.segments * SEGMENT_FRAMES

    def remember(self, bookmark: Bookmark, state: State) -> None:
        """Keep *state*, which the painter is in at *bookmark*, until its segment is finished."""
        place = np.array([bookmark.pts_seconds, bookmark.digest])
        self._states[bookmark.frames] = {**state, PLACE: place}

    def recall(self) -> tuple[Bookmark | None, State]:
        """Return where the last finished segment ends, and the state there; None and nothing at the start."""
        if not self.segments:
            return None, {}
        with np.load(self._state(self.segments - 1)) as stored:
            state = dict(stored)
        pts_seconds, digest = state.pop(PLACE)
        return Bookmark(self.frames, float(pts_seconds), int(digest)), state

    def add(self, packet: Packet) -> None:
        """Add *packet* to the segment that is being written."""
        if self._open is None:
            self._open = self._growing.open("wb")
        alpha = bytes(packet.get_sidedata(ALPHA)) if packet.has_sidedata(ALPHA) else b""
        head = packet.pts, packet.duration or 0, packet.size, len(alpha), packet.is_keyframe
        self._open.write(HEAD.pack(*head) + bytes(packet) + alpha)

    def finish_segment(self) -> None:
        """Make the segment that is being written a finished one."""
        growing = self._open or self._growing.open("wb")  # pictures leave it empty
        sync(growing)
        growing.close()
        self._open = None
        number = self.segments
        with self._state(number).open("wb") as file:
            np.savez(file, allow_pickle=False, **self._states.pop(self.frames + SEGMENT_FRAMES, {}))
            sync(file)
        move(self._growing, self._packets(number))
        self.segments += 1
        with contextlib.suppress(
            PermissionError
        ):  # on Windows, while it is looked into; nobody reads it again
            self._state(number - 1).unlink(missing_ok=True)

    def replay(self, number: int) -> tuple[list[int], Iterator[Packet]]:
        """Return the times at which frames of a finished segment are shown, and its packets."""
        with self._packets(number).open("rb") as file:
            times = []
            while head := file.read(HEAD.size):
                pts, _, size, more, _ = HEAD.unpack(head)
                times.append(pts)
                file.seek(size + more, os.SEEK_CUR)
        return sorted(times), self._read(number)

    def close(self) -> None:
        """Forget the segment that is being written; the finished ones stay."""
        if self._open is not None:
            with contextlib.suppress(OSError):  # a full disk; what did not fit is not wanted
                self._open.close()
            self._open = None

    def remove(self) -> None:
        """Remove all: the job is done."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self, number: int) -> Iterator[Packet]:
        with self._packets(number).open("rb") as file:
            while head := file.read(HEAD.size):
                pts, duration, size, more, key = HEAD.unpack(head)
                packet: Packet = av.Packet(file.read(size))
                packet.pts, packet.duration, packet.is_keyframe = pts, duration, key
                if more:
                    alpha = PacketSideData(packet_sidedata_type_from_literal(ALPHA), more)  # type: ignore[call-arg]
                    alpha.update(file.read(more))
                    packet.set_sidedata(alpha)
                yield packet

    def _packets(self, number: int) -> Path:
        return self.folder / f"{number:06d}.packets"

    def _state(self, number: int) -> Path:
        return self.folder / f"{number:06d}.npz"

    @property
    def _growing(self) -> Path:
        return self.folder / "growing.packets"


def sync(file: IO[Any]) -> None:
    """Bring all of *file* to the disk: else a power cut may leave its name without what is in it."""
    file.flush()
    os.fsync(file.fileno())


def read_note(path: Path) -> list[Any]:
    """Return what is noted at *path*; empty when nothing is, or a power cut spoilt it."""
    try:
        noted = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return []
    return noted if isinstance(noted, list) else []
