"""An easel begins with a small step, finds what it goes for, and goes back to its best picture when lost."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from livestyle.train.easel import FIRST_STEP, Easel

GREY = torch.full((1, 3, 32, 48), 0.5)
GOAL = torch.rand(GREY.shape, generator=torch.Generator().manual_seed(0)) * 0.6 + 0.2


class Nearness:
    """Stands for a ``Likeness``: how near a picture is to ``GOAL``; NaN at the looks *lost*."""

    def __init__(self, lost: tuple[int, ...] = ()) -> None:
        self._lost, self._looks = lost, 0

    def __call__(self, picture: Tensor) -> dict[str, Tensor]:
        self._looks += 1
        error = (picture - GOAL).square().mean()
        return {"style": error * float("nan") if self._looks in self._lost else error, "content": error * 0}


def set_up(optimizer: str = "lbfgs", likeness: Any = None) -> Easel:
    return Easel(likeness or Nearness(), GREY, optimizer, steps=60)


@pytest.mark.parametrize(("optimizer", "share"), [("lbfgs", 1e-3), ("adam", 0.05)])
def test_the_picture_comes_near(optimizer: str, share: float):
    easel = set_up(optimizer)
    first = easel.step()["style"]
    while easel.done < 60:
        easel.step()
    assert easel.losses["style"] < share * first


def test_the_first_step_is_of_the_size_of_a_level():
    easel = set_up()
    easel.step()
    changed = (easel.state()["picture"] - GREY).abs().mean()
    assert 0.5 * FIRST_STEP < changed < 5 * FIRST_STEP  # long waves change more than they are written


def test_an_easel_that_is_lost_goes_back_to_its_best_picture():
    easel = set_up(likeness=Nearness(lost=(4,)))
    for _ in range(4):
        easel.step()
    assert torch.equal(easel.state()["picture"], easel.best)
    best = easel.losses["style"]
    for _ in range(8):
        easel.step()
    assert easel.losses["style"] < best


def test_what_was_kept_goes_back_to_the_device_that_paints():
    easel = Easel(Nearness(), GREY.to("meta"), "lbfgs", steps=60)  # stands for a graphics card
    easel.resume(set_up().state())
    assert easel.state()["picture"].device.type == "meta"
