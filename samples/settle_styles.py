"""Do the last part of training on finished styles: after weights were mixed, or to make them steadier.

Usage: python samples/settle_styles.py PHOTOS STYLE_FILE ... [--noise LEVELS]

Each file is replaced, and loses its fine network, which no longer fits: teach_fine.py gives it a new one.
PHOTOS is a folder of ordinary photos. LEVELS is the largest σ of the noise that is learned away; at 0
brushwork stays as sharp as it is, and edges alone are mended.
"""

import argparse
import sys
from pathlib import Path

import torch
from teach_fine import Show, learn

from livestyle.errors import LivestyleError
from livestyle.settings import TrainSettings
from livestyle.styles.style import write_style
from livestyle.styles.tiers import Tier
from livestyle.stylize.network import StyleNetwork
from livestyle.train.photos import Photos
from livestyle.train.run import weights_of
from livestyle.train.settle import NOISE, settle


def main() -> None:
    """Read the command line and settle."""
    parser = argparse.ArgumentParser(description="Settle noise and edges of finished styles.")
    parser.add_argument("photos", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--noise", type=float, default=NOISE)
    args = parser.parse_args()
    try:
        settle_files(args.photos, args.files, args.noise)
    except LivestyleError as error:
        sys.exit(f"settle_styles: {error}")


def settle_files(folder: Path, files: list[Path], noise: float) -> None:
    """Settle the styles in *files* on the photos in *folder*."""
    settings = TrainSettings()

    def calm(network: StyleNetwork, photos: Photos, precision: torch.dtype, show: Show) -> StyleNetwork:
        return settle(network, photos, settings, noise, precision, show)

    for style, network in learn(calm, folder, files, settings):
        write_style(style.path, weights_of(network), style.credits, Tier(*style.shape), style.training)


if __name__ == "__main__":
    main()
