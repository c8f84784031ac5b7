"""What goes with pictures to the ear: Sound, and the contract of what hears it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Sound of one channel: float32, (N,), in [-1, 1]."""


@dataclass(frozen=True, eq=False)
class Sound:
    """A stretch of sound and when it was in the air.

    Attributes:
        samples: float32, (N,), in [-1, 1].
        heard_at: ``time.perf_counter()`` when the first sample was heard.
    """

    samples: Samples = field(repr=False)
    heard_at: float


class Microphone(Protocol):
    """Hears sound from when it was opened until ``close``.

    Attributes:
        name: as people call it.
        rate: samples per second.
    """

    name: str
    rate: int

    def take(self) -> list[Sound]:
        """Return what was heard since the last call, in order; waits for nothing."""

    def close(self) -> None:
        """Hear no more. What was heard can still be taken."""
