"""GIFs are whole, as a reader other than FFmpeg finds them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from livestyle.frame import Frame
from livestyle.sinks.file import FileSink
from livestyle.sources.file import FileSource

MakeClip = Callable[..., Path]


def copy(source_path: Path, out: Path) -> tuple[list[Frame], int]:
    """Write the frames of a file as a GIF; return them, and how many were left out."""
    source = FileSource(source_path)
    sink = FileSink(out, source.info, source.clip)
    frames = list(source)
    for frame in frames:
        sink.write(frame)
    source.close()
    sink.close()
    return frames, sink.left_out


def test_a_long_gif_is_one_file(make_clip: MakeClip, tmp_path: Path) -> None:
    """The encoder starts afresh after every 60 frames, and each time begins with the header of a file."""
    frames, _ = copy(make_clip(frames=130, fps=25, sound=False), tmp_path / "out.gif")
    assert (tmp_path / "out.gif").read_bytes().count(b"GIF89a") == 1
    with Image.open(tmp_path / "out.gif") as image:
        assert image.n_frames == 130  # type: ignore[attr-defined]
        for frame in frames:
            image.seek(frame.index)
            assert np.abs(np.asarray(image.convert("RGB")).astype(int) - frame.pixels).mean() < 8


@pytest.mark.parametrize(
    ("fps", "frames", "shown"), [(60, 90, 75), (100, 90, 46), (50, 50, 50), (30, 30, 30), (24, 5, 5)]
)
def test_each_frame_is_seen_so_long_that_browsers_believe_it(
    make_clip: MakeClip, tmp_path: Path, fps: int, frames: int, shown: int
) -> None:
    copied, left_out = copy(make_clip(frames=frames, fps=fps, sound=False), tmp_path / "out.gif")
    with Image.open(tmp_path / "out.gif") as image:
        delays = []
        for number in range(image.n_frames):  # type: ignore[attr-defined]
            image.seek(number)
            delays.append(image.info["duration"])
    assert len(delays) == len(copied) - left_out == shown
    assert min(delays) >= 20
    assert sum(delays) == pytest.approx(1000 * frames / fps, abs=25)
