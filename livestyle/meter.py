"""How fast frames come out, how old they are, and how many were dropped."""

from __future__ import annotations

import time
from collections import deque

import numpy as np


class Meter:
    """Counts what one sink shows. Kept over the last *window_seconds*, so memory stays constant."""

    def __init__(self, window_seconds: float = 2.0) -> None:
        self._window_seconds = window_seconds
        self._shown: deque[tuple[float, float]] = deque()
        self.frames = 0

    def shown(self, captured_at: float) -> None:
        """Count a frame that was captured at *captured_at* (``time.perf_counter()``) and shown now."""
        now = time.perf_counter()
        self._shown.append((now, now - captured_at))
        while len(self._shown) > 2 and self._shown[0][0] < now - self._window_seconds:
            self._shown.popleft()
        self.frames += 1

    @property
    def kept(self) -> int:
        """Frames shown within the window."""
        return len(self._shown)

    @property
    def fps(self) -> float:
        """Frames per second over the window; 0 before the second frame."""
        if len(self._shown) < 2:
            return 0.0
        return (len(self._shown) - 1) / max(self._shown[-1][0] - self._shown[0][0], 1e-9)

    def latency_seconds(self, percentile: float = 50) -> float:
        """Age of the frames when shown, at *percentile* (0–100) over the window; 0 before the first."""
        ages = [age for _, age in tuple(self._shown)]
        return float(np.percentile(ages, percentile)) if ages else 0.0
