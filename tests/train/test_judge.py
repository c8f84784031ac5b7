"""The judge that tells a user how far a picture is from a painting."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from livestyle.frame import Pixels
from livestyle.train import judge
from livestyle.train.losses import Activations


@pytest.mark.parametrize("size", [300, judge.JUDGED_SIZE, 1300])
def test_it_does_not_matter_how_large_the_file_of_the_painting_is(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(pixels: Pixels) -> Activations:
        edges = cv2.Sobel(pixels, cv2.CV_32F, 1, 0)
        return {"relu1_2": torch.from_numpy(edges).permute(2, 0, 1)[None]}

    monkeypatch.setattr(judge, "make_eye", lambda _: look)
    coarse = np.random.default_rng(0).integers(0, 256, (100, 100, 3), np.uint8)

    def painting(side: int) -> Pixels:
        return cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)

    distance = judge.make_judge(painting(size))
    assert distance(painting(judge.JUDGED_SIZE)) < 0.2 < distance(painting(judge.JUDGED_SIZE // 2))
