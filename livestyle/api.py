"""What a Python user calls, and the commands themselves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from livestyle.frame import Frame
from livestyle.jobs.video import Cut, Progress, VideoReport, paint_video
from livestyle.settings import EncodeSettings
from livestyle.sources.file import FileSource
from livestyle.stylize.stylizer import Controls, Stylizer


def load(
    style: str | Path = "candy",
    device: str = "auto",
    strength: float = Controls.strength,
    stability: float = Controls.stability,
    backend: str = "auto",
    precision: str = "auto",
) -> Stylizer:
    """Return a stylizer that paints in *style*.

    Args:
        style: a name from ``livestyle styles``, or the path of a style file.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``gpu`` (Intel).
        strength: 0 shows the original, 1 the painting.
        stability: 0 paints each frame by itself, 1 flickers least.
        backend: ``auto``, ``openvino``, ``pytorch`` or ``onnx``.
        precision: ``auto``, ``f32``, ``bf16``, ``f16`` or ``int8``.

    Raises:
        UnknownName, BadStyleFile: there is no such style or backend.
        MissingExtra: *backend* is not installed.
        DeviceUnavailable: *device* is not on this machine, or cannot calculate in *precision*.
        UsageError: *strength* or *stability* is out of range.
    """
    controls = Controls(style=str(style), strength=strength, stability=stability)
    return Stylizer(controls, device, backend, precision)


def stylize_video(
    source: str | Path,
    out: str | Path,
    *,
    style: str | Path = "candy",
    strength: float = Controls.strength,
    stability: float = Controls.stability,
    device: str = "auto",
    backend: str = "auto",
    precision: str = "auto",
    start_seconds: float = 0.0,
    duration_seconds: float | None = None,
    quality: str = "18",
    overwrite: bool = False,
    watch: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> VideoReport:
    """Paint a video file into another: same size, times, sound and tags.

    Args:
        source: a video file.
        out: the file to write; its ending chooses the container.
        style: as for ``load``.
        strength: as for ``load``.
        stability: as for ``load``.
        device: as for ``load``.
        backend: as for ``load``.
        precision: as for ``load``.
        start_seconds: leave out what comes before.
        duration_seconds: leave out what comes after so many seconds; None: to the end.
        quality: 0 (best) to 51 (smallest), or ``lossless``.
        overwrite: whether a file that is there may be replaced.
        watch: called after each frame, from another thread.
        stop: when set, the job ends soon, with a whole file of what is done.

    Raises:
        UsageError: something given cannot be used; the text says what and why.
        StageError: the job failed midway; nothing took the name *out*.
    """
    return paint_video(
        Path(source),
        Path(out),
        load(style, device, strength, stability, backend, precision),
        cut=Cut(start_seconds, duration_seconds),
        encode=EncodeSettings(quality=quality),
        overwrite=overwrite,
        watch=watch,
        stop=stop,
    )


def frames(
    path: str | Path,
    style: str | Path = "candy",
    *,
    strength: float = Controls.strength,
    stability: float = Controls.stability,
    device: str = "auto",
) -> Iterator[Frame]:
    """Yield the frames of a video file, painted, each at its time.

    Args:
        path: a video file.
        style: as for ``load``.
        strength: as for ``load``.
        stability: as for ``load``.
        device: as for ``load``.

    Raises:
        UsageError: something given cannot be used; the text says what and why.
    """
    stylizer = load(style, device, strength, stability)
    with closing(FileSource(Path(path))) as source:
        yield from map(stylizer, source)
