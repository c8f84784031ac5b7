"""Race `livestyle paint` against the plain way of Gatys et al. 2015, by the same loss.

The plain way: 500 steps from the photo at its full size in float32, with L-BFGS, or with Adam at 0.04 (ten
levels of 255). Both are judged by VGG19 in float32, on pictures rounded to 8 bits. Time is that of all cores
together, which a busy machine changes least.

Usage: python samples/paint_race.py PAINTING [SIZE] [PHOTO_OF_SCIKIT_IMAGE …] [--steps N …]

N are the steps of `livestyle paint`, once for each.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from skimage import data
from torch import Tensor

from livestyle.frame import Pixels
from livestyle.pictures import Picture, read_picture, write_picture
from livestyle.settings import PaintSettings
from livestyle.styles.store import home
from livestyle.train.easel import GAIN
from livestyle.train.likeness import Likeness, as_pixels, as_tensor, fit_area, fit_longer
from livestyle.train.paint import PaintJob, paint_picture
from livestyle.train.perceptual import load_perceptual
from livestyle.train.vgg import VGG19

STEPS, TOLD = 500, 100
ADAM_RATE = 0.04


def race_plain(likeness: Likeness, kind: str) -> Iterator[tuple[int, Pixels]]:
    """Optimise the plain way; yield the picture every ``TOLD`` steps."""
    picture = likeness.photo.clone().requires_grad_(True)
    optimizer: torch.optim.Optimizer
    if kind == "adam":
        optimizer = torch.optim.Adam([picture], lr=ADAM_RATE)
    else:
        optimizer = torch.optim.LBFGS([picture], max_iter=1, tolerance_grad=0, tolerance_change=0)

    def look() -> Tensor:
        optimizer.zero_grad()
        total = torch.stack(list(likeness(picture).values())).sum() * GAIN
        total.backward()
        return total

    for step in range(1, STEPS + 1):
        optimizer.step(look)
        with torch.no_grad():
            picture.clamp_(0, 1)
        if step % TOLD == 0:
            yield step, as_pixels(picture)


def race_ours(photo: Pixels, painting: Path, steps: int) -> Pixels:
    """Run the command's own function and return what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "photo.png", Path(folder) / "out.png"
        write_picture(source, Picture(photo))
        settings = PaintSettings(steps=steps, size=max(photo.shape[:2]))
        paint_picture(PaintJob(source, painting, out, settings, device="cpu"), lambda _: None)
        return read_picture(out)


def tell(
    name: str, steps: int, seconds: float, judge: Callable[[Pixels], dict[str, float]], picture: Pixels
) -> None:
    """Print one row of the table."""
    losses = judge(picture)
    figures = "".join(f" {losses[term]:.3f} |" for term in ("style", "content"))
    print(f"| {name} | {steps} | {seconds:.0f} | {sum(losses.values()):.3f} |{figures}", flush=True)


def main() -> None:
    """Race on each photo and print a table."""
    parser = argparse.ArgumentParser(description="Race livestyle paint against the plain way.")
    parser.add_argument("painting", type=Path)
    parser.add_argument("size", type=int, nargs="?", default=256)
    parser.add_argument("photos", nargs="*", default=["astronaut"])
    parser.add_argument("--steps", type=int, nargs="+", default=[250, 500])
    args = parser.parse_args()
    network = load_perceptual(home() / "weights", architecture=VGG19)
    for name in args.photos:
        photo = fit_longer(getattr(data, name)(), args.size)
        exact = Likeness(
            network, photo, fit_area(read_picture(args.painting), photo.shape[0] * photo.shape[1])
        )

        @torch.no_grad()
        def judge(picture: Pixels, exact: Likeness = exact) -> dict[str, float]:
            losses = exact(as_tensor(picture, network))
            return {term: float(loss) for term, loss in losses.items()}

        print(f"\n{name}, {photo.shape[1]}×{photo.shape[0]}, {args.painting.stem}\n")
        print("| way | steps | CPU seconds | loss | style | content |\n| --- | --- | --- | --- | --- | --- |")
        tell("the photo", 0, 0, judge, photo)
        for steps in args.steps:
            started = time.process_time()
            picture = race_ours(photo, args.painting, steps)
            tell("livestyle paint", steps, time.process_time() - started, judge, picture)
        for kind, title in (("lbfgs", "plain, L-BFGS"), ("adam", "plain, Adam")):
            started, spent = time.process_time(), 0.0
            for steps, picture in race_plain(exact, kind):
                spent += time.process_time() - started
                tell(title, steps, spent, judge, picture)
                started = time.process_time()


if __name__ == "__main__":
    main()
