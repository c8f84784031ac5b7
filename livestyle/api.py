"""What a Python user calls, and the commands themselves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypedDict, Unpack

from livestyle.errors import UsageError
from livestyle.frame import Alpha, Frame, Pixels
from livestyle.jobs.pictures import Painted, paint_pictures, plan_pictures, told_of_fine_strokes
from livestyle.jobs.video import Progress, VideoJob, VideoReport, paint_video
from livestyle.settings import EncodeSettings, PictureSettings, ReadSettings, check_background
from livestyle.sources.file import FileSource
from livestyle.stylize.stylizer import Controls, Stylizer

log = logging.getLogger(__name__)


class How(TypedDict, total=False):
    """What ``load`` takes beside the style, and the other functions hand on to it."""

    device: str
    strength: float
    stability: float
    backend: str
    precision: str
    tier: str
    keep_colors: bool
    brush: float
    cutout: str
    background: str


def load(
    style: str | Path = "candy",
    device: str = "auto",
    strength: float = Controls.strength,
    stability: float = Controls.stability,
    backend: str = "auto",
    precision: str = "auto",
    *,
    tier: str = Controls.tier,
    keep_colors: bool = Controls.keep_colors,
    brush: float = Controls.brush,
    cutout: str = Controls.cutout,
    background: str = Controls.background,
) -> Stylizer:
    """Return a stylizer that paints in *style*.

    Args:
        style: a name from ``livestyle styles``, the path of a style file, or a blend of these:
            ``candy:0.6,great-wave:0.4``.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N``, ``mps`` or ``gpu`` (Intel).
        strength: 0 shows the original, 1 the painting.
        stability: 0 paints each frame by itself, 1 flickers least.
        backend: ``auto``, ``openvino``, ``pytorch`` or ``onnx``.
        precision: ``auto``, ``f32``, ``bf16``, ``f16`` or ``int8``.
        tier: ``lite``, ``base`` or ``hq``, of which each style is there in some; ``auto`` takes the quickest.
        keep_colors: light and dark are the painting's, colours the original's.
        brush: 0.5 to 2, how broad strokes are, in pictures of any size alike; 0 follows the size.
        cutout: paint ``person`` alone, or ``background``; ``none`` paints all.
        background: what becomes of the rest: ``keep``, ``transparent``, ``green``, ``blur``, or that picture.

    Raises:
        UnknownName, BadStyleFile: there is no such style, tier, backend or cutout.
        MissingExtra: *backend* is not installed.
        DeviceUnavailable: *device* is not on this machine, or cannot calculate in *precision*.
        WeightsUnavailable: what finds people cannot be fetched.
        UsageError: *strength*, *stability* or *brush* is out of range, *background* is no such thing, the
            style is not there in *tier*, or a blend is written wrongly.
    """
    check_background(cutout, background)
    controls = Controls(str(style), tier, strength, stability, keep_colors, brush, cutout, background)
    return Stylizer(controls, device, backend, precision)


def stylize_video(
    source: str | Path,
    out: str | Path,
    *,
    style: str | Path = "candy",
    start_seconds: float = 0.0,
    duration_seconds: float | None = None,
    read: ReadSettings = ReadSettings(),  # noqa: B008 (frozen)
    encode: EncodeSettings = EncodeSettings(),  # noqa: B008 (frozen)
    overwrite: bool = False,
    resume: bool = False,
    watch: Callable[[Progress, Frame | None], None] | None = None,
    stop: threading.Event | None = None,
    **how: Unpack[How],
) -> VideoReport:
    """Paint a video file into another: same size, times, sound and tags.

    Args:
        source: a video file.
        out: the file to write; its ending chooses the container.
        style: as for ``load``.
        start_seconds: leave out what comes before.
        duration_seconds: leave out what comes after so many seconds; None: to the end.
        read: what to change in reading: size, rate, interlacing, HDR.
        encode: quality, codec, preset, bitrate.
        overwrite: whether a file that is there may be replaced.
        resume: keep what is done beside *out*, and go on from there when the job was cut off.
        watch: called after each frame with the painted frame, and at the end with None; from another thread.
            What it raises ends the job, and is raised here.
        stop: when set, the job ends soon, with a whole file of what is done; beside *out* where it would
            replace an older one: the report says where.
        how: strength and so on, as for ``load``.

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
    stylizer = load(style, **how)
    return paint_video(job, stylizer, watch=watch, stop=stop)


