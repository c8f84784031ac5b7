"""Sharpen what finished styles see, as training does at its end: photos are recognised better in paintings.

Usage: python samples/sharpen_styles.py STYLE_FILE ... --amount AMOUNT

Each file is replaced; its fine network is sharpened as well. AMOUNT is that of sharpening: 1.5 is plenty,
and noise grows with it (``livestyle styles show NAME --flicker``).
"""

import argparse
import sys
from pathlib import Path

from livestyle.errors import LivestyleError
from livestyle.styles.style import read_style, write_style
from livestyle.styles.tiers import Tier
from livestyle.stylize.backends.pytorch import load_network
from livestyle.train.run import weights_of
from livestyle.train.sharpen import see_sharply


def main() -> None:
    """Read the command line and sharpen."""
    parser = argparse.ArgumentParser(description="Sharpen what finished styles see.")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--amount", type=float, required=True)
    args = parser.parse_args()
    try:
        for file in args.files:
            sharpen_file(file, args.amount)
    except LivestyleError as error:
        sys.exit(f"sharpen_styles: {error}")


def sharpen_file(file: Path, amount: float) -> None:
    """Sharpen the style in *file* by *amount*."""
    style = read_style(file)
    network = see_sharply(load_network(style), amount)
    fine = style.fine()
    fine_weights = weights_of(see_sharply(load_network(fine), amount, scale=0.5)) if fine else None
    write_style(file, weights_of(network), style.credits, Tier(*style.shape), style.training, fine_weights)


if __name__ == "__main__":
    main()
