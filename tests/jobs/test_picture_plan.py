"""Which picture becomes which, and what is refused before any is painted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from livestyle.errors import SinkUnavailable
from livestyle.jobs.pictures import paint_pictures, plan_pictures
from livestyle.pictures import Picture, write_picture
from livestyle.settings import PictureSettings


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_a_folder_is_painted_into_one_that_it_lies_in(tmp_path: Path) -> None:
    photos = fill(tmp_path / "photos", "a.jpg", "painted/old.jpg")
    assert [item.source.name for item in plan_pictures(photos, tmp_path)] == ["a.jpg", "old.jpg"]
    assert [item.source.name for item in plan_pictures(photos, photos / "painted")] == ["a.jpg"]


def test_no_photo_is_replaced_through_a_link(tmp_path: Path) -> None:
    photos, out = fill(tmp_path / "photos", "a.jpg", "b.jpg"), tmp_path / "out"
    out.mkdir()
    (out / "a.jpg").symlink_to(photos / "b.jpg")
    with pytest.raises(SinkUnavailable, match=r"a\.jpg is what is painted from"):
        plan_pictures(photos, out, overwrite=True)


def test_two_pictures_do_not_become_one_through_links(tmp_path: Path) -> None:
    photos, out = fill(tmp_path / "photos", "a.jpg", "b.jpg"), tmp_path / "out"
    out.mkdir()
    (out / "a.jpg").symlink_to("b.jpg")
    with pytest.raises(SinkUnavailable, match="would both become"):
        plan_pictures(photos, out, overwrite=True)


def test_a_cutout_of_nobody_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_picture(tmp_path / "a.png", Picture(np.zeros((8, 8, 3), np.uint8)))
    plan = plan_pictures(tmp_path / "a.png", tmp_path / "b.png")
    list(paint_pictures(plan, lambda pixels: (pixels, np.zeros((8, 8), np.uint8)), PictureSettings()))
    assert "a.png: nothing was found to cut out" in caplog.text


def test_all_that_can_be_read_is_taken_and_the_rest_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    photos = fill(
        tmp_path / "photos", "a.jfif", "b.JPE", "c.gif", "d.jp2", "e.cr2", "f.CR2", "g.nef", "h.txt"
    )
    plan = plan_pictures(photos, tmp_path / "out")
    assert [item.out.name for item in plan] == ["a.jfif.jpg", "b.JPE.jpg", "c.gif.jpg", "d.jp2.jpg"]
    assert "left out: 2 .cr2, 1 .nef; raw photos" in caplog.text
