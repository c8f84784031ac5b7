"""Which styles pages and programs may choose."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import write_random_style

from livestyle.styles.style import Style


def test_a_style_that_was_added_meanwhile_is_offered(
    open_site: Callable[..., Any], livestyle_home: Path
) -> None:
    site = open_site()
    assert site.ask("/api/set", {"style": "barque"}).status == 404
    write_random_style(livestyle_home / "styles" / "barque.safetensors")
    assert "barque" in [style["name"] for style in site.ask("/api/styles").json["styles"]]
    assert site.ask("/api/set", {"style": "barque"}).json["controls"]["style"] == "barque"
    assert site.ask("/snapshot.png").status == 200


def test_of_files_pages_are_told_the_names_alone(
    open_site: Callable[..., Any], livestyle_home: Path, tiny_style: Style
) -> None:
    site = open_site()
    site.ask("/snapshot.png")
    for told in (site.ask(path).body.decode() for path in ("/api/state", "/metrics")):
        assert "tiny.safetensors" in told and str(tiny_style.path.parent) not in told
    assert site.ask("/api/set", {"style": "candy"}).status == 200
    again = site.ask("/api/set", {"style": "tiny.safetensors"})
    assert again.json["controls"]["style"] == "tiny.safetensors"
    assert site.ask("/snapshot.png?style=tiny.safetensors").status == 200

    broken = livestyle_home / "styles" / "broken.safetensors"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"nonsense")
    error = site.ask("/api/set", {"style": "broken"}).json["error"]
    assert error.startswith("broken.safetensors ")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/Users/me/Application Support/x.safetensors is cut off", "x.safetensors is cut off"),
        (r"the weights in C:\st yles\x.safetensors fit", "the weights in x.safetensors fit"),
        ("the header of st/x.safetensors is damaged", "the header of x.safetensors is damaged"),
        ("no style named '/etc/passwd'", "no style named '/etc/passwd'"),
    ],
)
def test_errors_name_no_folders(text: str, shown: str) -> None:
    from livestyle.web.folders import hide_folders

    assert hide_folders(text) == shown


def test_of_a_video_that_is_gone_the_name_alone_is_told(
    open_site: Callable[..., Any], make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    from livestyle.web.opening import open_feeds

    talk = tmp_path / "my, talks" / "talk.mp4"
    talk.parent.mkdir()
    make_clip("clip.mp4").rename(talk)
    site = open_site()
    site.studio.add(open_feeds([str(talk)], 64, 48, 30)[0])
    talk.unlink()
    error = site.ask("/snapshot.png?source=talk").json["error"]
    assert "'talk.mp4'" in error and "my, talks" not in error


@pytest.mark.parametrize("file", ["/a b/beach.png", "./a/beach.png", "beach.png"])
def test_errors_name_no_folder_of_a_background(file: str) -> None:
    from livestyle.web.folders import hide_folder

    for told in (file, str(Path(file))):
        assert hide_folder(f"{told} is damaged", file) == "beach.png is damaged"
    assert hide_folder("something is damaged", "") == "something is damaged"


def test_no_text_from_the_web_keeps_the_server_busy() -> None:
    from livestyle.web.folders import hide_folders

    for text in ("/" * 60_000, "a/" * 30_000, "a " * 30_000):
        began = time.monotonic()
        assert hide_folders(f"no style named '{text}'") == f"no style named '{text}'"
        hide_folders(f"no style named '{text}.safetensors'")
        assert time.monotonic() - began < 1


def test_of_a_blend_of_files_the_names_are_told() -> None:
    from livestyle.web.folders import name_of

    assert name_of("/a/b/x.safetensors:0.5,candy:0.5") == "x.safetensors:0.5,candy:0.5"
    assert name_of("candy:0.5,great-wave:0.5") == "candy:0.5,great-wave:0.5"
    assert name_of("/a, b/x,y.safetensors") == "x,y.safetensors"
