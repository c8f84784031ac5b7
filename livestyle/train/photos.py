"""Pictures to train on: random crops from a folder of photos."""

from __future__ import annotations

import logging
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from livestyle.errors import BadPicture, UsageError
from livestyle.frame import Pixels
from livestyle.numbering import SUFFIXES
from livestyle.pictures import read_picture

log = logging.getLogger(__name__)

FEWEST = 16
"""Fewer photos than this teach a network the photos, not the style."""

TOLD = 3
"""Photos that cannot be decoded are named, at most so many."""


class Photos:
    """Random square crops of the photos below *folder*; the same *seed* and step give the same crops.

    Raises:
        UsageError: *folder* is none, or holds fewer than ``FEWEST`` pictures.
    """

    def __init__(self, folder: Path, *, size: int, batch: int, seed: int) -> None:
        if not folder.is_dir():
            raise UsageError(f"no folder of photos at {folder}")
        self.paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
        if len(self.paths) < FEWEST:
            raise UsageError(
                f"{folder} holds {len(self.paths)} photos; training needs {FEWEST}, better some hundreds"
            )
        self.size, self.batch, self.seed = size, batch, seed
        self._told: set[Path] = set()

    def crops(self, step: int, count: int | None = None) -> Tensor:
        """Return the crops of one *step*: RGB in [0, 1], (count, 3, size, size).

        Args:
            step: which one.
            count: how many, of which the first are always the same; None for a batch.

        Raises:
            UsageError: hardly any of the photos can be decoded.
        """
        count = count or self.batch
        rng = np.random.default_rng([self.seed, step])
        crops: list[Pixels] = []
        for _ in range(20 * count):
            path = self.paths[rng.integers(len(self.paths))]
            try:
                crops.append(random_crop(read_picture(path), self.size, rng))
            except BadPicture as error:
                self._tell(path, error)
            if len(crops) == count:
                return torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 255
        raise UsageError("hardly any of the photos can be decoded; give a folder of JPEG or PNG photos")

    def _tell(self, path: Path, error: BadPicture) -> None:
        """Warn of a photo that cannot be decoded, the first few times."""
        if path in self._told:
            return
        if len(self._told) < TOLD:
            log.warning("passed over: %s", error)
        elif len(self._told) == TOLD:
            log.warning("passed over: more such photos")
        self._told.add(path)


def random_crop(picture: Pixels, size: int, rng: np.random.Generator) -> Pixels:
    """Cut a random square, scale it to *size*, mirror every second one."""
    height, width = picture.shape[:2]
    side = max(int(min(height, width) * rng.uniform(0.7, 1.0)), 1)
    top, left = rng.integers(height - side + 1), rng.integers(width - side + 1)
    square = picture[top : top + side, left : left + side]
    how = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    scaled = cv2.resize(square, (size, size), interpolation=how).astype(np.uint8, copy=False)
    return scaled[:, ::-1] if rng.random() < 0.5 else scaled
