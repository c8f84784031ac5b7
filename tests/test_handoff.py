"""The queue between two threads: order, bounds, end, and no wait that cannot be ended."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livestyle.handoff import Handoff

steps = st.lists(st.sampled_from(["put", "take", "end", "discard"]), max_size=40)


@given(steps=steps, size=st.integers(1, 4))
def test_live_keeps_the_newest_in_order(steps: list[str], size: int) -> None:
    handoff: Handoff[int] = Handoff(size, drop_oldest=True)
    expected: deque[int] = deque(maxlen=size)  # forgets the oldest by itself
    ended, dropped = False, 0
    for number, step in enumerate(steps):
        if step == "put":
            assert handoff.put(number) is not ended
            if not ended:
                dropped += len(expected) == size
                expected.append(number)
        elif step == "take":
            assert handoff.take(timeout_seconds=0) == (expected.popleft() if expected else None)
        else:
            ended = True
            handoff.end(discard=step == "discard")
            if step == "discard":
                expected.clear()
        assert handoff.ended == (ended and not expected)
        assert handoff.dropped == dropped


@given(items=st.lists(st.integers(), max_size=30), size=st.integers(1, 4))
def test_file_loses_nothing(items: list[int], size: int) -> None:
    handoff: Handoff[int] = Handoff(size, drop_oldest=False)

    def fill() -> None:
        assert all(handoff.put(item) for item in items)
        handoff.end()

    with ThreadPoolExecutor() as pool:
        filling = pool.submit(fill)
        assert list(handoff) == items
        filling.result(timeout=5)
    assert handoff.dropped == 0


def test_put_waits_for_room_and_end_frees_it() -> None:
    handoff: Handoff[str] = Handoff(1, drop_oldest=False)
    handoff.put("first")
    with ThreadPoolExecutor() as pool:
        second = pool.submit(handoff.put, "second")
        with pytest.raises(TimeoutError):
            second.result(timeout=0.05)
        assert handoff.take() == "first"
        assert second.result(timeout=5)
        third = pool.submit(handoff.put, "third")
        handoff.end()
        assert third.result(timeout=5) is False
    assert handoff.take() == "second" and handoff.take() is None


def test_take_waits_for_an_item_or_the_end() -> None:
    handoff: Handoff[str] = Handoff(1, drop_oldest=True)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(handoff.take)
        handoff.put("first")
        assert first.result(timeout=5) == "first"
        nothing = pool.submit(handoff.take)
        handoff.end()
        assert nothing.result(timeout=5) is None


def test_a_timeout_is_not_the_end() -> None:
    handoff: Handoff[str] = Handoff(1, drop_oldest=True)
    assert handoff.take(timeout_seconds=0.01) is None
    assert not handoff.ended


def test_many_takers_get_each_item_once() -> None:
    handoff: Handoff[int] = Handoff(3, drop_oldest=False)
    start = threading.Barrier(4)

    def take_all() -> list[int]:
        start.wait()
        return list(handoff)

    with ThreadPoolExecutor() as pool:
        takers = [pool.submit(take_all) for _ in range(3)]
        start.wait()
        for number in range(200):
            handoff.put(number)
        handoff.end()
        taken = [taker.result(timeout=5) for taker in takers]
    assert sorted(itertools.chain(*taken)) == list(range(200))
    assert all(items == sorted(items) for items in taken)


@pytest.mark.parametrize("size", [0, -1])
def test_no_room_at_all_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Handoff(size, drop_oldest=True)
