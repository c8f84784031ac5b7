"""Train the network that most people run on a painting, and paint a clip with it, frame by frame.

This is the peer that docs/steady.md compares with: Johnson et al. 2016 (arXiv:1603.08155) with instance norm,
trained by our own trainer on the same painting and photos, by the losses that its authors gave it (style,
content and smoothness) and painting each frame by itself.

Usage: python samples/johnson_peer.py PAINTING PHOTOS CLIP OUT.mp4
    [--steps N] [--start WEIGHTS] [--style-strength X]

Its weights are kept beside OUT.mp4, for samples/beside_johnson.py; --start begins with those of another.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from livestyle.frame import Pixels
from livestyle.measure.johnson import JohnsonNetwork
from livestyle.pictures import read_picture
from livestyle.pipeline import Pipeline, each
from livestyle.settings import EncodeSettings, TrainSettings
from livestyle.sinks.file import FileSink
from livestyle.sources.file import FileSource
from livestyle.styles.store import home
from livestyle.stylize.padding import BORDER
from livestyle.train import trainer as training
from livestyle.train.perceptual import load_perceptual
from livestyle.train.photos import open_photos

SETTINGS = TrainSettings(
    steps=400, batch=2, steadiness=0, palette=0, style_strength=1, learning_rate=1e-3, style_size=448
)


class Peer(nn.Module):
    """The network with numbers in [0, 1] at both ends; a ``Painter``, which paints each frame by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.network = JohnsonNetwork()

    def forward(self, pictures: Tensor) -> Tensor:
        """Paint *pictures*, RGB in [0, 1], (N, 3, H, W); same shape out."""
        return torch.tanh(self.network(pictures * 255)) * 0.5 + 0.5

    @torch.inference_mode()
    def stylize(self, pixels: Pixels, elapsed_seconds: float = 0.0) -> Pixels:
        """Paint *pixels*, uint8 RGB, (H, W, 3), by themselves."""
        picture = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
        painted = self(picture)[0, :, : pixels.shape[0], : pixels.shape[1]]
        return (painted * 255).round().byte().permute(1, 2, 0).contiguous().numpy()

    def reset(self) -> None:
        """Nothing is remembered."""


def load_peer(weights: Path) -> Peer:
    """Return the network with the weights that ``main`` kept."""
    network = Peer().eval()
    network.load_state_dict(torch.load(weights, weights_only=True))
    return network


def train_peer(painting: Path, photos_folder: Path, settings: TrainSettings, start: Path | None) -> Peer:
    """Train the network, from the weights *start* if given; the losses go to stderr."""
    training.LATTICE_WEIGHT = 0.0  # ours alone
    torch.manual_seed(settings.seed)
    photos = open_photos(photos_folder, settings)
    network = load_peer(start).train() if start else Peer()
    judge = load_perceptual(home() / "weights")
    device = torch.device("cpu")
    trainer = training.Trainer(network, read_picture(painting), photos, judge, settings, device, BORDER)
    trainer.optimizers = [torch.optim.Adam(network.parameters())]  # as its authors trained it
    while trainer.done < settings.steps:
        progress = trainer.step()
        if progress.step % 10 == 0:
            losses = "  ".join(f"{name} {value:.3f}" for name, value in progress.losses.items())
            print(f"{progress.step}/{progress.steps}  {progress.seconds:.1f} s  {losses}", file=sys.stderr)
    trainer.close()
    return network.eval()


def paint_clip(network: Peer, clip: Path, out: Path) -> None:
    """Paint every frame of *clip* by itself into *out*."""
    source = FileSource(clip)
    sink = FileSink(out, source.info, source.clip, EncodeSettings(), overwrite=True)
    paint = each(lambda frame: frame.with_pixels(network.stylize(frame.pixels)))
    Pipeline(source, paint, [sink]).run()


def main() -> None:
    """Train once, keep the weights beside the clip, paint."""
    parser = argparse.ArgumentParser(description="Train the network that most people run, and paint a clip.")
    for name in ("painting", "photos", "clip", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--steps", type=int, default=SETTINGS.steps)
    parser.add_argument("--start", type=Path, metavar="WEIGHTS")
    parser.add_argument("--style-strength", type=float, default=SETTINGS.style_strength)
    args = parser.parse_args()
    settings = replace(SETTINGS, steps=args.steps, style_strength=args.style_strength)
    kept = args.out.with_suffix(".weights.pt")
    if kept.exists():
        sys.exit(f"johnson_peer: {kept} exists; remove it to train anew, or give another OUT")
    network = train_peer(args.painting, args.photos, settings, args.start)
    torch.save(network.state_dict(), kept)
    paint_clip(network, args.clip, args.out)
    print(args.out)


if __name__ == "__main__":
    main()
