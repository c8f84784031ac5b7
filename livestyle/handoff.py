"""Where one thread leaves frames for the next."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Handoff(Generic[Item]):
    """A bounded queue that can end. The only thing that two threads share.

    Args:
        size: how many items may wait.
        drop_oldest: when full, True forgets the oldest item (live), False makes ``put`` wait (file).

    Raises:
        ValueError: *size* is less than 1.
    """

    def __init__(self, size: int, *, drop_oldest: bool) -> None:
        if size < 1:
            raise ValueError(f"size must be at least 1, not {size}")
        self._size = size
        self._drop_oldest = drop_oldest
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self.dropped = 0

    def put(self, item: Item) -> bool:
        """Leave *item*; return False, without leaving it, once the handoff has ended."""
        with self._changed:
            while len(self._items) >= self._size and not self._drop_oldest and not self._ended:
                self._changed.wait()
            if self._ended:
                return False
            if len(self._items) >= self._size:
                self._items.popleft()
                self.dropped += 1
            self._items.append(item)
            self._changed.notify_all()
            return True

    def take(self, timeout_seconds: float | None = None) -> Item | None:
        """Take the oldest item; wait for one.

        Args:
            timeout_seconds: give up after this long; None waits until there is an item or the end.

        Returns:
            The item; None at the end, or when the time is over (``ended`` tells which).
        """
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._ended, timeout_seconds)
            if not self._items:
                return None
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def __iter__(self) -> Iterator[Item]:
        while (item := self.take()) is not None:
            yield item

    def end(self, *, discard: bool = False) -> None:
        """Say that nothing follows; what waits can still be taken, unless *discard*."""
        with self._changed:
            self._ended = True
            if discard:
                self._items.clear()
            self._changed.notify_all()

    @property
    def ended(self) -> bool:
        """True when nothing will ever come again."""
        with self._changed:
            return self._ended and not self._items
