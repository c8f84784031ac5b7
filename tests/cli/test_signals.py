import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest

from livestyle.cli.signals import TWIN_SECONDS, exit_by_signals, run_until_told, stop_by_signals


def test_a_signal_that_comes_twice_at_once_is_one():
    with stop_by_signals("ending") as signals:
        for _ in range(2):
            signal.raise_signal(signal.SIGTERM)
            time.sleep(0.01)
        assert signals.stop.is_set()
        assert signals.number == signal.SIGTERM


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no terminals that hang up")
def test_a_terminal_that_is_closed_ends_it_unless_nohup_said_so():
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests themselves may run under nohup
    try:
        with stop_by_signals("ending") as signals:
            os.kill(os.getpid(), signal.SIGHUP)
            assert signals.stop.wait(1)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with stop_by_signals("ending") as signals:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not signals.stop.wait(0.1)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_ends_by_itself_gives_its_result():
    assert run_until_told(lambda: 7, lambda: None, "ending") == 7


def test_a_second_signal_ends_at_once():
    script = (
        "import signal, time\n"
        "from livestyle.cli.signals import stop_by_signals\n"
        "with stop_by_signals('ending'):\n"
        "    signal.raise_signal(signal.SIGTERM)\n"
        f"    time.sleep({TWIN_SECONDS + 0.2})\n"
        "    signal.raise_signal(signal.SIGTERM)\n"
        "    time.sleep(30)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], timeout=25, capture_output=True)
    assert done.returncode == 128 + signal.SIGTERM


def test_a_signal_unwinds_what_is_being_opened():
    closed = []
    with pytest.raises(SystemExit) as ended, exit_by_signals(), ExitStack() as undo:
        undo.callback(closed.append, True)
        undo.callback(signal.raise_signal, signal.SIGTERM)  # its twin, from timeout(1)
        signal.raise_signal(signal.SIGTERM)
        time.sleep(1)
    assert ended.value.code == 128 + signal.SIGTERM
    assert closed == [True]
