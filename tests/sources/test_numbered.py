"""Numbered pictures keep their colours and their transparency, whatever the first of them has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from livestyle.frame import Frame
from livestyle.settings import ReadSettings
from livestyle.sinks.planes import find_alpha
from livestyle.sources.file import FileSource

GREY = Image.new("L", (16, 12), 40)
RED = Image.new("RGB", (16, 12), (255, 0, 0))
CLEAR = Image.merge("RGBA", [*RED.split(), Image.new("L", (16, 12), 100)])
CLEAR_GREY = Image.merge("LA", [GREY, Image.new("L", (16, 12), 100)])
DEEP = Image.fromarray(np.full((12, 16), 1000, np.uint16))


def read(folder: Path, pictures: list[Image.Image], suffix: str = "png") -> tuple[str, list[Frame]]:
    """Return format and frames of *pictures* as a numbering."""
    for number, picture in enumerate(pictures, 1):
        picture.save(folder / f"{number}.{suffix}", quality=100, subsampling=0)
    source = FileSource(folder / f"%d.{suffix}", ReadSettings(fps=25))
    frames = list(source)
    source.close()
    assert len(frames) == len(pictures)
    return source.clip.format, frames


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tif"])
@pytest.mark.parametrize("first", [GREY, GREY.convert("1"), RED.convert("P")], ids=["grey", "bit", "palette"])
def test_colours_may_come_after_a_grey_picture(tmp_path: Path, first: Image.Image, suffix: str) -> None:
    first = first.convert("L") if suffix == "jpg" else first
    _, frames = read(tmp_path, [first, RED, first], suffix)
    for frame, picture in zip(frames, [first, RED, first], strict=True):
        assert np.abs(frame.pixels.astype(int) - np.asarray(picture.convert("RGB"))).max() <= 2


@pytest.mark.parametrize("first", [GREY, RED, RED.convert("P"), DEEP], ids=["grey", "red", "palette", "deep"])
@pytest.mark.parametrize("later", [CLEAR, CLEAR_GREY], ids=["colour", "grey"])
def test_transparency_may_come_later(tmp_path: Path, first: Image.Image, later: Image.Image) -> None:
    format_, frames = read(tmp_path, [first, later, first])
    assert format_ == ("rgba64le" if first is DEEP else "rgba")
    alphas = [find_alpha(frame) for frame in frames]
    assert [alpha[5, 5] for alpha in alphas if alpha is not None] == [255, 100, 255]
    assert np.abs(frames[1].pixels.astype(int) - np.asarray(later.convert("RGB"))).max() <= 1


def test_a_palette_may_have_transparency_later(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((12, 16), np.uint8)).convert("P").save(tmp_path / "2.png", transparency=0)
    RED.convert("P").save(tmp_path / "1.png")
    source = FileSource(tmp_path / "%d.png", ReadSettings(fps=25))
    alphas = [find_alpha(frame) for frame in source]
    source.close()
    assert [alpha[5, 5] for alpha in alphas if alpha is not None] == [255, 0]


@pytest.mark.parametrize(
    ("pictures", "format_"),
    [
        ([GREY, GREY], "gray"),
        ([RED, GREY], "rgb24"),
        ([RED.convert("P"), RED.convert("P")], "rgb24"),
        ([CLEAR, RED], "rgba"),
        ([CLEAR_GREY, CLEAR_GREY], "ya8"),
    ],
    ids=["grey", "colour", "palette", "clear", "clear-grey"],
)
def test_what_none_has_is_not_made_room_for(
    tmp_path: Path, pictures: list[Image.Image], format_: str
) -> None:
    assert read(tmp_path, pictures)[0] == format_


def test_grey_pictures_keep_their_transparency(tmp_path: Path) -> None:
    frame = read(tmp_path, [CLEAR_GREY, CLEAR_GREY])[1][1]
    alpha = find_alpha(frame)
    assert alpha is not None
    assert (alpha == 100).all()
    assert (frame.pixels == 40).all()
