"""Tiers: how large a style's network is. One style may be there in several."""

from __future__ import annotations

from typing import NamedTuple

from livestyle.errors import UnknownName


class Tier(NamedTuple):
    """How large a network is: *channels* at quarter size, residual *blocks*."""

    channels: int
    blocks: int


TIERS = {"lite": Tier(32, 3), "base": Tier(48, 4), "hq": Tier(64, 5)}
"""From the quickest to the finest."""

SMALLEST = next(iter(TIERS))

AUTO = "auto"
"""Stands for the quickest tier that a style is there in."""


def find_tier(name: str) -> Tier:
    """Return the tier of that name; raises UnknownName when there is none."""
    if name not in TIERS:
        raise UnknownName("tier", name, TIERS)
    return TIERS[name]


def tier_of(shape: tuple[int, int]) -> str:
    """Return the name of the smallest tier as large as *shape*, channels and blocks; else the largest."""
    return next((name for name, tier in TIERS.items() if all(map(int.__le__, shape, tier))), list(TIERS)[-1])


def join_stem(name: str, tier: str) -> str:
    """Return how the file of a style is called in *tier*, without its suffix: ``candy``, ``candy.base``."""
    return name if tier == SMALLEST else f"{name}.{tier}"


def split_stem(stem: str) -> tuple[str, str]:
    """Undo ``join_stem``: return name and tier."""
    name, _, tier = stem.rpartition(".")
    return (name, tier) if name and tier in TIERS else (stem, SMALLEST)
