"""Trains a network to paint what it paints already, under conditions that are harder.

No judge is asked, so a step takes a tenth to a fifth of the time of one of training.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from livestyle.stylize.network import StyleNetwork, channels_last, even_subpixels
from livestyle.train.muon import make_optimizers, set_rate
from livestyle.train.trainer import Progress

WARM_STEPS = 10

Lesson = Callable[[StyleNetwork, StyleNetwork, int], Tensor]
"""Returns how far, in the pictures of a step, the learner, second, is from the teacher, first."""


def imitate(
    network: StyleNetwork,
    lesson: Lesson,
    name: str,
    steps: int,
    rate: float,
    precision: torch.dtype,
    on_progress: Callable[[Progress], None],
    stop: threading.Event | None = None,
    decay: float = 0.0,
) -> StyleNetwork:
    """Return a copy of *network*, which has no norms, that has learned *lesson* from it.

    Args:
        network: the teacher, on the device where to train; laid out anew, but not changed.
        lesson: what goes down; called in *precision*.
        name: of that loss.
        steps: of gradient descent.
        rate: of learning, at its peak.
        precision: to calculate in; weights stay float32.
        on_progress: called after each step.
        stop: when set, the rest is left out.
        decay: of the kernels: see ``Muon``.
    """
    teacher, learner = network.eval(), copy.deepcopy(network).train()
    channels_last(teacher)
    channels_last(learner)
    device = learner.out.conv.weight.device
    optimizers = make_optimizers(learner, rate, decay)
    for step in range(steps):
        if stop and stop.is_set():
            break
        started = time.perf_counter()
        set_rate(optimizers, rate * min((step + 1) / WARM_STEPS, 1 - step / steps))
        with torch.autocast(device.type, precision, enabled=precision != torch.float32):
            loss = lesson(teacher, learner, step)
        learner.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        even_subpixels(learner)
        losses = {name: float(loss.detach())}  # waits for the device, as the clock must
        on_progress(Progress(step + 1, steps, losses, time.perf_counter() - started))
    return learner.eval()


def paint_within(network: StyleNetwork, pictures: Tensor, border: int) -> Tensor:
    """Return *pictures*, (N, 3, H, W), painted with *border* pixels reflected around them."""
    padded = functional.pad(pictures, (border,) * 4, mode="reflect")
    return network(padded).float()[:, :, border:-border, border:-border]
