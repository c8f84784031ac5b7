"""Rates: how often each address may do something."""

from __future__ import annotations

import time
from collections import OrderedDict

MOST_ADDRESSES = 1000
"""That are remembered; the one that was quiet longest is forgotten first."""


class Rates:
    """A bucket of tokens for each address, refilled as time passes.

    Args:
        per_second: how fast a bucket fills.
        burst: how many it holds.
    """

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> bool:
        """Return whether *address* may do it once more, and count it."""
        now = time.monotonic()
        level, then = self._buckets.get(address, (float(self._burst), now))
        level = min(level + (now - then) * self._per_second, self._burst)
        allowed = level >= 1
        self._buckets[address] = (level - allowed, now)
        self._buckets.move_to_end(address)
        if len(self._buckets) > MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return allowed
