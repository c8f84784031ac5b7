import subprocess
import sys
import time
from pathlib import Path

import pytest

from livestyle.title import hide_in_title


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only on Linux")
def test_secrets_are_struck_out_of_the_arguments_of_our_child():
    with subprocess.Popen(["sleep", "20.125"]) as child:
        time.sleep(0.3)
        hide_in_title(["20.125"], str(child.pid))
        assert Path(f"/proc/{child.pid}/cmdline").read_bytes() == b"sleep\0******\0"
        child.kill()


def test_a_process_that_is_no_more_is_left_alone():
    hide_in_title(["x"], "999999999")
