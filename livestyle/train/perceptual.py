"""The network that judges, with its weights: kept in the store, or fetched once.

We ship no weights of it: they are fetched from where others publish them, checked against a hash and kept
as safetensors.
"""

from __future__ import annotations

import logging
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from livestyle.errors import WeightsUnavailable
from livestyle.train.vgg import VGG16, Architecture, Perceptual
from livestyle.train.weights import fetch_weights, from_torchvision
from livestyle.whole import whole_file

log = logging.getLogger(__name__)


def load_perceptual(
    weights_folder: Path, given: Path | None = None, architecture: Architecture = VGG16
) -> Perceptual:
    """Return the judge, with weights from the first place that has them.

    Args:
        weights_folder: where converted weights are kept from one run to the next.
        given: a file of VGG16 weights to use instead: safetensors as kept in the store, or torchvision's
            ``.pth``.
        architecture: which network; only VGG16 can be *given*.

    Raises:
        WeightsUnavailable: *given* does not fit, or no place has them.
    """
    network = Perceptual(architecture)
    kept = weights_folder / f"{architecture.name.lower()}.safetensors"
    weights = read_weights(given, architecture) if given else recall_weights(kept, architecture)
    network.load_state_dict(weights)
    return network


def recall_weights(kept: Path, architecture: Architecture) -> dict[str, Tensor]:
    """Return the weights in the store, at *kept*; where there are none, or damaged ones, fetch them first."""
    if kept.exists():
        try:
            return read_weights(kept, architecture)
        except WeightsUnavailable:
            log.warning("%s is damaged", kept)
    weights = fetch_weights(architecture.name, kept)
    keep_weights(weights, kept)
    return weights


def keep_weights(weights: dict[str, Tensor], path: Path) -> None:
    """Write *weights* to *path*, complete or not at all; where there is no room they are fetched again."""
    try:
        with whole_file(path) as partial:
            save_file(weights, partial)
    except (OSError, SafetensorError) as error:
        log.warning("cannot keep the weights at %s (%s); the next run fetches them again", path, error)


def read_weights(path: Path, architecture: Architecture) -> dict[str, Tensor]:
    """Return the weights in *path* under the names that ``Perceptual`` gives them.

    Raises:
        WeightsUnavailable: the file is missing or holds something else.
    """
    name = architecture.name
    if not path.is_file():
        raise WeightsUnavailable(f"no file of {name} weights at {path}; leave --perceptual out to find them")
    try:
        if path.suffix == ".safetensors":
            weights = load_file(path)
        else:
            weights = from_torchvision(torch.load(path, weights_only=True, map_location="cpu"))
        Perceptual(architecture).load_state_dict(weights)
    except Exception as error:  # a foreign file fails in as many ways as there are files
        raise WeightsUnavailable(
            f"{path} does not hold {name} weights; give torchvision's .pth or leave --perceptual out"
        ) from error
    return weights
