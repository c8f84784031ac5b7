"""Clock of a stream: from the times that it gives to seconds since it was opened, here."""

from __future__ import annotations

LATE_SECONDS = 1.0
"""A stream that is later than that has broken off and gone on."""

DRIFT = 2e-4
"""By which the clock of a sender may be slower than ours; those of computers differ by half of that."""


class StreamClock:
    """Places the times of a stream on our clock, all by the same shift: picture and sound stay together.

    Args:
        paced: whether the stream comes in bursts, and is to be shown at the pace of its own times. Otherwise
            it comes as it happens, and the earliest arrival tells how much later everything else is.
    """

    def __init__(self, *, paced: bool) -> None:
        self._paced = paced
        self._shift: float | None = None
        self._placed_at = 0.0

    def place(self, stream_seconds: float, now_seconds: float) -> float:
        """Return when a picture with the time *stream_seconds* that came at *now_seconds* is, or is due.

        Both are seconds; *now_seconds* since the stream was opened, as what is returned.
        """
        shift = now_seconds - stream_seconds
        if self._shift is None or shift - self._shift > LATE_SECONDS:
            self._shift = shift
        elif not self._paced or self._shift - shift > 10 * LATE_SECONDS:
            self._shift = min(self._shift + DRIFT * (now_seconds - self._placed_at), shift)
        self._placed_at = now_seconds
        return stream_seconds + self._shift

    def find(self, stream_seconds: float) -> float | None:
        """Return when sound with the time *stream_seconds* is; None before the first picture."""
        return None if self._shift is None else stream_seconds + self._shift
