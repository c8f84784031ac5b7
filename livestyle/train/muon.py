"""Muon: gradient descent that moves all directions of a kernel alike."""

from __future__ import annotations

import torch
from torch import Tensor, nn

MOMENTUM = 0.9

ROOT = (3.4445, -4.775, 2.0315)
"""Coefficients of the polynomial that, five times, brings all singular values near 1 (Jordan 2024)."""

STRETCH = 0.2
"""Root mean square of a step at a rate of 1, as large as Adam's: both take the same rate."""


class Muon(torch.optim.Optimizer):
    """Steps of equal length in every direction that the gradient has, however small it is there.

    Each weight is one matrix, outputs × all else. A network as small as ours needs all directions of it, and
    Adam mostly takes the few in which the gradient is large. Jordan et al. 2024 (Muon); the length of steps
    is that of Liu et al. 2025 (arXiv:2502.16982).

    Args:
        weights: of convolutions, (outputs, inputs, height, width).
        lr: learning rate.
        decay: part of each weight that a step at a rate of 1 takes away. Without, equal steps in all
            directions may go on in one for ever (Liu et al., 2.2).
    """

    def __init__(self, weights: list[nn.Parameter], lr: float, decay: float = 0.0) -> None:
        super().__init__(weights, {"lr": lr})
        self._decay = decay

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Move each weight that has a gradient."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                mean = state.setdefault("mean", torch.zeros_like(weight))
                mean.lerp_(weight.grad, 1 - MOMENTUM)
                ahead = weight.grad.lerp(mean, MOMENTUM).flatten(1)  # (outputs, rest)
                step = even_directions(ahead) * (STRETCH * max(ahead.shape) ** 0.5)
                weight.mul_(1 - group["lr"] * self._decay).sub_(step.view_as(weight), alpha=group["lr"])


def even_directions(matrix: Tensor) -> Tensor:
    """Return *matrix*, (M, N), with all its singular values brought near 1 (Newton-Schulz)."""
    a, b, c = ROOT
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + 1e-12)
    for _ in range(5):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if tall else x


def make_optimizers(network: nn.Module, rate: float, decay: float = 0.0) -> list[torch.optim.Optimizer]:
    """Return what moves the kernels of *network*, which *decay*, and what moves biases and norms."""
    kernels = [parameter for parameter in network.parameters() if parameter.dim() == 4]
    rest = [parameter for parameter in network.parameters() if parameter.dim() != 4]
    return [Muon(kernels, rate, decay), torch.optim.Adam(rest, rate)]


def set_rate(optimizers: list[torch.optim.Optimizer], rate: float) -> None:
    """Let the next step of *optimizers* be as long as *rate* says."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate
