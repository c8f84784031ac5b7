"""Weights of few bits that keep what matters: how much each output takes from each input in all."""

from __future__ import annotations

import numpy as np

from livestyle.stylize.graph import Floats, Layer

MOST = 64
"""Weights are whole multiples of a step, from -64 to 64.

Processors without VNNI sum two products in 16 bits and cut off what does not fit: with values up to 255,
weights above 64. Others get the same, for one look everywhere; it costs them up to 2 dB in a clear sky.
"""

INT8_MOST = 127
"""The largest number of 8 bits."""


def round_weights(layer: Layer) -> tuple[Floats, Floats]:
    """Round the weights of *layer* to whole steps, at most ``MOST``.

    The sum over each kernel stays what it was, to half a step, and is the same for outputs that are peers
    and had the same sum: without that, a lattice as fine as the pixels shows where the picture is flat.

    Returns:
        The rounded weights, and what ``INT8_MOST`` steps are, (outputs, 1, 1, 1).
    """
    reach = np.abs(layer.weight).max((1, 2, 3), keepdims=True)
    for peer in np.unique(layer.peers):
        reach[layer.peers == peer] = reach[layer.peers == peer].max()
    step = np.maximum(reach, np.finfo(np.float32).tiny) / MOST
    exact = layer.weight / step
    whole = np.rint(exact)
    lack = wanted_sums(exact.sum((2, 3)), layer) - whole.sum((2, 3))  # (outputs, inputs)
    direction = np.sign(lack)[:, :, None]
    kernels, missing = whole.reshape(*lack.shape, -1), (exact - whole).reshape(*lack.shape, -1) * direction
    missing[np.abs(kernels + direction) > MOST] = -1  # no room left there
    ranks = np.argsort(np.argsort(-missing, axis=2), axis=2)
    kernels += direction * (ranks < np.abs(lack)[:, :, None])
    return (kernels.reshape(whole.shape) * step).astype(np.float32), (step * INT8_MOST).astype(np.float32)


def wanted_sums(sums: Floats, layer: Layer) -> Floats:
    """Return *sums*, (outputs, inputs), in whole steps; peers that nearly agree get the same."""
    wanted = np.empty_like(sums)
    for peer in np.unique(layer.peers):
        group = sums[layer.peers == peer]
        mean = group.mean(0)
        wanted[layer.peers == peer] = np.rint(mean) + np.rint(group - mean)
    return wanted
