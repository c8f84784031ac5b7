"""The sample clip is small, has sound, and is what its script makes."""

from __future__ import annotations

import itertools
import runpy
import subprocess
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from livestyle.pictures import read_picture
from livestyle.styles.store import CATALOG
from livestyle.styles.tiers import split_stem

SAMPLES = Path(__file__).parent.parent / "samples"


def test_the_clip_is_small_and_has_sound() -> None:
    assert (SAMPLES / "clip.mp4").stat().st_size < 1_000_000
    with av.open(str(SAMPLES / "clip.mp4")) as clip:
        video, audio = clip.streams.video[0], clip.streams.audio[0]
        assert (video.width, video.height, float(video.average_rate or 0)) == (640, 360, 24)
        assert 5 < (clip.duration or 0) / av.time_base < 7
        assert audio.codec_context.name == "aac"


def test_the_script_makes_the_clip() -> None:
    script = runpy.run_path(str(SAMPLES / "make_samples.py"), run_name="make_samples")
    with av.open(str(SAMPLES / "clip.mp4")) as clip:
        for made, frame in islice(zip(script["pictures"](), clip.decode(video=0), strict=False), 3):
            kept = frame.to_ndarray(format="rgb24").astype(float)
            assert np.abs(kept - made).mean() < 6, "the clip is not what the script makes; run it again"


SHIPPED = sorted({split_stem(path.stem)[0] for path in CATALOG.glob("*.safetensors")})


@pytest.mark.parametrize("name", SHIPPED)
def test_the_previews_show_the_styles(name: str) -> None:
    script = runpy.run_path(str(SAMPLES / "make_previews.py"), run_name="make_previews")
    path = CATALOG / f"{name}.jpg"
    again = f"run: python samples/make_previews.py {name}"
    assert path.is_file() and path.stat().st_size <= 15_000, again
    difference = cv2.absdiff(read_picture(path), script["paint"](name)).mean()
    assert difference < 16, f"{again}; its preview differs by {difference:.1f} levels"


def test_the_gallery_shows_the_styles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(SAMPLES)
    script = runpy.run_path(str(SAMPLES / "make_gallery.py"), run_name="make_gallery")
    page = (SAMPLES.parent / "docs" / "gallery.md").read_text(encoding="utf-8")
    assert page == script["page"](), "run: make gallery"


def test_styles_are_trained_in_the_tiers_that_they_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = runpy.run_path(str(SAMPLES / "train_styles.py"), run_name="train_styles")["train"]
    starts: dict[str, str] = {}

    def keep(words: list[str], check: bool) -> subprocess.CompletedProcess[str]:
        flags = dict(itertools.pairwise(words))
        starts[Path(flags["--out"]).name] = flags["--init"]
        return subprocess.CompletedProcess(words, 0)

    monkeypatch.setattr("subprocess.run", keep)
    monkeypatch.setitem(train.__globals__, "CATALOG", tmp_path)
    (tmp_path / "udnie.hq.safetensors").touch()
    for name, tier in itertools.product(("candy", "udnie"), ("lite", "base", "hq")):
        train(name, tier, tmp_path, tmp_path)
    assert starts == {
        "candy.safetensors": "none",
        "candy.base.safetensors": "candy",
        "udnie.safetensors": "candy",
        "udnie.base.safetensors": "udnie",
        "udnie.hq.safetensors": str(CATALOG / "udnie.base.safetensors"),
    }
