"""The training loop, top to bottom.

A run has three parts. First the style weighs much, so that the network learns strokes rather than tints;
then its weight falls and the content comes back; in the last part the norms keep their statistics, so that
what is trained is what ships: a network without norms, whose colours depend on nothing but the place.
What follows is in ``settle`` and ``fine``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from livestyle.errors import UsageError
from livestyle.frame import Pixels
from livestyle.settings import TrainSettings
from livestyle.stylize.backends.pytorch import knows_bf16
from livestyle.stylize.network import channels_last, even_subpixels
from livestyle.stylize.padding import BORDER
from livestyle.train.checkpoint import DAMAGED, load_checkpoint, save_checkpoint
from livestyle.train.likeness import fit_shorter
from livestyle.train.losses import (
    CONTENT_TAPS,
    Activations,
    calibrate,
    content_loss,
    disturb,
    gram,
    lattice,
    palette,
    palette_loss,
    random_warp,
    steady_loss,
    stuck_loss,
    style_loss,
    total_variation,
    unsteadiness,
)
from livestyle.train.muon import make_optimizers, set_rate
from livestyle.train.photos import Photos
from livestyle.train.vgg import Perceptual

STYLE_WEIGHT_FIRST, STYLE_WEIGHT_LAST = 16.0, 8.0
FALL_UNTIL = 0.6
FREEZE_FROM = 0.7
"""Parts of the run: the style weight falls until the one, norms are frozen from the other on."""

STEADY_WEIGHT, TV_WEIGHT, PALETTE_WEIGHT = 6.0, 0.05, 4.0
LATTICE_WEIGHT, STUCK_WEIGHT = 7.0, 0.5
"""Times the style's: what keeps to the lattice is a cheap texture, with which Gram matrices are content."""

USUAL_PHOTOS = 32
"""That losses are calibrated by."""


@dataclass(frozen=True)
class Progress:
    """What one step did. Losses are weighted, as they enter the sum.

    What follows the last step takes as long as *later* steps.
    """

    step: int
    steps: int
    losses: dict[str, float]
    seconds: float
    later: float = 0.0

    @property
    def share(self) -> float:
        """Of the whole work that is done, 0 to 1."""
        return self.step / (self.steps + self.later)


class Trainer:
    """Trains one network to paint in the style of one painting.

    Args:
        network: what to train, in place; takes and returns RGB in [0, 1], (N, 3, H, W).
        painting: uint8 RGB, (H, W, 3).
        photos: crops of ``settings.crop + 2·BORDER`` pixels.
        judge: the perceptual network.
        settings: how to train.
        device: where to train; *network* and *judge* are moved there.
        reach: how far *network* sees, in pixels. So much is around what is judged, mirrored beyond the crops:
            a network that sees the zeros around pictures knows where it is, and learns to paint a frame.
    """

    def __init__(
        self,
        network: nn.Module,
        painting: Pixels,
        photos: Photos,
        judge: Perceptual,
        settings: TrainSettings,
        device: torch.device,
        reach: int,
    ) -> None:
        self.settings, self.device = settings, device
        self.margin = reach
        self.precision = training_precision(device)
        self.judge = judge.to(device, self.precision)
        self.network = network.to(device)
        channels_last(self.judge)
        channels_last(self.network)
        self.optimizers = make_optimizers(self.network, settings.learning_rate)
        with torch.no_grad():
            self.style_grams = painting_grams(painting, settings.style_size, self.judge)
            usual = cut(photos.crops(0, USUAL_PHOTOS), BORDER).split(4)
            judged = (self.judge(some.to(device, self.precision)) for some in usual)
            self.tap_weights = calibrate(self.style_grams, judged)
            self.palette = palette(scaled(painting, settings.style_size).to(device))
        self._learned_from = sha256(painting.tobytes()).hexdigest()
        self.done = 0
        self.photos = photos
        self._ahead = 1 if device.type == "cpu" else 8
        self._loader = ThreadPoolExecutor(min(self._ahead, 4), thread_name_prefix="photos")
        self._waiting: dict[int, Future[Tensor]] = {}

    def step(self) -> Progress:
        """Take one step of gradient descent."""
        started = time.perf_counter()
        settings, part = self.settings, self.done / self.settings.steps
        # Photos, warps and noise depend on the step alone: a resumed run sees what an unbroken one sees.
        generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + self.done)
        photos = self._crops(generator)  # (N, 3, crop + 2·margin, …) in [0, 1]
        grid, whole = random_warp(len(photos), photos.shape[-1], generator)
        grid = grid.to(self.device)
        photos_later, gain = disturb(photos, grid, generator)

        self.network.train(part < FREEZE_FROM)
        set_rate(self.optimizers, settings.learning_rate * one_cycle(part))
        with torch.autocast(self.device.type, self.precision, enabled=self.precision != torch.float32):
            both = (photos, photos_later) if settings.steadiness else (photos,)
            painted, *later = self.network(torch.cat(both)).float().chunk(len(both))
            judged = cut(painted, self.margin)
            seen = self.judge(judged.to(self.precision))
            with torch.no_grad():
                original = self.judge(cut(photos, self.margin).to(self.precision), last=CONTENT_TAPS[-1])
                original = {tap: original[tap] for tap in CONTENT_TAPS}
        by_style = style_weight(part) * settings.style_strength
        losses = {
            "style": by_style * style_loss(seen, self.style_grams, self.tap_weights),
            "content": content_loss(seen, original),
            "palette": PALETTE_WEIGHT * settings.palette * palette_loss(palette(judged), self.palette),
            "lattice": LATTICE_WEIGHT * by_style * lattice(judged).abs().mean(),
            "smooth": TV_WEIGHT * total_variation(judged),
        }
        for painted_later in later:
            unsteady = unsteadiness(painted, painted_later, grid, gain, self.margin)
            losses["steady"] = STEADY_WEIGHT * settings.steadiness * steady_loss(unsteady)
            losses["stuck"] = STUCK_WEIGHT * by_style * stuck_loss(unsteady, whole)
        self.network.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        even_subpixels(self.network)

        self.done += 1
        values = {name: float(loss.detach()) for name, loss in losses.items()}
        return Progress(self.done, settings.steps, values, time.perf_counter() - started)

    def plan(self, steps: int) -> None:
        """Change how many steps the whole run has."""
        self.settings = replace(self.settings, steps=max(steps, self.done))

    def save(self, path: Path, begun: Mapping[str, Any]) -> None:
        """Write all that ``resume`` needs to *path*, and what the run was *begun* with: all of it or nothing.

        Raises:
            SinkUnavailable: it cannot be written there.
        """
        state = {
            "begun": dict(begun),
            "settings": asdict(self.settings),
            "painting": self._learned_from,
            "done": self.done,
            "network": self.network.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }
        save_checkpoint(state, path)

    def resume(self, path: Path) -> Mapping[str, Any]:
        """Go on from what ``save`` wrote, with the number of steps planned then.

        Returns:
            What the run was begun with.

        Raises:
            UsageError: *path* is no checkpoint, or one of a run with other settings or another painting.
        """
        try:
            state = load_checkpoint(path)  # the steps of Adam stay on the CPU
            begun, settings = state["begun"], TrainSettings(**state["settings"])
            self.network.load_state_dict(state["network"])
            for optimizer, known in zip(self.optimizers, state["optimizers"], strict=True):
                optimizer.load_state_dict(known)
            self.done = state["done"]
        except DAMAGED as error:
            raise UsageError(
                f"{path} is not a checkpoint that this version can go on from; start again with -y"
            ) from error
        if replace(settings, steps=self.settings.steps) != self.settings:
            raise UsageError(f"{path} was made with other settings: {settings}; give the same or start again")
        if state.get("painting", self._learned_from) != self._learned_from:
            raise UsageError(f"{path} was made from another painting; give the same, or another --name")
        self.settings = settings
        return begun

    def close(self) -> None:
        """End the thread that loads photos."""
        self._loader.shutdown(cancel_futures=True)

    def _crops(self, generator: torch.Generator) -> Tensor:
        """Return the photos of this step, and begin to load those of the next, on a GPU of more."""
        for step in range(self.done, self.done + 1 + self._ahead):
            if step not in self._waiting:
                self._waiting[step] = self._loader.submit(self.photos.crops, step)
        crops = self._waiting.pop(self.done).result().to(self.device)
        crops = mirror(crops, self.margin - BORDER, generator)
        return crops if self.device.type == "mps" else crops.contiguous(memory_format=torch.channels_last)


