"""Measure what makes training quick: steps per second with each part of it, for docs/training-notes.md.

Usage: python samples/train_speed.py PAINTING PHOTOS [BATCH [STEPS]]

Each variant takes the same steps, the median of which counts; the first ones, in which it warms up, do not.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from livestyle.pictures import read_picture
from livestyle.settings import TrainSettings
from livestyle.styles.store import home
from livestyle.styles.tiers import find_tier
from livestyle.stylize.backends.pytorch import choose_device
from livestyle.stylize.network import StyleNetwork, reach
from livestyle.train.perceptual import load_perceptual
from livestyle.train.photos import open_photos
from livestyle.train.trainer import Trainer

WARM = 3
"""Steps that are not counted."""


class ContentKept(nn.Module):
    """A judge that looks at the photos once, as if what it sees there could be kept.

    Args:
        judge: the perceptual network.
    """

    def __init__(self, judge: nn.Module) -> None:
        super().__init__()
        self.judge, self.kept = judge, {}

    def forward(self, pictures: Tensor, last: str | None = None) -> dict[str, Tensor]:
        """Return the activations of *pictures*; of those up to *last*, that are of photos, the first ones."""
        if last is None:
            return self.judge(pictures)
        self.kept = self.kept or self.judge(pictures, last=last)
        return self.kept


def plain(trainer: Trainer) -> None:
    """Calculate in float32, channels first."""
    trainer.precision = torch.float32
    for part in (trainer.judge, trainer.network):
        part.to(torch.float32, memory_format=torch.contiguous_format)
    crops = trainer._crops
    trainer._crops = lambda generator: crops(generator).contiguous()


def full_precision(trainer: Trainer) -> None:
    """Calculate in float32."""
    trainer.precision = torch.float32
    trainer.judge.to(torch.float32)


def as_it_is(trainer: Trainer) -> None:
    """Change nothing."""


def compiled(trainer: Trainer) -> None:
    """Compile the judge."""
    trainer.judge = torch.compile(trainer.judge)


def content_kept(trainer: Trainer) -> None:
    """Look at each photo once."""
    trainer.judge = ContentKept(trainer.judge)


VARIANTS: dict[str, Callable[[Trainer], Any]] = {
    "float32, channels first": plain,
    "float32, channels last": full_precision,
    "what the processor is fast at (bfloat16), channels last: used": as_it_is,
    "the same, the judge compiled": compiled,
    "the same, as if what the judge sees in photos were kept": content_kept,
}


def main() -> None:
    """Print the table."""
    painting, photos = read_picture(Path(sys.argv[1])), Path(sys.argv[2])
    batch, steps = (int(word) for word in (*sys.argv[3:], *("2", "12")[len(sys.argv) - 3 :]))
    settings = TrainSettings(steps=steps + WARM, batch=batch)
    print("| training | seconds a step | ratio |\n| --- | --- | --- |")
    first = 0.0
    for title, change in VARIANTS.items():
        crops = open_photos(photos, settings)
        judge, device = load_perceptual(home() / "weights"), choose_device("auto")
        network = StyleNetwork(find_tier(settings.tier), "batch")
        trainer = Trainer(network, painting, crops, judge, settings, device, reach(network.tier))
        change(trainer)
        seconds = median([trainer.step().seconds for _ in range(steps + WARM)][WARM:])
        trainer.close()
        first = first or seconds
        print(f"| {title} | {seconds:.2f} | {first / seconds:.1f}× |", flush=True)


if __name__ == "__main__":
    main()
