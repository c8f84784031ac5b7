"""Train styles like those that ship, in their tiers, from the paintings and artworks they are named after.

Usage: python samples/train_styles.py PAINTINGS PHOTOS [--only NAME ...] [--tier lite|base|hq]

PAINTINGS is a folder with the pictures named in STYLES; what artworks.py and candy_artwork.py make goes
there too. PHOTOS is a folder of ordinary photos. The styles are one's own ($LIVESTYLE_HOME) and hide those
that ship, in all tiers, until ``livestyle styles remove`` is told. A style that is there already is passed
over, one that was ended is gone on with. With two CPU cores a style takes some six minutes a tier, candy in
lite, with which all begins, twenty.

The very files that ship were trained further, and some are mixed from two trainings (docs/training.md); the
command of the last is shown by ``livestyle styles show``.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from livestyle.styles.store import CATALOG, find_style, home, style_path


class Painting(NamedTuple):
    """A picture to learn from, who made it, and how it is learnt: settings of ``livestyle train``."""

    file: str
    title: str
    artist: str
    year: str
    strength: float = 1.0
    steadiness: float = 2.0
    size: int = 448
    palette: float = 1.0


OURS = "the livestyle contributors"
STYLES = {
    "candy": Painting("candy.png", "Candy", OURS, "2026", 3.4, 6),
    "composition-vii": Painting(
        "composition_vii_kandinsky.jpg", "Composition VII", "Wassily Kandinsky", "1913", 2.5, 5, 512
    ),
    "great-wave": Painting(
        "great_wave_hokusai.jpg", "The Great Wave off Kanagawa", "Katsushika Hokusai", "about 1831", 3.2, 4
    ),
    "klimt": Painting(
        "adele_bloch_bauer_klimt.jpg", "Portrait of Adele Bloch-Bauer I", "Gustav Klimt", "1907", 2.5, 6, 640
    ),
    "metzinger": Painting(
        "portrait_of_metzinger_delaunay.jpg", "Portrait of Metzinger", "Robert Delaunay", "1906", 2.5, 5
    ),
    "pencil": Painting("pencil.png", "Pencil", OURS, "2026", 2.5, 5),
    "scream": Painting("the_scream_munch.jpg", "The Scream", "Edvard Munch", "1893", 2.5, 3, palette=0.4),
    "stained-glass": Painting("stained-glass.png", "Stained Glass", OURS, "2026"),
    "starry-night": Painting(
        "starry_night_vangogh_hires.jpg", "The Starry Night", "Vincent van Gogh", "1889", 3, 6
    ),
    "udnie": Painting(
        "udnie_picabia.jpg",
        "Udnie (Young American Girl, The Dance)",
        "Francis Picabia",
        "1913",
        2,
        1.5,
        palette=0.1,
    ),
    "water-lilies": Painting("water_lilies_monet.jpg", "Water Lilies", "Claude Monet", "1919", 2, 6),
    "wheat-field": Painting(
        "wheat_field_vangogh.jpg", "Wheat Field with Cypresses", "Vincent van Gogh", "1889", 3.5, 8
    ),
    "woodcut": Painting("woodcut.png", "Woodcut", OURS, "2026", 1.5, 8),
}
STEPS = {"lite": 300, "base": 80, "hq": 450}
FIRST_STEPS = 900
"""Of candy in lite, which starts from noise; the others start from it, base from lite, hq from base."""

BATCH = 4
"""Photos in one step: the strengths above are right for so many."""


def train(name: str, tier: str, paintings: Path, photos: Path) -> None:
    """Train one style in one tier, unless it is there, or ships without ``hq``."""
    out = style_path(name, tier)
    if out.exists() or (tier == "hq" and not (CATALOG / out.name).exists()):
        return
    painting = STYLES[name]
    start, steps = name if tier == "base" else "candy", STEPS[tier]
    if tier == "hq":  # by its name it would go on from the one that ships
        start = str(find_style(name, "base").path)
    if (name, tier) == ("candy", "lite"):
        start, steps = "none", FIRST_STEPS
    command = [sys.executable, "-m", "livestyle", "train", str(paintings / painting.file)]
    command += ["--photos", str(photos), "--name", name, "--tier", tier, "--init", start]
    command += ["--out", str(out)]  # it hides the style that ships: so it is wanted here
    command += [
        "--steps",
        str(steps),
        "--batch",
        str(BATCH),
        "--steadiness",
        str(painting.steadiness),
        "--style-size",
        str(painting.size),
    ]
    command += ["--style-strength", str(painting.strength), "--palette", str(painting.palette)]
    command += ["--title", painting.title, "--artist", painting.artist, "--year", painting.year]
    if (home() / "training" / out.stem / "checkpoint.pt").exists():
        command += ["--resume"]
    done = subprocess.run([*command, "--licence", "CC0-1.0"], check=False)
    if done.returncode:
        sys.exit(done.returncode)  # it has said why


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description="Train styles like those that ship.")
    parser.add_argument("paintings", type=Path)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--only", nargs="+", choices=STYLES, default=list(STYLES))
    parser.add_argument("--tier", choices=STEPS)
    args = parser.parse_args()
    for tier in [args.tier] if args.tier else STEPS:
        for name in args.only:
            train(name, tier, args.paintings, args.photos)


if __name__ == "__main__":
    main()
