"""Style: a name, weights, credits; reads and writes one style file.

A style file is safetensors (github.com/huggingface/safetensors): the weights, and in the header's metadata
one JSON text under ``livestyle``. Nothing in it is ever executed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from livestyle.errors import BadStyleFile, UsageError
from livestyle.styles.tiers import split_stem, tier_of
from livestyle.whole import refusal_told, whole_file

FORMAT_VERSION = 2
"""The latest that is read; it is written where there is a second network in the file, else 1."""

FINE = "fine."
"""What the names of that network's weights begin with."""

LARGEST = (512, 64)
"""Channels and blocks of the largest network that a file may ask for."""

SUFFIX = ".safetensors"

HEAD_BYTES = 64
"""Enough to tell what is given in place of a style."""

GIVE = "give a name from 'livestyle styles' or a style file"


@dataclass(frozen=True)
class Credits:
    """Where a style comes from.

    Attributes:
        name: that it was made under, lower-case words joined by hyphens: ``great-wave``.
        title, artist, year: of the painting; empty when unknown.
        licence: of the style file.
        source_sha256: of the painting's file.
    """

    name: str
    title: str = ""
    artist: str = ""
    year: str = ""
    licence: str = ""
    source_sha256: str = ""


@dataclass(frozen=True)
class Style:
    """One style file: what its header says; the weights are read when asked for.

    Attributes:
        path: of the file.
        credits: where it comes from.
        shape: channels and blocks of its network.
        training: the settings it was trained with.
        has_fine: whether there is a second network in the file, whose strokes are half as broad: pictures
            that are painted at half of their size look with it as if they were painted at their own.
        is_fine: whether that is the one that is meant.
    """

    path: Path
    credits: Credits
    shape: tuple[int, int]
    training: Mapping[str, Any] = field(default_factory=dict, repr=False)
    has_fine: bool = False
    is_fine: bool = False

    @property
    def name(self) -> str:
        """What users call it: the name of its file, which they may have changed, without the tier."""
        return split_stem(self.path.stem)[0]

    @property
    def tier(self) -> str:
        """Which tier its network is of, by size."""
        return tier_of(self.shape)

    @property
    def preview(self) -> Path | None:
        """A small JPEG that shows how it paints, beside its file, for all tiers; None when there is none."""
        path = self.path.with_name(f"{self.name}.jpg")
        return path if path.is_file() else None

    @cached_property
    def sha256(self) -> str:
        """Of the whole file, in hexadecimal; of that and a word for the fine network."""
        return sha256(self.path.read_bytes() + (FINE.encode() if self.is_fine else b"")).hexdigest()

    def fine(self) -> Style | None:
        """Return the style of the fine network; None when there is none."""
        return replace(self, is_fine=True) if self.has_fine else None

    def read_weights(self) -> dict[str, NDArray[np.float16]]:
        """Read the weights, by the names of the network's parameters.

        Raises:
            BadStyleFile: the file is gone, or holds what no style has.
        """
        with open_safely(self.path) as file:
            kinds = {file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118 (not a dict)
            if kinds != {"F16"}:
                raise BadStyleFile(f"the weights in {self.path} are no style's; get or train the style again")
            names = [name for name in file.keys() if name.startswith(FINE) == self.is_fine]  # noqa: SIM118
            if not names:
                raise BadStyleFile(f"there is no whole network in {self.path}; get or train the style again")
            weights = {name.removeprefix(FINE): file.get_tensor(name) for name in names}
        if not all(np.isfinite(array).all() for array in weights.values()):
            raise BadStyleFile(f"the weights in {self.path} are no numbers; get or train the style again")
        return weights


def read_style(path: Path) -> Style:
    """Read the header of the style file at *path*.

    Raises:
        BadStyleFile: it is missing, broken, something else, or from a later version.
    """
    with open_safely(path) as file:
        text = (file.metadata() or {}).get("livestyle")
        has_fine = any(name.startswith(FINE) for name in file.keys())  # noqa: SIM118 (not a dict)
    if text is None:
        raise BadStyleFile(f"{path} holds weights, but not of a style; make one with: livestyle train")
    try:
        header = json.loads(text)
        version = int(header["version"])
        if version > FORMAT_VERSION:
            raise BadStyleFile(
                f"{path} is of format {version}, newer than this livestyle reads; upgrade livestyle"
            )
        credits, shape = read_credits(header["credits"]), read_shape(header["shape"])
        return Style(path, credits, shape, read_training(header["training"]), has_fine)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise BadStyleFile(
            f"the header of {path} is damaged ({error}); get or train the style again"
        ) from error


def read_credits(given: Mapping[str, Any]) -> Credits:
    """Return *given* as credits, without those of later versions; ValueError for no printable text."""
    known = {part.name: given[part.name] for part in fields(Credits) if part.name in given}
    for key, value in known.items():
        if not (isinstance(value, str) and value.isprintable()):  # no escape codes for the terminal
            raise ValueError(f"{key} is {value!r}")
    return Credits(**{"name": given["name"], **known})


def read_training(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return *given* as settings; ValueError when one is neither a number nor a printable text."""
    for key, value in given.items():
        plain = value.isprintable() if isinstance(value, str) else isinstance(value, int | float | None)
        if not (plain and key.isprintable()):
            raise ValueError(f"{key!r} is {value!r}")
    return dict(given)


def read_shape(given: list[int]) -> tuple[int, int]:
    """Return *given* as channels and blocks; ValueError when no machine could hold them."""
    channels, blocks = map(int, given)
    if not (1 <= channels <= LARGEST[0] and 1 <= blocks <= LARGEST[1]):
        raise ValueError(f"shape is {channels}, {blocks}")
    return channels, blocks


def write_style(
    path: Path,
    weights: Mapping[str, NDArray[Any]],
    credits: Credits,
    shape: tuple[int, int],
    training: Mapping[str, Any],
    fine: Mapping[str, NDArray[Any]] | None = None,
) -> Style:
    """Write a style file, complete or not at all. Weights, and those of a *fine* network, become float16.

    Raises:
        UsageError: *credits* cannot be a style's, *path* cannot be written, or a weight is no number or too
            large for one of 16 bits.
    """
    check_credits(credits)
    header = {
        "version": FORMAT_VERSION if fine else 1,
        "credits": asdict(credits),
        "shape": shape,
        "training": dict(training),
    }
    both = {**weights, **{FINE + name: array for name, array in (fine or {}).items()}}
    with np.errstate(over="ignore"):
        half = {name: np.ascontiguousarray(array, dtype=np.float16) for name, array in both.items()}
    if not all(np.isfinite(array).all() for array in half.values()):
        raise UsageError(f"weights for {path} grew out of bounds; train with a lower --style-strength")
    with refusal_told(f"write {path}", UsageError), whole_file(path) as partial:
        partial.write_bytes(save(half, {"livestyle": json.dumps(header)}))
    return read_style(path)


def with_credits(style: Style, credits: Credits) -> bytes:
    """Return the file of *style* with other *credits*; all else in it, of later versions too, stays.

    Raises:
        UsageError: *credits* cannot be a style's.
        BadStyleFile: the file is gone.
    """
    check_credits(credits)
    with open_safely(style.path) as file:
        header = json.loads(file.metadata()["livestyle"])
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    header["credits"] |= asdict(credits)
    return save(weights, {"livestyle": json.dumps(header)})


def check_credits(credits: Credits) -> None:
    """Raise UsageError unless the name can be a style's and all else is printable."""
    check_name(credits.name)
    for name, text in asdict(credits).items():
        if not text.isprintable():
            raise UsageError(f"{name} {text!r} is not printable; write it in one line of plain text")


def check_name(name: str) -> None:
    """Raise UsageError unless *name* is lower-case letters, digits and hyphens, and no device of Windows."""
    if not re.fullmatch(r"(?!(con|nul|aux|prn|com\d|lpt\d)$)[a-z0-9]+(-[a-z0-9]+)*", name):
        raise UsageError(
            f"a style cannot be named {name!r}; use lower-case letters, digits and hyphens: my-style,"
            " but not con, nul, aux, prn, com1 or lpt1, which Windows takes for devices"
        )


def open_safely(path: Path) -> Any:
    """Open a safetensors file; anything else is a BadStyleFile."""
    try:
        return safe_open(path, "numpy")
    except (SafetensorError, OSError) as error:
        raise BadStyleFile(f"{path} {what_ails(path)}") from error


def what_ails(path: Path) -> str:
    """Say why *path* is no style file, and what to do."""
    if not path.exists():
        return f"is missing; {GIVE}"
    if path.is_dir():
        return f"is a folder; {GIVE}"
    if not os.access(path, os.R_OK):
        return "may not be read; change its permissions"
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.lstrip().startswith(b"<"):
        return "is a web page, not the style that it leads to; download that itself"
    if head.startswith(b"PK\3\4") and path.suffix in (".zip", SUFFIX):  # those of PyTorch are zips, too
        return "is a zip; unpack it first, and give the style in it"
    if not head or head[8:9] == b"{":  # as safetensors begin, after the length of that header
        return "is damaged or not complete; get it again"
    return f"is not a style file; {GIVE}"
