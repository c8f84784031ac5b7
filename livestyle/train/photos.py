"""Pictures to train on: random crops from a folder of photos."""

from __future__ import annotations

import logging
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from livestyle.errors import BadPicture, UsageError
from livestyle.frame import Pixels
from livestyle.jobs.folder import list_below
from livestyle.numbering import READ_ONLY, SUFFIXES
from livestyle.pictures import read_picture
from livestyle.settings import TrainSettings
from livestyle.stylize.padding import BORDER

log = logging.getLogger(__name__)

FEWEST = 16
"""Fewer photos than this teach a network the photos, not the style."""

TOLD = 3
"""Photos that cannot be decoded are named, at most so many."""


def open_photos(folder: Path, settings: TrainSettings) -> Photos:
    """Return the photos below *folder*, cut to the size that the trainer takes; raises as ``Photos``."""
    return Photos(folder, size=settings.crop + 2 * BORDER, batch=settings.batch, seed=settings.seed)


class Photos:
    """Random square crops of the photos below *folder*; the same *seed* and step give the same crops.

    Hidden files are none: macOS puts some beside the photos on other disks.

    Raises:
        UsageError: *folder* is none, or holds fewer than ``FEWEST`` pictures that can be decoded.
    """

    def __init__(self, folder: Path, *, size: int, batch: int, seed: int) -> None:
        if not folder.is_dir():
            raise UsageError(f"no folder of photos at {folder}")
        self.paths = list_below(folder, SUFFIXES | READ_ONLY, folder)
        self.size, self.batch, self.seed = size, batch, seed
        self._read_before: set[Path] = set()
        self._broken: set[Path] = set()
        good = (path for path in self.paths if self._read(path) is not None)
        found = len(list(islice(good, FEWEST)))
        if found < FEWEST:
            raise UsageError(
                f"{folder} holds {found} photos that can be read, as JPEG, PNG, WebP, TIFF, AVIF and HEIC; "
                f"training needs {FEWEST}, better some hundreds"
            )

    def crops(self, step: int, count: int | None = None) -> Tensor:
        """Return the crops of one *step*: RGB in [0, 1], (count, 3, size, size).

        Args:
            step: which one.
            count: how many, of which the first are always the same; None for a batch.

        Raises:
            UsageError: none of the photos can be decoded any more.
        """
        count = count or self.batch
        rng = np.random.default_rng([self.seed, step])
        crops: list[Pixels] = []
        while len(crops) < count:
            if len(self._broken) == len(self.paths):
                raise UsageError("none of the photos can be read any more; once they can, --resume goes on")
            photo = self._read(self.paths[rng.integers(len(self.paths))])
            if photo is not None:
                crops.append(random_crop(photo, self.size, rng))
        return torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 255

    def _read(self, path: Path) -> Pixels | None:
        """Return the photo at *path*; None for one that cannot be decoded; the first few are told.

        What else is to be told of a photo is so when it is read first.
        """
        if path in self._broken:
            return None
        again = path in self._read_before
        self._read_before.add(path)
        try:
            return read_picture(path, quiet=again)
        except BadPicture as error:
            if len(self._broken) < TOLD:
                log.warning("passed over: %s", error)
            elif len(self._broken) == TOLD:
                log.warning("passed over: more such photos")
            self._broken.add(path)
            return None


def random_crop(picture: Pixels, size: int, rng: np.random.Generator) -> Pixels:
    """Cut a random square, scale it to *size*, mirror every second one."""
    height, width = picture.shape[:2]
    side = max(int(min(height, width) * rng.uniform(0.7, 1.0)), 1)
    top, left = rng.integers(height - side + 1), rng.integers(width - side + 1)
    square = picture[top : top + side, left : left + side]
    how = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    scaled = cv2.resize(square, (size, size), interpolation=how).astype(np.uint8, copy=False)
    return scaled[:, ::-1] if rng.random() < 0.5 else scaled
