"""What "looks like the painting", "shows what the photo shows" and "does not flicker" mean, as numbers.

Each term is relative to its own target, so that weights mean the same for every painting.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

CONTENT_TAPS = ("relu3_3",)

PALETTE_SCALES = (2, 8)
"""The palette is that of squares of so many pixels a side: of strokes, and of whole areas."""
PALETTE_SAMPLES = 2048
OPPONENTS = ((1.0, 1.0, 1.0), (3.7, -3.7, 0.0), (2.1, 2.1, -4.2))
"""Light, red against green, yellow against blue: hues vary less, so they weigh three times as much."""

SHIFT = 24
"""Pixels that pictures are moved by at most."""

PERIOD, AROUND = 4, 9
"""Pixels of a cell of the lattice, as networks work at a quarter of the size; cells over which it is seen."""

FINE = 5
"""Pixels: detail is what differs from the mean of so many each way."""

Activations = dict[str, Tensor]


def gram(features: Tensor) -> Tensor:
    """Correlations between channels, wherever they occur: (N, C, H, W) to (N, C, C). Gatys et al. 2015."""
    n, channels, height, width = features.shape
    flat = features.permute(0, 2, 3, 1).reshape(n, height * width, channels)  # no copy if channels come last
    return (flat.transpose(1, 2) @ flat).float() / (height * width)


def style_loss(
    painted: Activations, style_grams: Activations, tap_weights: dict[str, float] | None = None
) -> Tensor:
    """How far *painted* is from the painting's correlations; 0 is equal, about 1 is unrelated.

    Args:
        painted: activations of the painted pictures.
        style_grams: ``gram`` of the painting's activations, (C, C) each.
        tap_weights: how much each tap counts; None counts all alike.
    """
    terms = []
    for tap, target in style_grams.items():
        distance = style_distances(painted[tap], target).mean()
        terms.append(distance * (tap_weights[tap] if tap_weights else 1.0))
    return torch.stack(terms).mean()


def style_distances(features: Tensor, target: Tensor) -> Tensor:
    """How far the correlations in each of *features*, (N, C, H, W), are from *target*, (C, C): (N,)."""
    return (gram(features) - target).square().sum((1, 2)) / target.square().sum()


def calibrate(style_grams: Activations, photos: Iterable[Activations]) -> dict[str, float]:
    """Return how much each tap may count in ``style_loss`` for this painting: 1, or less.

    A tap where plain *photos* are several times farther from a calm painting than the painting is from
    nothing would drown the others, and the content with them; it counts so many times less. It takes some
    tens of photos to know: a few lively ones are many times farther than the rest.
    """
    distances = [
        {tap: style_distances(seen[tap], target) for tap, target in style_grams.items()} for seen in photos
    ]
    usual = {tap: torch.cat([each[tap] for each in distances]).mean() for tap in style_grams}
    return {tap: 1 / max(1.0, float(distance)) for tap, distance in usual.items()}


def palette(pictures: Tensor) -> list[Tensor]:
    """Describe which colours *pictures*, RGB (N, 3, H, W), have in what shares, wherever they occur.

    The distribution of colours is seen from several directions at once (sliced, Bonneel et al. 2015).

    Returns:
        For each of ``PALETTE_SCALES`` the sorted colours along each direction, (PALETTE_SAMPLES, directions).
    """
    directions, seen = palette_directions(pictures.device), []
    for scale in PALETTE_SCALES:
        squares = functional.avg_pool2d(pictures.float(), scale).permute(0, 2, 3, 1).reshape(-1, 3)
        along = (squares @ directions.T).sort(0).values
        shares = (torch.arange(PALETTE_SAMPLES, device=along.device) + 0.5) / PALETTE_SAMPLES
        seen.append(along[(shares * len(along)).long()])
    return seen


@cache
@torch.inference_mode(False)  # what is kept may be needed for gradients later
def palette_directions(device: torch.device) -> Tensor:
    """Return in what mixtures of the channels colours are seen, (directions, 3), always the same."""
    generator = torch.Generator().manual_seed(1)
    directions = functional.normalize(torch.randn(12, 3, generator=generator), dim=1)
    return (directions @ torch.tensor(OPPONENTS)).to(device)


def palette_loss(painted: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """How far one ``palette`` is from another, in variances of the *wanted* one: 0 is equal.

    Gram matrices forgive it when all is one colour on average; this does not. All pictures of a batch
    share one palette, so that a dark photo may stay dark.
    """
    terms = []
    for colors, target in zip(painted, wanted, strict=True):
        spread = target.var(0) + 3e-3  # a painting in greys has hardly any in hue
        terms.append(((colors - target).square().mean(0) / spread).mean())
    return torch.stack(terms).mean()


def content_loss(painted: Activations, original: Activations) -> Tensor:
    """How far *painted* is from showing the same things as *original*; 0 is equal, 1 is nothing in common.

    Args:
        painted: activations of the painted pictures.
        original: those of the originals, at the taps that count.
    """
    terms = []
    for tap, target in original.items():
        target = target.float()
        terms.append((painted[tap].float() - target).square().mean() / target.square().mean())
    return torch.stack(terms).mean()


def total_variation(pictures: Tensor) -> Tensor:
    """Mean absolute difference between neighbouring pixels of *pictures*, (N, 3, H, W)."""
    down = (pictures[:, :, 1:] - pictures[:, :, :-1]).abs().mean()
    right = (pictures[:, :, :, 1:] - pictures[:, :, :, :-1]).abs().mean()
    return down + right


def lattice(pictures: Tensor) -> Tensor:
    """Return what repeats every ``PERIOD`` pixels in *pictures*, (N, C, H, W); same shape.

    Networks paint on a lattice of such cells, and may show it. It is the mean of the pixels around that have
    the same place in their cells, without what is smooth. Sides must be multiples of ``PERIOD``.
    """
    cells = functional.pixel_unshuffle(pictures, PERIOD)
    for _ in range(2):  # twice: the cells that are near count most
        cells = functional.avg_pool2d(cells, AROUND, 1, AROUND // 2, count_include_pad=False)
    repeated = functional.pixel_shuffle(cells, PERIOD)
    padded = functional.pad(repeated, (PERIOD // 2,) * 4, mode="reflect")
    return repeated - functional.avg_pool2d(functional.avg_pool2d(padded, PERIOD, 1), 2, 1)


def random_warp(count: int, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return *count* sampling grids, (count, size, size, 2), that shift, turn, zoom and bend a little.

    Shift up to ``SHIFT`` pixels, ±2 % zoom and rotation, and a smooth field of about 2 pixels on top. Every
    second one only shifts, by whole pixels, so that nothing is lost in sampling.

    Returns:
        The grids, and which of them only shift, (count,).
    """

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator) * 2 - 1

    pixel = 2 / size  # grid_sample counts in halves of the picture
    first = torch.randint(2, (1,), generator=generator)
    whole = (torch.arange(count) + first) % 2 == 0
    moves = (~whole).view(count, 1, 1)
    shift = uniform(count, 2, 1) * SHIFT
    turn = uniform(count, 2, 2) * 0.02 * moves
    theta = torch.eye(2, 3) + torch.cat((turn, torch.where(moves, shift, shift.round()) * pixel), 2)
    grid = functional.affine_grid(theta, [count, 3, size, size], align_corners=False)
    bend = functional.interpolate(uniform(count, 2, 5, 5), (size, size), mode="bicubic", align_corners=True)
    return grid + (bend.permute(0, 2, 3, 1) * moves[..., None]) * 2 * pixel, whole


