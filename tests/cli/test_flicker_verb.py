"""``livestyle flicker``, as users run it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from typer.testing import CliRunner

from livestyle.cli import app
from livestyle.errors import UsageError


def test_an_old_page_is_replaced_only_when_asked_for(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    clip, page = str(make_clip(frames=3)), tmp_path / "old.html"
    page.write_text("old")
    refused = CliRunner().invoke(app, ["flicker", "missing.mp4", clip, "--report", str(page)])
    assert isinstance(refused.exception, UsageError) and "exists; give -y" in str(refused.exception)
    assert page.read_text() == "old"
    done = CliRunner().invoke(app, ["flicker", clip, clip, "--report", str(page), "-y"])
    assert done.exit_code == 0, done.output
    assert "<svg" in page.read_text()
