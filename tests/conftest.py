"""What tests share: a home of their own, small real clips, a style with random weights."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2  # isort: skip (before PyAV: see sinks)
import av
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from screen import Screen, missing

from livestyle.frame import Pixels
from livestyle.settings import EncodeSettings
from livestyle.sinks.codecs import AVX_512, SAFE_INSTRUCTIONS
from livestyle.sinks.file import FileSink
from livestyle.sources.file import FileSource
from livestyle.styles.style import Credits, Style, write_style
from livestyle.styles.tiers import split_stem

ROOT = Path(__file__).parent.parent
TINY = (8, 1)
"""Channels and blocks of the network that tests use."""

# The same examples each time, however busy the machine is.
settings.register_profile(
    "steady",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def livestyle_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep tests out of the user's own styles."""
    home = tmp_path / "livestyle-home"
    monkeypatch.setenv("LIVESTYLE_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def people_weights(request: pytest.FixtureRequest) -> bytes:
    """What finds people: from the user's own store, from an earlier run of tests, or fetched."""
    from livestyle.errors import WeightsUnavailable
    from livestyle.styles.store import home
    from livestyle.stylize.cutout.weights import NAME, fetch_network

    kept = request.config.cache.mkdir("weights") / NAME
    for path in (home() / "weights" / NAME, kept):
        if path.is_file():
            return path.read_bytes()
    try:
        kept.write_bytes(fetch_network(kept))
    except WeightsUnavailable as error:
        pytest.skip(str(error))
    return kept.read_bytes()


@pytest.fixture
def people(people_weights: bytes, livestyle_home: Path) -> None:
    """Let what finds people be in the store."""
    from livestyle.stylize.cutout.weights import NAME

    (livestyle_home / "weights").mkdir(parents=True)
    (livestyle_home / "weights" / NAME).write_bytes(people_weights)


@pytest.fixture(autouse=True, scope="session")
def ctrl_c_works() -> None:
    """Undo what shells do to programs that they start in the background: these ignore Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of photos, paintings and clips beside the repository."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    return folder


@pytest.fixture(scope="session")
def tiny_style(tmp_path_factory: pytest.TempPathFactory) -> Style:
    """A style whose network is small and random: it paints something, quickly."""
    return write_random_style(tmp_path_factory.mktemp("style") / "tiny.safetensors")


def write_random_style(path: Path, seed: int = 0, **credits: str) -> Style:
    """Write a style of shape ``TINY`` with random weights to *path*, named like the file."""
    import torch

    from livestyle.stylize.network import StyleNetwork, Tier

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = StyleNetwork(Tier(*TINY))
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    return write_style(
        path, weights, Credits(split_stem(path.stem)[0], **credits), TINY, {"steps": 0, "seed": seed}
    )


@pytest.fixture
def make_clip(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a small real clip below *tmp_path*: see ``write_clip``."""

    def make(name: str = "clip.mp4", **options: object) -> Path:
        path = tmp_path / name
        write_clip(path, **options)  # type: ignore[arg-type]
        return path

    return make


def write_clip(
    path: Path,
    *,
    frames: int = 12,
    size: tuple[int, int] = (64, 48),
    fps: int | Fraction = 24,
    sound: bool = True,
    codec: str = "libx264",
) -> None:
    """Write a clip of a moving gradient, *size* is (width, height), with a tone of the same length."""
    # yuv420p knows no odd sizes
    pixel_format = "yuv420p" if size[0] % 2 == size[1] % 2 == 0 else "yuv444p"
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=Fraction(fps))
        video.width, video.height, video.pix_fmt = *size, pixel_format
        if codec == "libx264" and cv2.checkHardwareSupport(AVX_512):  # the same clip in each run
            video.options = {"x264-params": f"asm={SAFE_INSTRUCTIONS}"}
        tone = container.add_stream("aac", rate=44100, layout="mono") if sound else None
        for pixels in moving_gradient(frames, size):
            container.mux(video.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(video.encode(None))
        if tone is not None:
            container.mux(tone.encode(sine(44100, frames / float(fps))))
            container.mux(tone.encode(None))


def moving_gradient(frames: int, size: tuple[int, int]) -> Iterator[Pixels]:
    """Yield *frames* pictures, no two alike."""
    width, height = size
    y, x = np.mgrid[:height, :width]
    for index in range(frames):
        planes = (x * 5 + index * 9, y * 5 + index * 4, (x + y) * 3 + index * 14)
        yield np.stack(planes, axis=2).astype(np.uint8)


def sine(rate: int, seconds: float) -> av.AudioFrame:
    """Return a tone of 440 Hz."""
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(round(rate * seconds)) / rate)
    frame = av.AudioFrame.from_ndarray(wave[None].astype(np.float32), format="fltp", layout="mono")
    frame.sample_rate = rate
    return frame


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    """A display of our own to open windows on."""
    if missing:
        pytest.skip(f"no {', '.join(missing)}")
    screen = Screen()
    yield screen
    screen.close()


@pytest.fixture
def open_site(tiny_style: Style) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a web site of its own, with settings and perhaps a token."""
    opened: list[Any] = []

    def open_one(token: str = "", **settings: Any) -> Any:
        opened.append(serve_site(tiny_style, token, **settings))
        return opened[-1]

    yield open_one
    for site in opened:
        site.close()


@pytest.fixture(scope="module")
def site(tiny_style: Style) -> Iterator[Any]:
    """A web site that the tests of a file share."""
    opened = serve_site(tiny_style)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser that the tests of a file share."""
    pytest.importorskip("aiohttp", reason="livestyle[web] is not installed")
    from browser import CHROMIUM, Browser

    if not CHROMIUM:
        pytest.skip("no chromium")
    opened = Browser()
    yield opened
    opened.close()


def serve_site(style: Style, token: str = "", **settings: Any) -> Any:
    """Return a site that runs; skips where the extra is not installed."""
    pytest.importorskip("aiohttp", reason="livestyle[web] is not installed")
    pytest.importorskip("aiortc", reason="livestyle[web] is not installed")
    from web_site import Site

    from livestyle.settings import ServeSettings

    return Site(style, ServeSettings(**{"port": 0, **settings}), token)


def copy_clip(path: Path, out: Path, **cut: float) -> Path:
    """Write the frames of the clip at *path*, or of a *cut* of it, and its sound, into *out*."""
    source = FileSource(path, **cut)  # type: ignore[arg-type]
    sink = FileSink(out, source.info, source.clip, EncodeSettings(preset="ultrafast"))
    for frame in source:
        sink.write(frame)
    source.close()
    sink.close()
    return out
