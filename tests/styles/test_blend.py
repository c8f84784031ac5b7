"""Several styles as one: how it is written, and that it is what it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import write_random_style
from skimage import data
from skimage.metrics import structural_similarity

from livestyle.errors import UnknownName, UsageError
from livestyle.styles.blend import Blend, is_blend, names_in, parse_blend
from livestyle.styles.store import CATALOG, find_style, list_styles, style_path
from livestyle.styles.style import write_style
from livestyle.styles.tiers import TIERS, split_stem
from livestyle.stylize.backends import open_backend
from livestyle.stylize.stylizer import Controls, Stylizer

SHIPPED = sorted(path for path in CATALOG.glob("*.safetensors") if split_stem(path.stem)[1] == "lite")
"""Those that are painted live: what ``base`` costs matters less than how it looks."""


@pytest.fixture
def own() -> None:
    for seed, name in enumerate(("aaa", "bbb")):
        write_random_style(style_path(name), seed)


def test_names_and_shares() -> None:
    assert parse_blend("candy:0.6, great-wave:0.4") == [("candy", 0.6), ("great-wave", 0.4)]
    assert parse_blend("./a.safetensors:2,b:0") == [("./a.safetensors", 2.0)]
    assert names_in("candy") == ["candy"] and names_in("a:1,b:2") == ["a", "b"]


@pytest.mark.parametrize(
    "given", ["candy", "x.safetensors", r"C:\styles\x.safetensors", "C:/styles/x", Path("a,b")]
)
def test_what_is_no_blend(given: str | Path) -> None:
    assert not is_blend(given)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("candy,great-wave", "cannot read 'candy'.*write a blend like candy:0.6,great-wave:0.4"),
        ("candy:0.5,", "cannot read ''"),
        ("candy:half", "cannot read 'candy:half'"),
        (":1", "cannot read ':1'"),
        ("candy:-0.5,great-wave:1", "share of candy in a blend must be 0 or more, not -0.5"),
        ("candy:nan", "0 or more"),
        ("candy:inf", "0 or more"),
        ("candy:0,great-wave:0", "all shares"),
        ("," * 5000, "cannot read"),
    ],
)
def test_wrong_blends_are_told_in_one_line(given: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        find_style(given)
    assert "\n" not in str(caught.value)


def test_each_part_must_be_there(own: None) -> None:
    with pytest.raises(UnknownName, match="no style named 'aba'"):
        find_style("aba:1,bbb:1")


def test_shares_are_made_to_sum_to_one(own: None) -> None:
    parts = find_style("aaa:3,bbb:1").parts
    assert [share for _, share in parts] == [0.75, 0.25]
    assert find_style("aaa:3,bbb:1").sha256 == find_style("aaa:0.75,bbb:0.25").sha256
    assert find_style("aaa:3,bbb:1").sha256 != find_style("aaa:1,bbb:1").sha256
    assert find_style("aaa:0.2").path == find_style("aaa").path and not isinstance(find_style("aaa:1"), Blend)


def test_weights_are_mixed(own: None) -> None:
    first, second, both = (find_style(name).read_weights() for name in ("aaa", "bbb", "aaa:1,bbb:3"))
    for name, weights in both.items():
        assert weights.dtype == np.float16
        assert np.allclose(weights, 0.25 * first[name] + 0.75 * second[name], atol=2e-3)


def test_only_one_tier_can_be_blended(own: None, tmp_path: Path) -> None:
    large = {name: np.repeat(array, 2, 0) for name, array in find_style("aaa").read_weights().items()}
    write_style(style_path("ccc", "base"), large, find_style("aaa").credits, TIERS["base"], {})
    with pytest.raises(UsageError, match="one tier can be blended; aaa is of tier lite, ccc is of tier base"):
        find_style("aaa:1,ccc:1")
    with pytest.raises(UsageError, match="'ccc' is not there in tier 'lite'"):
        find_style("aaa:1,ccc:1", "lite")
    write_style(style_path("aaa", "base"), large, find_style("aaa").credits, TIERS["base"], {})
    assert find_style("aaa:1,ccc:1").tier == "base"


def test_networks_with_nothing_in_common_are_painted_with_one_by_one(own: None) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    style = find_style("aaa:1,bbb:3")
    assert not style.mixes
    first, second, both = (
        open_backend(find_style(name), "cpu").paint(pixels).astype(float)
        for name in ("aaa", "bbb", "aaa:1,bbb:3")
    )
    assert np.abs(0.25 * first + 0.75 * second - both).max() <= 0.51
    assert open_backend(style, "cpu").description.startswith("2 × ")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_styles_can_be_mixed(path: Path) -> None:
    """At the cost of one; not necessarily each with each."""
    name, tier = split_stem(path.stem)
    mixes = [find_style(f"{name}:1,{style.name}:1", tier).mixes for style in list_styles(tier)]
    assert np.mean(mixes) > 0.5, f"{name} was trained from another start than the others; see docs/styles.md"


def test_a_blend_looks_like_something_in_between() -> None:
    photo = np.ascontiguousarray(data.astronaut()[:240, 90:410])
    first, second, both = (
        open_backend(find_style(name), "cpu").paint(photo)
        for name in ("candy", "great-wave", "candy:0.5,great-wave:0.5")
    )
    between = np.mean((first, second), axis=0)
    assert structural_similarity(both, between, channel_axis=2, data_range=255) > 0.5
    assert both.std() > between.std(), "it is paler than the two paintings laid over each other"


def test_the_stylizer_blends_and_keeps_few(own: None) -> None:
    stylizer = Stylizer(Controls(style="aaa"))
    pixels = np.zeros((24, 32, 3), np.uint8)
    blends = [Controls(style=f"aaa:{share},bbb:1") for share in (1, 2, 3)]
    for controls in blends:
        stylizer.warm(controls, pixels)
    assert [stylizer.is_warm(controls) for controls in blends] == [False, False, True]
    stylizer.controls = blends[2]
    assert stylizer.stylize(pixels).shape == pixels.shape


@pytest.mark.parametrize("tier", sorted({split_stem(path.stem)[1] for path in SHIPPED}))
def test_most_shipped_styles_mix_at_the_cost_of_one(tier: str) -> None:
    names = [name for name, its_tier in map(split_stem, (path.stem for path in SHIPPED)) if its_tier == tier]
    mixes = [find_style(f"{names[0]}:0.5,{name}:0.5", tier).mixes for name in names[1:]]
    assert sum(mixes) >= len(mixes) * 0.6
