"""The training loop, top to bottom."""

from __future__ import annotations

import math
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from livestyle.frame import Pixels
from livestyle.settings import TrainSettings
from livestyle.stylize.network import BORDER, TIERS, StyleNetwork, fold_norms
from livestyle.train.losses import (
    Activations,
    content_loss,
    disturb,
    gram,
    grid_loss,
    random_warp,
    steady_loss,
    style_loss,
    total_variation,
)
from livestyle.train.perceptual import Perceptual
from livestyle.train.photos import Photos

FREEZE_AT = 0.7
"""From this part of the run on, norms keep their statistics: what is trained is what ships."""


@dataclass(frozen=True)
class Progress:
    """One step of training. Losses are weighted, as they enter the sum."""

    step: int
    steps: int
    losses: dict[str, float]
    seconds: float


class Trainer:
    """Trains one network to paint in the style of one painting.

    Args:
        painting: uint8 RGB, (H, W, 3).
        photos: crops of ``settings.crop + 2·BORDER`` pixels.
        judge: the perceptual network; moved to *device*.
        settings: how to train.
        start_from: a network of the same tier with norms to go on from; None starts from noise.
    """

    def __init__(
        self,
        painting: Pixels,
        photos: Photos,
        judge: Perceptual,
        settings: TrainSettings,
        device: torch.device,
        norm="batch", sched="a",
    ) -> None:
        torch.manual_seed(settings.seed)
        self.settings, self.device, self.photos, self.sched = settings, device, photos, sched
        self.judge = judge.to(device, torch.bfloat16, memory_format=torch.channels_last)
        self.network = StyleNetwork(TIERS[settings.tier], norm).to(device, memory_format=torch.channels_last)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=settings.learning_rate)
        with torch.no_grad():
            self.style_grams = painting_grams(painting, settings.style_size, self.judge, device)
        self.done = 0
        self._loader = ThreadPoolExecutor(1)
        self._next: Future[Tensor] | None = None

    def step(self) -> Progress:
        """Take one step of gradient descent."""
        started = time.perf_counter()
        settings, part = self.settings, self.done / self.settings.steps
        generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + self.done)
        photos = self._crops()  # (N, 3, crop + 2·BORDER, …) in [0, 1]
        grid = random_warp(len(photos), photos.shape[-1], generator).to(self.device)
        later, gain = disturb(photos, grid, generator)

        set_frozen(self.network, part >= FREEZE_AT)
        for group in self.optimizer.param_groups:
            group["lr"] = settings.learning_rate * one_cycle(part)

        with torch.autocast(self.device.type, torch.bfloat16):
            both = self.network(torch.cat((photos, later))).float()
            painted, painted_later = both.chunk(2)
            seen = self.judge(inner(painted).bfloat16())
            with torch.no_grad():
                original = self.judge(inner(photos).bfloat16(), last="relu3_3")
        terms = {
            "style": style_weight(part,self.sched) * settings.style_strength * style_loss(seen, self.style_grams),
            "content": content_loss(seen, original),
            "steady": 3.0 * steady_loss(inner(painted), inner(painted_later), inner_grid(grid), gain) if False else 3.0 * self._steady(painted, painted_later, grid, gain),
            "grid": 100.0 * grid_loss(inner(painted)),
            "tv": 0.05 * total_variation(inner(painted)),
        }
        self.optimizer.zero_grad(set_to_none=True)
        total = torch.stack(list(terms.values())).sum()
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.done += 1
        losses = {name: float(term.detach()) for name, term in terms.items()}
        return Progress(self.done, settings.steps, losses, time.perf_counter() - started)

    def _steady(self, painted, painted_later, grid, gain):
        from livestyle.train.losses import warp
        expected = (warp(painted, grid) * gain).clamp(0, 1)
        return (inner(expected) - inner(painted_later)).abs().mean()

    def _crops(self) -> Tensor:
        """Return this step's photos and start on the next ones."""
        crops = self._next.result() if self._next else self.photos.crops(self.done)
        self._next = self._loader.submit(self.photos.crops, self.done + 1)
        return crops.to(self.device).contiguous(memory_format=torch.channels_last)

    def result(self) -> StyleNetwork:
        return fold_norms(self.network)


def painting_grams(painting: Pixels, size: int, judge: Perceptual, device: torch.device) -> Activations:
    """Return the mean Gram matrices of *painting* at three scales around *size*, (C, C) each."""
    scales = []
    for factor in (0.8, 1.0, 1.25):
        scale = size * factor / min(painting.shape[:2])
        resized = cv2.resize(painting, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        tensor = torch.from_numpy(resized).permute(2, 0, 1)[None].to(device) / 255
        scales.append({tap: gram(x)[0] for tap, x in judge(tensor.bfloat16()).items()})
    return {tap: torch.stack([s[tap] for s in scales]).mean(0) for tap in scales[0]}


def inner(pictures: Tensor) -> Tensor:
    """Cut off the border that callers pad."""
    return pictures[:, :, BORDER:-BORDER, BORDER:-BORDER]


def one_cycle(part: float) -> float:
    """Learning rate at *part* of the run, as a share of the peak."""
    if part < 0.05:
        return 0.1 + 0.9 * part / 0.05
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (part - 0.05) / 0.95))


def style_weight(part: float, sched="a") -> float:
    if sched == "a":
        return 4.0 - 2.0 * min(part / 0.6, 1.0)
    a,b=map(float,sched.split(","))
    return a + (b-a)*min(part/0.6,1.0)


def set_frozen(network: StyleNetwork, frozen: bool) -> None:
    network.train(not frozen)
