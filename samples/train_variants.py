"""Train variants of one style with equal steps and print what each is like, for docs/training-notes.md.

Usage: python samples/train_variants.py PAINTING PHOTOS [STEPS [CROP BATCH]]

Each variant starts from noise, sees the same photos in the same order, and paints each frame by itself. The
figures are those of `livestyle flicker` and the losses, on photos of scikit-image.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from skimage import data

import livestyle.train.trainer
from livestyle.frame import Pixels
from livestyle.measure.comparison import measure_painter
from livestyle.measure.flicker import FIGURES
from livestyle.pictures import read_picture
from livestyle.settings import TrainSettings
from livestyle.styles.store import home
from livestyle.styles.tiers import TIERS
from livestyle.stylize.backends.pytorch import paint
from livestyle.stylize.network import Norm, StyleNetwork, fold_norms, reach
from livestyle.train.judge import make_comparer
from livestyle.train.perceptual import load_perceptual
from livestyle.train.photos import open_photos
from livestyle.train.trainer import Trainer

PROBES = ("still_noise_gain", "light_ramp_gain", "pan_error", "coupling")
COLUMNS = ("style_distance", "content_distance", *PROBES, "sharpness")


class Variant(NamedTuple):
    """One way to train: which norms, whether they are frozen and folded, how much steadiness."""

    norm: Norm
    frozen: bool
    steadiness: float

    @property
    def title(self) -> str:
        """Its name for people."""
        norms = {"none": "no norms"}.get(self.norm, f"{self.norm} norms")
        state = "" if self.norm == "none" else ", frozen" if self.frozen else ", never frozen"
        return f"{norms}{state}; steadiness {self.steadiness:g}"


VARIANTS = (
    Variant("batch", True, 2.5),
    Variant("instance", True, 2.5),
    Variant("instance", False, 2.5),
    Variant("none", True, 2.5),
    Variant("batch", True, 0),
    Variant("batch", True, 5),
)


class NetworkPainter:
    """Paints each frame by itself with a network as it is."""

    def __init__(self, network: StyleNetwork) -> None:
        self._network = network

    def stylize(self, pixels: Pixels, elapsed_seconds: float = 0.0) -> Pixels:
        """Paint one picture, uint8 RGB, (H, W, 3)."""
        return paint(self._network, pixels)

    def reset(self) -> None:
        """Do nothing: there is no past."""


def train(variant: Variant, painting: Pixels, folder: Path, settings: TrainSettings) -> NetworkPainter:
    """Train one variant and return what paints with it."""
    livestyle.train.trainer.FREEZE_FROM = 0.7 if variant.frozen else 2.0
    torch.manual_seed(settings.seed)
    network = StyleNetwork(TIERS["lite"], variant.norm)
    photos = open_photos(folder, settings)
    judge, device = load_perceptual(home() / "weights"), torch.device("cpu")
    trainer = Trainer(network, painting, photos, judge, settings, device, reach(network.tier))
    while trainer.done < settings.steps:
        trainer.step()
    trainer.close()
    return NetworkPainter(fold_norms(network) if variant.frozen else network.train())


def main() -> None:
    """Train all variants in turn and print a row for each."""
    painting, folder = read_picture(Path(sys.argv[1])), Path(sys.argv[2])
    steps, crop, batch = (int(given) for given in (sys.argv[3:] + ["80", "240", "4"][len(sys.argv[3:]) :]))
    settings = TrainSettings(steps=steps, crop=crop, batch=batch)
    compare = make_comparer(painting, settings.style_size)
    photos = [np.ascontiguousarray(photo) for photo in (data.astronaut()[:360], data.chelsea())]
    titles = " | ".join(FIGURES[name].title for name in COLUMNS)
    print(f"{Path(sys.argv[1]).stem}, {steps} steps of {batch} crops of {crop} pixels\n")
    print(f"| variant | {titles} |\n|{' --- |' * (len(COLUMNS) + 1)}", flush=True)
    for variant in VARIANTS:
        started = time.process_time()
        painter = train(variant, painting, folder, replace(settings, steadiness=variant.steadiness))
        figures = measure_painter(variant.title, painter, photos, compare, PROBES).figures
        cells = " | ".join(f"{figures[name] * FIGURES[name].scale:.2f}" for name in COLUMNS)
        print(f"| {variant.title} | {cells} |", flush=True)
        print(f"{time.process_time() - started:.0f} s of processor time", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