def warp(pictures: Tensor, grid: Tensor) -> Tensor:
    """Sample *pictures*, (N, C, H, W), at *grid*, (N, H, W, 2)."""
    return functional.grid_sample(
        pictures, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )


def disturb(pictures: Tensor, grid: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return *pictures* as a camera might see them a moment later, and the change of exposure.

    Warped by *grid*, exposure changed by up to ±3 %, sensor noise up to σ = 4/255 added.

    Returns:
        The pictures, (N, 3, H, W) in [0, 1], and the gains, (N, 1, 1, 1).
    """
    n = len(pictures)
    device = pictures.device
    gain = 1 + 0.03 * (torch.rand((n, 1, 1, 1), generator=generator) * 2 - 1).to(device)
    sigma = 4 / 255 * torch.rand((n, 1, 1, 1), generator=generator)
    noise = (sigma * torch.randn(pictures.shape, generator=generator)).to(device)
    return (warp(pictures, grid) * gain + noise).clamp(0, 1), gain


def unsteadiness(painted: Tensor, painted_later: Tensor, grid: Tensor, gain: Tensor, border: int) -> Tensor:
    """Return how the disturbed painting differs from the painting of a disturbed picture, (N, 3, h, w).

    Args:
        painted: the network's output for the pictures, (N, 3, H, W) in [0, 1].
        painted_later: its output for what ``disturb`` made of them.
        grid: where ``disturb`` sampled, (N, H, W, 2).
        gain: how it changed the exposure, (N, 1, 1, 1).
        border: pixels on each side that do not count.
    """
    expected = (warp(painted, grid) * gain).clamp(0, 1)
    return (expected - painted_later)[:, :, border:-border, border:-border]


def stuck_loss(unsteady: Tensor, whole: Tensor) -> Tensor:
    """How much fine detail does not move with a picture that is shifted.

    Args:
        unsteady: from ``unsteadiness``.
        whole: which of the pictures were only shifted, by whole pixels, (N,).
    """
    detail = unsteady - functional.avg_pool2d(unsteady, FINE, 1, FINE // 2)
    return (detail.abs().mean((1, 2, 3)) * whole.to(detail.device)).sum() / max(int(whole.sum()), 1)


def steady_loss(unsteady: Tensor) -> Tensor:
    """How much the painting of a disturbed picture differs from the disturbed painting.

    The compound loss of Wang et al. 2020 (arXiv:2010.12811): it needs stills only.

    Args:
        unsteady: from ``unsteadiness``.
    """
    return unsteady.abs().mean()


def gram_trace(style_grams: Activations) -> float:
    """How restless a painting is: mean log10 of its Gram traces. Large ones flicker (arXiv:1705.02092)."""
    return sum(math.log10(float(g.diagonal().sum())) for g in style_grams.values()) / len(style_grams)
