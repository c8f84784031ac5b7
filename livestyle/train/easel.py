"""A picture while it is being painted at one size: gradient descent on its pixels."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor

from livestyle.train.likeness import Likeness

COARSEST = 128
"""Longer side of the picture that painting begins with, in pixels, or a little more."""

ADAM_RATE = 0.04
"""Peak of Adam's learning rate; colours count from 0 to 1."""

HISTORY = 30
"""Steps that L-BFGS remembers: each costs two pictures."""

GAIN = 1000.0
"""The losses are multiplied by this for L-BFGS, whose first step is as long as its gradient."""


class Level(NamedTuple):
    """One of the sizes that a picture is painted at: its longer side in pixels, and the steps there."""

    size: int
    steps: int


def plan_levels(size: int, steps: int) -> list[Level]:
    """Return the levels from coarse to fine, each √2 times the one before, up to *size*.

    Coarse ones are left out when there are more levels than *steps*.
    """
    count = 1 + max(int(math.log2(size / COARSEST) * 2 + 1e-9), 0)
    count = min(count, steps)
    sizes = [round(size / math.sqrt(2) ** (count - 1 - i)) for i in range(count)]
    share, rest = divmod(steps, count)
    return [Level(side, share + (rest if i == count - 1 else 0)) for i, side in enumerate(sizes)]


class Easel:
    """Paints one picture at one size, in steps.

    Args:
        likeness: what the picture should be like.
        picture: where to begin, (1, 3, H, W) in [0, 1].
        optimizer: ``adam`` or ``lbfgs``.
        steps: planned at this size.

    Attributes:
        best: the picture of the step with the lowest loss.
        losses: of that picture.
        done: steps taken.
    """

    def __init__(self, likeness: Likeness, picture: Tensor, optimizer: str, steps: int) -> None:
        self._likeness, self._steps, self._kind = likeness, steps, optimizer
        self._picture = picture.clone().contiguous().requires_grad_(True)
        self._optimizer = self._make_optimizer()
        self.best, self.losses, self.done = picture, {"style": math.inf, "content": math.inf}, 0

    def step(self) -> dict[str, float]:
        """Take one step; return the weighted losses before it."""
        for group in self._optimizer.param_groups if self._kind == "adam" else ():
            group["lr"] = ADAM_RATE * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * self.done / self._steps)))
        seen: list[dict[str, Tensor]] = []
        before = self._picture.detach().clone()

        def look() -> Tensor:
            self._optimizer.zero_grad(set_to_none=True)
            seen.append(self._likeness(self._picture))
            total = torch.stack(list(seen[-1].values())).sum() * GAIN
            total.backward()
            return total

        self._optimizer.step(look)  # type: ignore[arg-type]
        with torch.no_grad():
            self._picture.clamp_(0, 1)
        self.done += 1
        losses = {name: float(loss.detach()) for name, loss in seen[0].items()}
        if sum(losses.values()) <= sum(self.losses.values()):
            self.best, self.losses = before, losses
        elif not sum(losses.values()) < 2 * sum(self.losses.values()):  # NaN too: L-BFGS has lost its way
            self._restart()
        return losses

    def state(self) -> dict[str, Any]:
        """Return all that ``resume`` needs."""
        return {
            "picture": self._picture.detach(),
            "best": self.best,
            "losses": self.losses,
            "done": self.done,
            "optimizer": self._optimizer.state_dict(),
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from what ``state`` returned.

        Raises:
            KeyError, RuntimeError, ValueError: it is of something else.
        """
        with torch.no_grad():
            self._picture.copy_(state["picture"])
        self.best, self.losses, self.done = state["best"], state["losses"], state["done"]
        self._optimizer.load_state_dict(state["optimizer"])

    def _restart(self) -> None:
        """Go back to the best picture and forget the way that led away from it."""
        with torch.no_grad():
            self._picture.copy_(self.best)
        self._optimizer = self._make_optimizer()

    def _make_optimizer(self) -> torch.optim.Optimizer:
        if self._kind == "adam":
            return torch.optim.Adam([self._picture], lr=ADAM_RATE)
        return torch.optim.LBFGS(
            [self._picture], max_iter=1, history_size=HISTORY, tolerance_grad=0, tolerance_change=0
        )