def painting_grams(painting: Pixels, size: int, judge: Perceptual) -> Activations:
    """Return the mean Gram matrices of *painting*, (C, C) each, its shorter side around *size* pixels.

    Three scales are averaged, so that strokes may be a little larger and smaller than in the painting.
    """
    weight = next(judge.parameters())
    scales = []
    for factor in (0.8, 1.0, 1.25):
        tensor = scaled(painting, size * factor).to(weight.device, weight.dtype)
        scales.append({tap: gram(features)[0] for tap, features in judge(tensor).items()})
    return {tap: torch.stack([grams[tap] for grams in scales]).mean(0) for tap in scales[0]}


def scaled(painting: Pixels, size: float) -> Tensor:
    """Return *painting* with its shorter side *size* pixels long: RGB in [0, 1], (1, 3, H, W)."""
    return torch.from_numpy(fit_shorter(painting, size)).permute(2, 0, 1)[None].float() / 255


def cut(pictures: Tensor, border: int) -> Tensor:
    """Return *pictures*, (N, C, H, W), without *border* pixels on each side."""
    return pictures[:, :, border:-border, border:-border]


def mirror(crops: Tensor, border: int, generator: torch.Generator) -> Tensor:
    """Return *crops*, (N, C, S, S), mirrored *border* pixels beyond their sides, moved by up to ``BORDER``.

    Not moved, what is judged would begin at the same place beside each mirror, and a network that sees the
    mirror would know where: in long runs it draws a line there, which Gram matrices like.
    """
    most = min(border, BORDER)
    right, down = torch.randint(-most, most + 1, (2,), generator=generator).tolist()
    sides = (border + right, border - right, border + down, border - down)
    return functional.pad(crops, sides, mode="reflect")


def one_cycle(part: float) -> float:
    """Learning rate at *part* of the run, as a share of its peak: up for 5 %, then down along a cosine."""
    if part < 0.05:
        return 0.1 + 0.9 * part / 0.05
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (part - 0.05) / 0.95))


def style_weight(part: float) -> float:
    """Weight of the style at *part* of the run."""
    fallen = min(part / FALL_UNTIL, 1.0)
    return STYLE_WEIGHT_FIRST + (STYLE_WEIGHT_LAST - STYLE_WEIGHT_FIRST) * fallen


def training_precision(device: torch.device) -> torch.dtype:
    """Return bfloat16 where the device is fast at it, else float32."""
    if device.type == "cuda":  # before Ampere cuDNN has none, and what stands in for it is slow
        fast = bool(torch.version.hip) or torch.cuda.get_device_capability(device)[0] >= 8
    else:
        fast = device.type == "cpu" and knows_bf16()
    return torch.bfloat16 if fast else torch.float32
