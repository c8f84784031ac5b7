"""What training starts from: noise, a style by name, or the shipped one nearest to the painting."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress

import torch
from torch import Tensor

from livestyle.errors import UsageError
from livestyle.frame import Pixels
from livestyle.settings import TrainSettings
from livestyle.styles.blend import Blend
from livestyle.styles.store import CATALOG, find_style, list_files
from livestyle.styles.style import Style
from livestyle.styles.tiers import TIERS, find_tier
from livestyle.stylize.backends.pytorch import load_network
from livestyle.stylize.mixing import Mixture
from livestyle.stylize.network import StyleNetwork, grow, unfold_norms
from livestyle.stylize.padding import BORDER
from livestyle.train.losses import Activations, style_loss
from livestyle.train.photos import Photos
from livestyle.train.trainer import painting_grams
from livestyle.train.vgg import Perceptual

log = logging.getLogger(__name__)

AUTO = "auto"
"""Stands for the shipped style that is nearest to the painting."""

BATCHES = range(8)
"""Of photos, that norms are fitted to."""

LOOKED_AT = 2
"""Photos on which shipped styles are compared with the painting."""


def choose_starts(
    given: str | None, settings: TrainSettings, painting: Pixels, photos: Photos, judge: Perceptual
) -> list[Style]:
    """Return the styles that training can start from, the best first; none for noise.

    Args:
        given: name or file of a style, ``auto``, or None.
        settings: of the training.
        painting: uint8 RGB, (H, W, 3).
        photos: to compare styles on.
        judge: the perceptual network, on its device and in its precision.

    Raises:
        UsageError: as ``find_start``.
    """
    if given is None:
        return []
    if given != AUTO:
        return [find_start(given, settings.tier)]
    names = [name for name, tiers in list_files().items() if next(iter(tiers.values())).parent == CATALOG]
    with torch.no_grad():
        grams = painting_grams(painting, settings.style_size, judge)
    crops = photos.crops(0, LOOKED_AT)
    return sort_by_distance((find_start(name, settings.tier) for name in names), crops, grams, judge)


def find_start(given: str, tier: str) -> Style:
    """Return the style to start from in *tier*; else in the largest smaller one there is, to be grown.

    Raises:
        UsageError: there is no such tier or style, or it is of a larger tier.
    """
    names = list(TIERS)
    smaller = names[: names.index(tier) + 1] if tier in names else []
    for known in reversed(smaller):
        with suppress(UsageError):
            style = find_style(given, known)
            break
    else:
        style = find_style(given)
    if any(have > want for have, want in zip(style.shape, find_tier(tier), strict=True)):
        raise UsageError(f"{style.path} is larger than tier {tier}; it cannot start it")
    return Mixture.of(style) if isinstance(style, Blend) else style


@torch.no_grad()
def sort_by_distance(
    styles: Iterable[Style], photos: Tensor, style_grams: Activations, judge: Perceptual
) -> list[Style]:
    """Return *styles*, first the one that paints *photos* most like the painting.

    Args:
        styles: to be sorted.
        photos: RGB in [0, 1], (N, 3, H, W).
        style_grams: of the painting, (C, C) each.
        judge: the perceptual network.
    """
    weight = next(judge.parameters())
    distances: list[tuple[float, Style]] = []
    for style in styles:
        network = load_network(style).to(weight.device)
        painted = network(photos.to(weight.device))[:, :, BORDER:-BORDER, BORDER:-BORDER]
        distance = float(style_loss(judge(painted.to(weight.dtype)), style_grams))
        log.info("%s is %.3f from the painting", style.name, distance)
        distances.append((distance, style))
    return [style for _, style in sorted(distances, key=lambda pair: pair[0])]


def make_network(settings: TrainSettings, start: Style | None, photos: Photos) -> StyleNetwork:
    """Return the network to begin with: from noise, or from the style *start*."""
    torch.manual_seed(settings.seed)
    network = StyleNetwork(find_tier(settings.tier), "batch")
    if start is not None:
        grown = grow(load_network(start), network.tier)
        unfold_norms(grown, network, [photos.crops(step) for step in BATCHES])
    return network
