"""Sharpening: a finished network sees pictures as if an unsharp mask lay over them, at no cost.

What teaches a network to be steady, noise above all, also teaches it to see softly, and what a photo shows
goes lost. A difference of Gaussians (Marr & Hildreth 1980) gives edges their strength back, but for the very
finest, which are mostly noise. It is no step of its own when painting: kernels of the first layer take it
over, as nearly as their size allows.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livestyle.stylize.network import StyleNetwork
from livestyle.stylize.padding import BORDER
from livestyle.train.imitate import paint_within
from livestyle.train.photos import Photos

Array = NDArray[np.floating[Any]]

AMOUNTS = (1.5, 1.0, 0.5)
"""How much of the difference is laid over pictures: the most that leaves a network steady is taken."""

FINE, COARSE = 0.7, 3.0
"""σ of the two Gaussians, in pixels."""

MOST_GAIN = 0.75
"""A network is steady while no more than this of a photo's noise is painted; in flat ones it is double."""

REACH = 6
"""Pixels around a kernel of the first layer whose share falls to its own: 2 σ."""

NOISE = 2.0
"""σ of the noise of pictures, in levels."""

VARIANCE, ALIKE, ALIKE_COLOURS = 0.25, 0.95, 0.95
"""Of pixels in [-1, 1]; how alike are neighbours, and the colours of one pixel: what photos have, about."""

PHOTOS = 4
"""That noise is measured on."""


def sharpen(network: StyleNetwork, photos: Photos) -> StyleNetwork:
    """Return *network*, which has no norms, sharpened as much as leaves it steady on *photos*."""
    clean = photos.crops(0, PHOTOS)
    sharpened = (see_sharply(network, amount) for amount in AMOUNTS)
    return next((sharper for sharper in sharpened if noise_gain(sharper, clean) <= MOST_GAIN), network)


@torch.no_grad()
def see_sharply(network: StyleNetwork, amount: float, scale: float = 1.0) -> StyleNetwork:
    """Return a copy of *network* that paints as *network* would were pictures sharpened by *amount*.

    Args:
        network: without norms.
        amount: of sharpening; 0 leaves all as it is.
        scale: size of what it is shown, as a part of the picture's: 0.5 for a fine network.
    """
    sharper = copy.deepcopy(network)
    weight = sharper.stem.conv.weight  # (16, 12, 3, 3): 3×3 cells of 2×2 pixels
    outputs = weight.shape[0]
    cells = weight.double().cpu().numpy().reshape(outputs, 3, 2, 2, 3, 3)
    kernels = cells.transpose(0, 1, 4, 2, 5, 3).reshape(outputs, 3, 6, 6)
    kernels = fit_kernels(kernels, mask(amount, FINE * scale, COARSE * scale))
    cells = kernels.reshape(outputs, 3, 3, 2, 3, 2).transpose(0, 1, 3, 5, 2, 4)
    weight.copy_(torch.from_numpy(cells.reshape(outputs, 12, 3, 3)))
    return sharper


def mask(amount: float, fine: float, coarse: float) -> Array:
    """Return the kernel of sum 1, (S, S), that adds *amount* of what is between σ *fine* and *coarse*."""
    kernel = amount * (gaussian(fine) - gaussian(coarse))
    kernel[REACH, REACH] += 1
    return kernel


def gaussian(sigma: float) -> Array:
    """Return the Gaussian of *sigma* pixels, of sum 1: (S, S)."""
    row = np.exp(-np.square(np.arange(-REACH, REACH + 1)) / (2 * sigma**2))
    return np.asarray(np.outer(row, row) / row.sum() ** 2)


def fit_kernels(kernels: Array, mask: Array) -> Array:
    """Return the kernels that see in photos what *kernels*, (N, 3, 6, 6), see behind *mask*.

    Together they would be larger. Of the same size are those whose answers differ least, in the mean of
    squares, on pictures that are as alike from pixel to pixel as photos; flat ones give equal answers.
    """
    count, _, side, _ = kernels.shape
    large = np.zeros((count, 3, side + 2 * REACH, side + 2 * REACH))
    for down, row in enumerate(mask):
        for right, share in enumerate(row):
            large[:, :, down : down + side, right : right + side] += share * kernels
    inner = np.zeros(large.shape[1:], bool)
    inner[:, REACH:-REACH, REACH:-REACH] = True
    inner = inner.ravel()
    alike = covariance(large.shape[-1])
    sums = np.kron(np.eye(3), np.ones((side**2, 1)))  # of each colour: what a flat picture gives
    found = np.linalg.solve(
        np.block([[alike[np.ix_(inner, inner)], sums], [sums.T, np.zeros((3, 3))]]),
        np.concatenate([alike[inner] @ large.reshape(count, -1).T, kernels.sum((2, 3)).T]),
    )
    return found[: 3 * side**2].T.reshape(kernels.shape)


def covariance(side: int) -> Array:
    """Return how pixels of photos go together within squares of *side*: (3·side², 3·side²), colours first."""
    down, right = np.mgrid[:side, :side].reshape(2, -1)
    distance = np.hypot(down[:, None] - down, right[:, None] - right)
    colours = np.full((3, 3), ALIKE_COLOURS) + (1 - ALIKE_COLOURS) * np.eye(3)
    pixels = np.kron(colours, VARIANCE * ALIKE**distance)
    return np.asarray(pixels + np.square(NOISE / 127.5) * np.eye(len(pixels)))


@torch.no_grad()
def noise_gain(network: StyleNetwork, pictures: Tensor) -> float:
    """Return how much of the noise of *pictures*, RGB in [0, 1], (N, 3, H, W), is painted."""
    generator = torch.Generator().manual_seed(0)

    def noisy() -> Tensor:
        return (pictures + NOISE / 255 * torch.randn(pictures.shape, generator=generator)).clamp(0, 1)

    one, other = noisy(), noisy()
    device = network.out.conv.weight.device
    painted = paint_within(network, one.to(device), BORDER) - paint_within(network, other.to(device), BORDER)
    return float(painted.abs().mean() / (one - other).abs().mean())