def frames(path: str | Path, style: str | Path = "candy", **how: Unpack[How]) -> Iterator[Frame]:
    """Return the frames of a video file, painted, each at its time, one after the other.

    Args:
        path: a video file.
        style: as for ``load``.
        how: strength and so on, as for ``load``.

    Raises:
        UsageError: something given cannot be used; the text says what and why.
    """
    stylizer = load(style, **how)
    FileSource(Path(path)).close()  # what is wrong with it is said now
    return paint_frames(Path(path), stylizer)


def paint_frames(path: Path, stylizer: Stylizer) -> Iterator[Frame]:
    """Yield the frames of the video file at *path*, painted."""
    with closing(FileSource(path)) as source:
        yield from map(stylizer, source)


def stylize_image(source: str | Path, out: str | Path, **options: Any) -> None:
    """Paint the picture in the file *source* into the file *out*.

    Args:
        source: JPEG, PNG, WebP, BMP, TIFF or AVIF; HEIC with the extra ``heic``.
        out: .jpg, .png, .webp, .bmp or .tif; transparency is kept where the format has it.
        options: as for ``stylize_images``.

    Raises:
        UsageError: something given cannot be used; the text says what and why.
        StageError: the picture is too large for the memory there is.
    """
    if Path(source).is_dir():
        raise UsageError(f"{source} is a folder; paint it with stylize_images")
    for picture in stylize_images(source, out, **options):
        if picture.failure:
            raise picture.failure


def stylize_images(
    source: str | Path,
    out: str | Path,
    *,
    style: str | Path = "candy",
    quality: int = PictureSettings.quality,
    overwrite: bool = False,
    resume: bool = False,
    watch: Callable[[Painted, int], None] | None = None,
    **how: Unpack[How],
) -> list[Painted]:
    """Paint all pictures below the folder *source* into the folder *out*, or one picture into another.

    Args:
        source: a picture or a folder.
        out: for a picture, a picture or a folder that is there; for a folder, a folder, which need not exist.
        style: as for ``load``.
        quality: of JPEG and WebP, 1 (smallest) to 100 (best).
        overwrite: whether files that are there may be replaced.
        resume: leave out pictures whose file is there: an earlier run painted them.
        watch: called after each picture with what became of it, and how many there are in all.
        how: strength and so on, as for ``load``.

    Returns:
        What became of each picture; one that failed says why and holds up no other, unless the disk is full.

    Raises:
        UsageError: something given cannot be used, nothing was painted; the text says what and why.
    """
    settings = PictureSettings(quality)
    background = how.get("background", "keep")
    cut_out = how.get("cutout", "none") != "none" and background == "transparent"
    plan = plan_pictures(
        Path(source),
        Path(out),
        overwrite=overwrite,
        resume=resume,
        cut_out=cut_out,
        background=str(background),
    )
    if not plan:
        return []
    stylizer = load(style, **how)
    stylizer.change(stability=0.0)  # nothing comes after a picture

    told: list[str] = []

    def paint(pixels: Pixels) -> tuple[Pixels, Alpha | None]:
        if not told and (line := told_of_fine_strokes(pixels, stylizer.controls.brush)):
            told.append(line)
            log.warning(line)
        stylizer.reset()
        return stylizer.paint(pixels)

    pictures = []
    for picture in paint_pictures(plan, paint, settings):
        pictures.append(picture)
        if watch:
            watch(picture, len(plan))
    return pictures
