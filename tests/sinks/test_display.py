import os
import subprocess
import sys

import pytest

from livestyle.errors import SinkUnavailable
from livestyle.sinks.display import require_display

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have one")


@pytest.mark.parametrize("display", [None, ":97"])
def test_without_a_display_one_line_says_so(display, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    if display:
        monkeypatch.setenv("DISPLAY", display)
    with pytest.raises(SinkUnavailable, match="DISPLAY"):
        require_display()


def test_a_display_that_answers_will_do(screen, monkeypatch):
    monkeypatch.setenv("DISPLAY", screen.display)
    require_display()


@pytest.mark.parametrize("first", ["sources.file", "sinks.file"])
def test_a_window_opens_after_what_reads_and_writes_files_was_imported(screen, first):
    script = f"import livestyle.{first}, livestyle.sinks.window as it; it.WindowSink().close()"
    there = {**os.environ, "DISPLAY": screen.display}
    subprocess.run([sys.executable, "-c", script], env=there, timeout=60, check=True)
