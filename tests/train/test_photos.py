"""Which files of a folder are photos to train on."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from livestyle.pictures import Picture, write_picture
from livestyle.train.photos import FEWEST, Photos


def test_what_macos_keeps_beside_photos_on_other_disks_is_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(FEWEST):
        write_picture(tmp_path / "june" / f"{number}.png", Picture(np.zeros((64, 64, 3), np.uint8)))
        (tmp_path / "june" / f"._{number}.png").write_bytes(b"no photo")
    caplog.set_level(logging.WARNING)
    assert len(Photos(tmp_path, size=64, batch=2, seed=0).paths) == FEWEST
    assert caplog.text == ""


def test_of_a_photo_that_is_read_again_nothing_is_told_twice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    images = [Image.new("RGB", (64, 64), colour) for colour in ("red", "lime")]
    for number in range(FEWEST):
        images[0].save(tmp_path / f"{number}.gif", save_all=True, append_images=images[1:])
    images[0].save(tmp_path / "odd.png", icc_profile=b"no profile")
    photos = Photos(tmp_path, size=16, batch=64, seed=0)
    for step in range(2):
        photos.crops(step)
    assert len(caplog.messages) == FEWEST + 1
    assert sum("holds 2 pictures" in line for line in caplog.messages) == FEWEST
    assert sum("colour profile" in line for line in caplog.messages) == 1
