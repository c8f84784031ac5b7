import pytest

from livestyle.sources.clock import StreamClock


def test_the_earliest_arrival_tells_how_late_the_others_are():
    clock = StreamClock(paced=False)
    assert clock.find(5.0) is None
    assert clock.place(100.0, 2.0) == 2.0
    assert clock.place(101.0, 2.1) == pytest.approx(2.1)  # kept by the server: this is now
    assert clock.place(102.0, 3.4) == pytest.approx(3.1, abs=1e-3)  # held up on the way
    assert clock.find(102.5) == pytest.approx(3.6, abs=1e-3)


@pytest.mark.parametrize("paced", [True, False])
@pytest.mark.parametrize("jump", [-50.0, 50.0])
def test_a_stream_that_jumps_goes_on(paced, jump):
    clock = StreamClock(paced=paced)
    clock.place(100.0, 1.0)
    assert clock.place(100.0 + jump, 2.0) == pytest.approx(2.0)


def test_a_stream_in_bursts_keeps_its_own_pace():
    clock = StreamClock(paced=True)
    assert [clock.place(i / 10, 1.0) for i in range(10)] == pytest.approx([1 + i / 10 for i in range(10)])
    assert clock.place(5.0, 8.0) == 8.0  # it stood still for two seconds: on from here
    assert clock.place(5.1, 8.0) == pytest.approx(8.1)


@pytest.mark.parametrize("slow", [0.0, 5e-5, 1e-4])
def test_a_sender_whose_clock_is_slow_leaves_no_holes(slow):
    clock, last = StreamClock(paced=False), 0.0
    for second in range(1, 6 * 3600):
        placed = clock.place(second * (1 - slow), second + (0.05 if second % 7 else 0.0))
        assert 0.9 < placed - last < 1.1 and abs(placed - second) < 0.06
        last = placed
