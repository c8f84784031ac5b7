"""Which files of a folder are photos to train on."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

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
