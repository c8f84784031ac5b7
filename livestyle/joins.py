"""Joins: recordings that were put one behind the other, each with a clock of its own, on one clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Protocol, Self, TypeVar

BROADCAST = {"mpegts", "mpeg", "vob"}
"""Containers whose clock starts anywhere, and anew where recordings were joined; it counts ``TICKS``."""

TICKS = 90_000
"""In a second."""

BACK_TICKS = TICKS // 2
"""A clock that goes back by more is another."""

AHEAD_TICKS = 10 * TICKS
"""So is one that leaps ahead by more, as FFmpeg has it, too."""

HELD_PACKETS = 1000
"""Of sound, before its join is taken for none of the picture's: many seconds."""


class Packet(Protocol):
    """What is asked of a packet of PyAV."""

    stream: Any
    stream_index: int
    size: int
    pts: int | None
    dts: int | None
    duration: int | None


PacketT = TypeVar("PacketT", bound=Packet)


class Joins:
    """Puts packets on the clock that the file begins with.

    Where the clock changes, the picture goes on right after its last frame, and all else keeps its place
    beside the picture. So all who read the picture and the sound find the same times.

    Args:
        picture: number of its stream in the file.
        step: from one frame to the next, in ticks.
    """

    def __init__(self, picture: int, step: int) -> None:
        self.picture = picture
        self._step = step
        self._known = [0]  # shifts from the clocks of the file to that of its beginning, in order
        self._shifts: dict[int, int] = {}  # where the picture and each sound are among them
        self._newest: dict[int, int] = {}  # when the newest packet of each is decoded, by the file's clock
        self._ends: dict[int, int] = {}  # of each so far, by the clock of the beginning

    @classmethod
    def of(cls, container: Any, picture: Any) -> Self | None:
        """Return what mends *container*, of PyAV, with its stream *picture*; None when it has one clock."""
        if picture is None or container.format.name not in BROADCAST:
            return None
        return cls(picture.index, round(TICKS / (picture.average_rate or picture.guessed_rate or 25)))

    def place(self, packet: Packet, *, sure: bool = False) -> bool:
        """Put *packet* on the one clock.

        Packets of the picture and of all sound come, in the order of the file. False, and nothing is done,
        while the picture has not come to the join before *packet*; *sure*: the picture has no such join.
        """
        index, picture = packet.stream_index, packet.stream_index == self.picture
        pts, dts = packet.pts, packet.dts
        if pts is None or dts is None:
            if picture and index in self._ends:  # MPEG gives times to some of its frames
                self._newest[index] += self._step
                self._ends[index] += self._step
            return True
        if picture or packet.stream.type == "audio":
            shift = self._follow(index, pts, dts)
            if shift is None:
                if not (picture or sure):
                    return False
                shift = self._ends[index] - pts
                self._known.append(shift)
            end = pts + shift + (self._step if picture else packet.duration or 0)
            self._shifts[index], self._newest[index] = shift, dts
            self._ends[index] = max(end, self._ends.get(index, end))
        else:
            shift = self._nearest(self._known, pts)  # subtitles are too few to have a clock
        packet.pts, packet.dts = pts + shift, dts + shift
        return True

    def _follow(self, index: int, pts: int, dts: int) -> int | None:
        """Return the shift for a packet of the stream *index*; None when it is not among those known."""
        if index not in self._ends:
            return self._nearest(self._known, pts)
        shift, leap, end = self._shifts[index], dts - self._newest[index], self._ends[index]
        if abs(leap) <= BACK_TICKS:
            return shift
        fitting = [known for known in self._known if abs(pts + known - end) <= BACK_TICKS]
        if fitting:  # the picture was there before; or back again: a damaged time was no join
            return self._nearest(fitting, pts)
        if 0 < leap <= AHEAD_TICKS or (leap > 0 and self._beside(index, pts + shift)):
            return shift
        later = [] if index == self.picture else self._known[self._known.index(shift) + 1 :]
        return self._nearest(later, pts) if later else None  # it ended long before the picture, or after it

    def _beside(self, index: int, tick: int) -> bool:
        """Tell whether the picture has come to *tick*, or for the picture a sound: so there was but a gap."""
        others = (
            end for other, end in self._ends.items() if (other == self.picture) != (index == self.picture)
        )
        return any(abs(tick - end) <= AHEAD_TICKS for end in others)

    def _nearest(self, shifts: list[int], pts: int) -> int:
        """Return which of *shifts* puts a packet of time *pts* nearest to where the picture is."""
        now = self._ends.get(self.picture, pts)
        return min(shifts, key=lambda shift: abs(pts + shift - now))


def demux(container: Any, picture: Any, wanted: Collection[int]) -> Iterator[Any]:
    """Yield the packets of the streams *wanted* of *container*, of PyAV, on one clock.

    Args:
        container: that is read on.
        picture: the stream in it beside which all others keep their place, not wanted itself, or None.
        wanted: numbers of streams.
    """
    joins = Joins.of(container, picture)
    also = {picture.index, *(sound.index for sound in container.streams.audio)} if joins else set()
    packets = container.demux([container.streams[index] for index in {*wanted, *also}])
    if joins is None:
        return packets
    return (packet for packet in hold_back(packets, joins) if packet.stream_index in wanted)


def hold_back(packets: Iterable[PacketT], joins: Joins) -> Iterator[PacketT]:
    """Yield all of *packets* but the picture's, each on the one clock; what is before its picture waits."""
    held: deque[PacketT] = deque()
    for packet in packets:
        if not packet.size:
            continue
        if packet.stream_index == joins.picture:
            joins.place(packet)
        else:
            held.append(packet)
        while held and joins.place(held[0], sure=len(held) > HELD_PACKETS):
            yield held.popleft()
    for packet in held:
        joins.place(packet, sure=True)
        yield packet
