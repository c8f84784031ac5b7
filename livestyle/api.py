"""What a Python user calls, and the commands themselves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from livestyle.frame import Frame, Pixels
from livestyle.jobs.pictures import Painted, paint_pictures, plan_pictures
from livestyle.jobs.video import Progress, VideoJob, VideoReport, paint_video
from livestyle.settings import EncodeSettings, PictureSettings, ReadSettings
from livestyle.sources.file import FileSource
from livestyle.stylize.stylizer import Controls, Stylizer


def load(
    style: str | Path = "candy",
    device: str = "auto",
    strength: float = Controls.strength,
    stability: float = Controls.stability,
    backend: str = "auto",
    precision: str = "auto",
    *,
    tier: str = Controls.tier,
) -> Stylizer:
    """Return a stylizer that paints in *style*.

    Args:
        style: a name from ``livestyle styles``, or the path of a style file.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``gpu`` (Intel).
        strength: 0 shows the original, 1 the painting.
        stability: 0 paints each frame by itself, 1 flickers least.
        backend: ``auto``, ``openvino``, ``pytorch`` or ``onnx``.
        precision: ``auto``, ``f32``, ``bf16``, ``f16`` or ``int8``.
        tier: ``lite``, ``base`` or ``hq``, of which each style is there in some; ``auto`` takes the quickest.

    Raises:
        UnknownName, BadStyleFile: there is no such style, tier or backend.
        MissingExtra: *backend* is not installed.
        DeviceUnavailable: *device* is not on this machine, or cannot calculate in *precision*.
        UsageError: *strength* or *stability* is out of range.
    """
    controls = Controls(style=str(style), tier=tier, strength=strength, stability=stability)
    return Stylizer(controls, device, backend, precision)


def stylize_video(
    source: str | Path,
    out: str | Path,
    *,
    style: str | Path = "candy",
    tier: str = Controls.tier,
    strength: float = Controls.strength,
    stability: float = Controls.stability,
    device: str = "auto",
    backend: str = "auto",
    precision: str = "auto",
    start_seconds: float = 0.0,
    duration_seconds: float | None = None,
    read: ReadSettings = ReadSettings(),  # noqa: B008 (frozen)
    encode: EncodeSettings = EncodeSettings(),  # noqa: B008 (frozen)
    overwrite: bool = False,
    resume: bool = False,
    watch: Callable[[Progress, Frame | None], None] | None = None,
    stop: threading.Event | None = None,
) -> VideoReport:
    """Paint a video file into another: same size, times, sound and tags.

    Args:
        source: a video file.
        out: the file to write; its ending chooses the container.
        style: as for ``load``.
        tier: as for ``load``.
        strength: as for ``load``.
        stability: as for ``load``.
        device: as for ``load``.
        backend: as for ``load``.
        precision: as for ``load``.
        start_seconds: leave out what comes before.
        duration_seconds: leave out what comes after so many seconds; None: to the end.
        read: what to change in reading: size, rate, interlacing, HDR.
        encode: quality, codec, preset, bitrate.
        overwrite: whether a file that is there may be replaced.
        resume: keep what is done beside *out*, and go on from there when the job was cut off.
        watch: called after each frame with the painted frame, and at the end with None; from another thread.
        stop: when set, the job ends soon, with a whole file of what is done.

    Raises:
        UsageError: something given cannot be used; the text says what and why.
        StageError: the job failed midway; nothing took the name *out*.
    """
    job = VideoJob(
        Path(source),
        Path(out),
        start_seconds,
        duration_seconds,
        read,
        encode,
        overwrite=overwrite,
        resume=resume,
    )
    stylizer = load(style, device, strength, stability, backend, precision, tier=tier)
    return paint_video(job, stylizer, watch=watch, stop=stop)


def frames(
    path: str | Path,
    style: str | Path = "candy",
    *,
    tier: str = Controls.tier,
    strength: float = Controls.strength,
    stability: float = Controls.stability,
    device: str = "auto",
) -> Iterator[Frame]:
    """Yield the frames of a video file, painted, each at its time.

    Args:
        path: a video file.
        style: as for ``load``.
        tier: as for ``load``.
        strength: as for ``load``.
        stability: as for ``load``.
        device: as for ``load``.

    Raises:
        UsageError: something given cannot be used; the text says what and why.
    """
    stylizer = load(style, device, strength, stability, tier=tier)
    with closing(FileSource(Path(path))) as source:
        yield from map(stylizer, source)


def stylize_image(source: str | Path, out: str | Path, **options: Any) -> None:
    """Paint the picture in the file *source* into the file *out*.

    Args:
        source: JPEG, PNG, WebP, BMP or TIFF.
        out: its ending names the format; transparency is kept where the format has it.
        options: as for ``stylize_images``.

    Raises:
        UsageError: something given cannot be used; the text says what and why.
    """
    (picture,) = stylize_images(source, out, **options)
    if picture.failure:
        raise picture.failure


def stylize_images(
    source: str | Path,
    out: str | Path,
    *,
    style: str | Path = "candy",
    tier: str = Controls.tier,
    strength: float = Controls.strength,
    device: str = "auto",
    backend: str = "auto",
    precision: str = "auto",
    quality: int = PictureSettings.quality,
    overwrite: bool = False,
    watch: Callable[[Painted, int], None] | None = None,
) -> list[Painted]:
    """Paint all pictures below the folder *source* into the folder *out*, or one picture into another.

    Args:
        source: a picture or a folder.
        out: a picture or folder for a picture, a folder for a folder; need not exist.
        style: as for ``load``.
        tier: as for ``load``.
        strength: as for ``load``.
        device: as for ``load``.
        backend: as for ``load``.
        precision: as for ``load``.
        quality: of JPEG and WebP, 1 (smallest) to 100 (best).
        overwrite: whether files that are there may be replaced.
        watch: called after each picture with what became of it, and how many there are in all.

    Returns:
        What became of each picture; one that failed says why and holds up no other.

    Raises:
        UsageError: something given cannot be used, nothing was painted; the text says what and why.
    """
    settings = PictureSettings(quality)
    plan = plan_pictures(Path(source), Path(out), overwrite=overwrite)
    stylizer = load(style, device, strength, backend=backend, precision=precision, tier=tier)

    def paint(pixels: Pixels) -> Pixels:
        stylizer.reset()
        return stylizer.stylize(pixels)

    pictures = []
    for picture in paint_pictures(plan, paint, settings):
        pictures.append(picture)
        if watch:
            watch(picture, len(plan))
    return pictures
