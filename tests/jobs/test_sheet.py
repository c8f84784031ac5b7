"""A sheet shows the photo and each style once, with a name below each."""

from __future__ import annotations

import numpy as np
import pytest

from livestyle.jobs.sheet import CELL, GAP, arrange, paint_sheet
from livestyle.sinks.lettering import write_caption
from livestyle.styles.style import Style


@pytest.mark.parametrize("shape", [(60, 80), (80, 20), (1, 1), (900, 1600)])
def test_it_holds_a_cell_for_each(shape: tuple[int, int], tiny_style: Style) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    seen: list[None] = []
    sheet = paint_sheet(photo, [tiny_style, tiny_style], "cpu", lambda: seen.append(None))
    assert len(seen) == 2 and sheet.dtype == np.uint8
    longer = max(sheet.shape)
    assert CELL < longer < 4 * CELL


def test_cells_lie_in_rows_on_white() -> None:
    cells = [np.full((30, 40, 3), level, np.uint8) for level in (10, 20, 30)]
    sheet = arrange(cells)
    assert sheet.shape == (2 * 30 + 3 * GAP, 2 * 40 + 3 * GAP, 3)
    assert (sheet[GAP : GAP + 30, GAP : GAP + 40] == 10).all()
    assert (sheet[GAP : GAP + 30, 2 * GAP + 40 : -GAP] == 20).all()
    assert (sheet[2 * GAP + 30 : -GAP, GAP : GAP + 40] == 30).all()
    assert (sheet[2 * GAP + 30 :, GAP + 40 :] == 255).all()


@pytest.mark.parametrize("text", ["a", "composition-vii", "a-very-long-name-" * 5, "gjpqy"])
@pytest.mark.parametrize("width", [60, 480])
def test_captions_are_whole(text: str, width: int) -> None:
    strip = write_caption(text, width)
    assert strip.shape[1] == width and strip.min() < 128
    assert all((edge > 200).all() for edge in (strip[0], strip[-1], strip[:, 0], strip[:, -1]))


def test_captions_are_of_one_size() -> None:
    def height(text: str) -> int:
        return int((write_caption(text, 480) < 128).any((1, 2)).sum())

    assert height("see") < 0.85 * height("klimt") < 0.95 * height("pigpjlb")
