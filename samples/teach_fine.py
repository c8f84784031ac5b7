"""Teach finished styles to paint at half size, as training does at its end: give them a fine network.

Usage: python samples/teach_fine.py PHOTOS STYLE_FILE ... [--steps STEPS]

Each file is replaced; its own network stays as it is. PHOTOS is a folder of ordinary photos. Prints how
like the painting at full size that at half size is, by the own network and by the fine one, on photos that
scikit-image carries: PSNR and SSIM.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from skimage import data
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from livestyle.cli.steps import StepReporter
from livestyle.errors import LivestyleError
from livestyle.frame import Pixels
from livestyle.settings import TrainSettings
from livestyle.styles.style import Style, read_style, write_style
from livestyle.styles.tiers import Tier
from livestyle.stylize.backends import open_backend
from livestyle.stylize.backends.pytorch import choose_device, load_network
from livestyle.stylize.governor import resize, restore
from livestyle.stylize.network import StyleNetwork
from livestyle.train.fine import teach_fine
from livestyle.train.photos import Photos, open_photos
from livestyle.train.run import weights_of
from livestyle.train.trainer import Progress, training_precision

Show = Callable[[Progress], None]
Lesson = Callable[[StyleNetwork, Photos, torch.dtype, Show], StyleNetwork]
"""Takes a network, photos, the precision to calculate in, and what is called after each step."""


def main() -> None:
    """Read the command line and teach."""
    parser = argparse.ArgumentParser(description="Give finished styles a fine network.")
    parser.add_argument("photos", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--steps", type=int, default=1000)
    args = parser.parse_args()
    try:
        teach_files(args.photos, args.files, args.steps)
    except LivestyleError as error:
        sys.exit(f"teach_fine: {error}")


def teach_files(folder: Path, files: list[Path], steps: int) -> None:
    """Teach the styles in *files* with the photos in *folder*."""
    settings = TrainSettings(steps=steps)

    def teach(network: StyleNetwork, photos: Photos, precision: torch.dtype, show: Show) -> StyleNetwork:
        return teach_fine(network, photos, settings, precision, show, most_steps=steps)

    for style, fine in learn(teach, folder, files, settings):
        weights = (style.read_weights(), style.credits, Tier(*style.shape), style.training)
        print(
            style.path, *likeness(write_style(style.path, *weights, weights_of(fine))), sep="\t", flush=True
        )


def learn(
    lesson: Lesson, folder: Path, files: list[Path], settings: TrainSettings
) -> Iterator[tuple[Style, StyleNetwork]]:
    """Yield each style in *files*, and what its network has become by *lesson* on the photos in *folder*."""
    photos = open_photos(folder, settings)
    device = choose_device("auto")
    for file in files:
        style = read_style(file)
        network = load_network(style).to(device)
        with StepReporter(str(file)) as reporter:
            network = lesson(network, photos, training_precision(device), reporter.show)
        yield style, network


def shown_photos() -> list[Pixels]:
    """Return the photos that figures are told of, uint8 RGB, each of its own size."""
    return [
        np.ascontiguousarray(photo()) for photo in (data.astronaut, data.coffee, data.chelsea, data.rocket)
    ]


def likeness(style: Style) -> tuple[str, str]:
    """Return how like the painting at full size that at half size is, by the own network and the fine one."""
    finer = style.fine()
    assert finer is not None
    own, fine = open_backend(style, "cpu"), open_backend(finer, "cpu")
    told: tuple[list[tuple[float, float]], ...] = ([], [])
    for photo in shown_photos():
        half = resize(photo, 0.5)
        whole = own.paint(photo)
        for backend, figures in zip((own, fine), told, strict=True):
            picture = restore(backend.paint(half), half, photo, 1.0)
            alike = structural_similarity(whole, picture, channel_axis=2)
            figures.append((peak_signal_noise_ratio(whole, picture), alike))
    means = [np.mean(figures, axis=0) for figures in told]
    return f"own {means[0][0]:.1f} dB {means[0][1]:.2f}", f"fine {means[1][0]:.1f} dB {means[1][1]:.2f}"


if __name__ == "__main__":
    main()
