"""The judge that tells a user how far a picture is from a painting."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from livestyle.frame import Pixels
from livestyle.train import judge
from livestyle.train.losses import CONTENT_TAPS, Activations


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


def test_of_each_photo_the_judge_looks_once_at_the_original(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def look(pixels: Pixels) -> Activations:
        seen.append(int(pixels[0, 0, 0]))
        return {tap: torch.ones(1, 3, 8, 8) for tap in (*CONTENT_TAPS, "relu1_2")}

    monkeypatch.setattr(judge, "make_eye", lambda _: look)
    painting, photo, one, other = (np.full((64, 64, 3), level, np.uint8) for level in (0, 1, 2, 3))
    compare = judge.make_comparer(painting, 64)
    assert [compare(photo, painted)["content_distance"] for painted in (one, other)] == [0, 0]
    assert sorted(seen) == [0, 1, 2, 3]
