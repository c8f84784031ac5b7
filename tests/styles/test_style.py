"""A style file comes back as it was written; anything else is one clear line."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import write_random_style
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from livestyle.errors import BadStyleFile, UsageError
from livestyle.styles.style import FORMAT_VERSION, Credits, Style, read_style, write_style

WEIGHTS = {"a": np.ones((2, 3), np.float32), "b": np.arange(4, dtype=np.float32)}
HEADER = {"version": 1, "shape": [8, 1], "training": {}, "credits": {"name": "wave"}}


def write_header(path: Path, header: Any) -> Path:
    save_file(WEIGHTS, path, {"livestyle": header if isinstance(header, str) else json.dumps(header)})
    return path


def test_comes_back_as_written(tmp_path: Path) -> None:
    credits = Credits("wave", "Under the Wave", "Hokusai", "1831", "CC0-1.0", "ab12")
    written = write_style(tmp_path / "new" / "wave.safetensors", WEIGHTS, credits, (32, 3), {"steps": 5})
    read = read_style(written.path)
    assert (read.credits, read.shape, read.training, read.name) == (credits, (32, 3), {"steps": 5}, "wave")
    weights = read.read_weights()
    assert all(np.array_equal(weights[name], WEIGHTS[name]) for name in WEIGHTS) and len(weights) == 2
    assert len(read.sha256) == 64


def test_a_fine_network_is_a_style_of_its_own(tmp_path: Path) -> None:
    fine = {"a": WEIGHTS["a"] + 1}
    style = write_style(tmp_path / "w.safetensors", WEIGHTS, Credits("w"), (8, 1), {}, fine)
    assert style.has_fine and not style.is_fine and read_style(style.path).has_fine
    assert style.read_weights().keys() == WEIGHTS.keys()
    assert np.array_equal(style.read_weights()["a"], WEIGHTS["a"])
    finer = style.fine()
    assert finer is not None and np.array_equal(finer.read_weights()["a"], fine["a"])
    assert finer.sha256 != style.sha256, "compiled networks are kept by it"


def test_a_fine_network_alone_is_no_style(tmp_path: Path) -> None:
    style = write_style(tmp_path / "w.safetensors", {}, Credits("w"), (8, 1), {}, WEIGHTS)
    with pytest.raises(BadStyleFile, match="no whole network"):
        style.read_weights()


def test_a_style_without_a_fine_network(tmp_path: Path) -> None:
    style = write_style(tmp_path / "w.safetensors", WEIGHTS, Credits("w"), (8, 1), {})
    assert not style.has_fine and style.fine() is None
    assert b'"version": 1' in style.path.read_bytes().replace(b"\\", b""), "older readers read it"


def test_files_of_the_first_version_can_be_read(tmp_path: Path) -> None:
    half = {name: array.astype(np.float16) for name, array in WEIGHTS.items()}
    save_file(half, tmp_path / "old.safetensors", {"livestyle": json.dumps(HEADER)})
    style = read_style(tmp_path / "old.safetensors")
    assert not style.has_fine and style.read_weights().keys() == WEIGHTS.keys()


def test_is_called_what_its_file_is_called(tmp_path: Path) -> None:
    style = write_random_style(tmp_path / "wave.safetensors")
    assert read_style(style.path.rename(tmp_path / "tsunami.safetensors")).name == "tsunami"


def test_weights_that_are_no_numbers_replace_no_style(tmp_path: Path) -> None:
    path = tmp_path / "wave.safetensors"
    good = write_style(path, WEIGHTS, Credits("wave"), (8, 1), {}).sha256
    for bad in (np.nan, np.inf, 1e6):
        with pytest.raises(UsageError, match="lower --style-strength"):
            write_style(path, {**WEIGHTS, "a": np.full((2, 3), bad, np.float32)}, Credits("wave"), (8, 1), {})
    assert read_style(path).sha256 == good


def test_writing_replaces_whole_and_leaves_nothing_beside(tmp_path: Path) -> None:
    for year in ("1830", "1831"):
        write_style(tmp_path / "w.safetensors", WEIGHTS, Credits("w", year=year), (8, 1), {})
    assert read_style(tmp_path / "w.safetensors").credits.year == "1831"
    assert len(list(tmp_path.glob("*w*"))) == 1


@pytest.mark.parametrize("name", ["", "Wave", "a b", "../a", "a--b", "-a", "a\n", "ä", "con", "com1"])
def test_names_that_no_style_can_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be named"):
        write_style(tmp_path / "x.safetensors", WEIGHTS, Credits(name), (8, 1), {})
    assert not list(tmp_path.glob("x*"))


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write"):
        write_style(tmp_path / "file" / "w.safetensors", WEIGHTS, Credits("w"), (8, 1), {})


class Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("a style file was unpickled",))


@pytest.mark.parametrize(
    "content",
    [b"hello", b"\0" * 64, b"\xff" * 4096, pickle.dumps(Trap())],
    ids=["text", "zeros", "ones", "pickle"],
)
def test_foreign_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign.safetensors"
    path.write_bytes(content)
    with pytest.raises(BadStyleFile, match="is not a style file"):
        read_style(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\n<!DOCTYPE html><html>", "is a web page.*download"),
        (b"PK\3\4 and more", "is a zip; unpack it first"),
        (b"", "not complete; get it again"),
    ],
)
def test_what_friends_and_browsers_make_of_style_files(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "wave.safetensors"
    path.write_bytes(content)
    with pytest.raises(BadStyleFile, match=told):
        read_style(path)


def test_torch_files_are_not_unpickled(tmp_path: Path) -> None:
    import torch

    torch.save({"a": Trap()}, tmp_path / "wave.pth")
    with pytest.raises(BadStyleFile, match="is not a style file"):
        read_style(tmp_path / "wave.pth")


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(BadStyleFile, match="is missing"):
        read_style(tmp_path / "none.safetensors")
    with pytest.raises(BadStyleFile, match="is a folder"):
        read_style(tmp_path)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.999])
def test_truncated_file(tmp_path: Path, tiny_style: Style, share: float) -> None:
    whole = tiny_style.path.read_bytes()
    path = tmp_path / "cut.safetensors"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BadStyleFile, match="not complete; get it again"):
        read_style(path)


def test_weights_of_something_else(tmp_path: Path) -> None:
    save_file(WEIGHTS, tmp_path / "other.safetensors")
    with pytest.raises(BadStyleFile, match="not of a style"):
        read_style(tmp_path / "other.safetensors")


def test_a_file_from_the_future(tmp_path: Path) -> None:
    path = write_header(tmp_path / "f.safetensors", {"version": FORMAT_VERSION + 1, "neural": "holograms"})
    with pytest.raises(BadStyleFile, match="upgrade livestyle"):
        read_style(path)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "{",
        "[" * 5000,
        '{"version": Infinity}',
        [],
        {},
        {**HEADER, "shape": [10**9, 3]},
        {**HEADER, "shape": [8]},
        {**HEADER, "shape": [8, 0]},
        {**HEADER, "training": 5},
        {**HEADER, "training": [[1, 2]]},
        {**HEADER, "credits": ["name"]},
        {**HEADER, "training": {"steps": "\x1b[2J 100"}},
        {**HEADER, "training": {"\x1b[2J": 100}},
        {**HEADER, "training": {"steps": [100]}},
        {**HEADER, "credits": {"name": 5}},
        {**HEADER, "credits": {"name": "\x1b[2J"}},
        {**HEADER, "credits": {"nom": "wave"}},
    ],
)
def test_damaged_headers(tmp_path: Path, header: Any) -> None:
    with pytest.raises(BadStyleFile, match="is damaged"):
        read_style(write_header(tmp_path / "d.safetensors", header))


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*HEADER, "name"]), inner),
    max_leaves=8,
)


@given(changes=st.dictionaries(st.sampled_from([*HEADER]), json_values))
def test_no_header_breaks_the_reader(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any]
) -> None:
    path = write_header(tmp_path_factory.getbasetemp() / "any.safetensors", {**HEADER, **changes})
    try:
        assert read_style(path).shape
    except BadStyleFile as error:
        assert "\n" not in str(error)


def test_credits_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    header = {**HEADER, "credits": {"name": "wave", "school": ["ukiyo-e"]}}
    assert read_style(write_header(tmp_path / "w.safetensors", header)).credits == Credits("wave")


def test_weights_that_are_no_float16(tmp_path: Path) -> None:
    style = read_style(write_header(tmp_path / "w.safetensors", HEADER))
    with pytest.raises(BadStyleFile, match="no style's"):
        style.read_weights()


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "nan.safetensors"
    bad = {name: np.full_like(array, np.nan, np.float16) for name, array in WEIGHTS.items()}
    save_file(bad, path, {"livestyle": json.dumps(HEADER)})
    with pytest.raises(BadStyleFile, match="are no numbers"):
        read_style(path).read_weights()


def test_its_preview_lies_beside_it(tmp_path: Path) -> None:
    lite, base = (write_random_style(tmp_path / f"wave{tier}.safetensors") for tier in ("", ".base"))
    assert lite.preview is None
    (tmp_path / "wave.jpg").touch()
    assert lite.preview == base.preview == tmp_path / "wave.jpg"
