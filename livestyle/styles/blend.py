"""Blends: several styles as one, written ``candy:0.6,great-wave:0.4``.

The weights of their networks are mixed, so that a blend costs what one style costs. That works for networks
that were trained from a common start and so have stayed alike; others are painted with one by one, and the
paintings are mixed.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livestyle.errors import BadStyleFile, UsageError
from livestyle.styles.style import Credits, Style

ALIKE = 0.3
"""Cosine between the weights of two networks from which they can be mixed: nearly all that ship have more."""


@dataclass(frozen=True)
class Blend(Style):
    """Several styles as one; its path is the first one's.

    Attributes:
        parts: styles of one shape, each with its share; shares are positive and sum to 1.
    """

    parts: Sequence[tuple[Style, float]] = ()

    @property
    def name(self) -> str:
        """As it is written: names and shares."""
        return ",".join(f"{style.name}:{share:.3g}" for style, share in self.parts)

    @property
    def preview(self) -> None:
        """There is none."""

    @cached_property
    def sha256(self) -> str:
        """Of the files and shares."""
        return sha256(" ".join(f"{style.sha256} {share}" for style, share in self.parts).encode()).hexdigest()

    def fine(self) -> Style | None:
        """Return the blend of the fine networks; None, too, when these have nothing in common.

        They are for machines that are too slow, which should not have to paint with each.
        """
        parts = [(fine, share) for style, share in self.parts if (fine := style.fine()) is not None]
        finer = replace(self, is_fine=True, parts=parts)
        return finer if len(parts) == len(self.parts) and finer.mixes else None

    @cached_property
    def mixes(self) -> bool:
        """Whether the networks are alike enough to mix their weights."""
        return all(
            cosine(first.read_weights(), second.read_weights()) >= ALIKE
            for (first, _), (second, _) in combinations(self.parts, 2)
        )

    def read_weights(self) -> dict[str, NDArray[np.float16]]:
        """Read the mean of the weights, which ``stylize.mixing`` makes strong; see ``Style.read_weights``."""
        files = [(style.read_weights(), np.float32(share)) for style, share in self.parts]
        if any(weights.keys() != files[0][0].keys() for weights, _ in files):
            raise BadStyleFile(f"the networks of {self.name} differ; a blend needs networks of one kind")
        return {
            name: np.asarray(sum(weights[name] * share for weights, share in files), np.float16)
            for name in files[0][0]
        }


def blend(parts: Sequence[tuple[Style, float]]) -> Style:
    """Return *parts*, styles and positive shares, as one style.

    Raises:
        UsageError: the networks differ in size.
    """
    if len({style.shape for style, _ in parts}) > 1:
        tiers = ", ".join(f"{style.name} is of tier {style.tier}" for style, _ in parts)
        raise UsageError(f"only styles of one tier can be blended; {tiers}")
    if len(parts) == 1:
        return parts[0][0]
    whole = sum(share for _, share in parts)
    first = parts[0][0]
    credits = Credits("blend", title=" and ".join(style.credits.title or style.name for style, _ in parts))
    return Blend(first.path, credits, first.shape, parts=[(style, share / whole) for style, share in parts])


def is_blend(given: str | Path) -> bool:
    """Return whether *given* is written like a blend, and is no file."""
    if isinstance(given, Path) or os.path.isfile(given):  # noqa: PTH113 (pathlib's raises for odd names)
        return False
    tail = given.rpartition(":")[2]
    return "," in given or (":" in given and "/" not in tail and "\\" not in tail)


def parse_blend(given: str) -> list[tuple[str, float]]:
    """Return the names or files that *given* blends, with their shares, as far as these are positive.

    Raises:
        UsageError: it is written otherwise.
    """
    parts = []
    for text in given.split(","):
        name, _, number = text.strip().rpartition(":")
        try:
            share = float(number)
        except ValueError:
            name = ""
        if not name:
            raise UsageError(
                f"cannot read {text!r} of {given!r}; write a blend like candy:0.6,great-wave:0.4"
            )
        if not (math.isfinite(share) and share >= 0):
            raise UsageError(f"the share of {name} in a blend must be 0 or more, not {number}")
        parts.append((name, share))
    if not any(share for _, share in parts):
        raise UsageError(f"all shares of {given!r} are 0; write a blend like candy:0.6,great-wave:0.4")
    return [(name, share) for name, share in parts if share]


def names_in(given: str) -> list[str]:
    """Return the names that *given*, one or a blend, is made of; raises UsageError as ``parse_blend``."""
    return [name for name, _ in parse_blend(given)] if is_blend(given) else [given]


def cosine(one: dict[str, NDArray[np.float16]], other: dict[str, NDArray[np.float16]]) -> float:
    """Return how alike two sets of weights are, as the cosine between them; 0 when they differ in kind."""
    if {name: array.shape for name, array in one.items()} != {n: a.shape for n, a in other.items()}:
        return 0.0
    first, second = (
        np.concatenate([weights[name].ravel() for name in one]).astype(np.float32) for weights in (one, other)
    )
    return float(first @ second / max(float(np.linalg.norm(first) * np.linalg.norm(second)), 1e-9))
