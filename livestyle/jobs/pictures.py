"""Paints picture files: one, or all of a folder."""

from __future__ import annotations

import errno
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from livestyle.errors import LivestyleError, SinkUnavailable, SourceUnavailable, short_memory_told
from livestyle.frame import Alpha, Pixels
from livestyle.jobs.folder import list_below
from livestyle.numbering import READ_ONLY, SUFFIXES
from livestyle.pictures import check_picture_name, load_picture, tell_of_white, write_picture
from livestyle.settings import PictureSettings
from livestyle.whole import key_of, refusal_told, spare, target_of, try_folder

log = logging.getLogger(__name__)

NOT_READ = {
    *(".3fr", ".arw", ".cr2", ".cr3", ".dng", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".srw"),
    *(".exr", ".hdr", ".jxl", ".psb", ".psd", ".svg", ".tga"),
}
"""Endings of pictures that are told of when a folder has some: raw photos, and what needs other programs."""

LARGE = 1600
"""Shorter side, in pixels, above which the usual strokes vanish when one looks at all of a picture."""

FULL = {errno.ENOSPC, errno.EROFS, errno.EDQUOT}
"""What keeps all other pictures from being written, too."""

Paint = Callable[[Pixels], tuple[Pixels, Alpha | None]]


@dataclass(frozen=True)
class Painted:
    """One picture that was to be painted.

    Attributes:
        source: the file it was in.
        out: the file it is in now.
        failure: why it is not; None when all went well.
    """

    source: Path
    out: Path
    failure: LivestyleError | None = None


def plan_pictures(
    source: Path,
    out: Path,
    *,
    overwrite: bool = False,
    resume: bool = False,
    cut_out: bool = False,
    background: str = "keep",
) -> list[Painted]:
    """Return which file becomes which, without touching any.

    Args:
        source: a picture, or a folder: then all pictures below it, hidden ones left out.
        out: for a picture, a picture or a folder that is there; for a folder, a folder, which need not exist.
        overwrite: files that exist may be replaced.
        resume: files that exist, and may not be replaced, are left out: they were painted before.
        cut_out: a part of the pictures will be transparent.
        background: what they are put before, perhaps a picture.

    Raises:
        SourceUnavailable: there is no such file or folder, or no picture in it.
        SinkUnavailable: *out* would replace a file that exists, *source* or *background*.
        UsageError: the ending of *out* names no kind of picture, or one without transparency that needs it.
    """
    if source.is_dir():
        plan = plan_folder(source, out, cut_out)
    elif source.is_file():
        plan = [Painted(source, out / painted_name(source, cut_out).name if out.is_dir() else out)]
    else:
        hint = "; pipes are not read, give a file" if source == Path("-") or source.exists() else ""
        raise SourceUnavailable(f"no picture or folder at {source}{hint}")
    first: dict[str, Path] = {}
    sources = {os.path.realpath(item.source) for item in plan}
    for item in plan:
        target = os.path.realpath(item.out)  # links may lead to one file, or to what is painted from
        if (other := first.setdefault(key_of(Path(target)), item.source)) != item.source:
            raise SinkUnavailable(f"{other} and {item.source} would both become {item.out}; rename one")
        check_picture_name(item.out, transparent=cut_out)
        spare([item.source, background, *sources & {target}], item.out)
        with refusal_told(f"write {item.out}"):
            target_of(item.out)
    if resume and not overwrite:
        return [item for item in plan if not item.out.exists()]
    there = [item.out for item in plan if item.out.exists()]
    if there and not overwrite:
        named = f"{there[0]} exists" if len(there) == 1 else f"{there[0]} and {len(there) - 1} more exist"
        raise SinkUnavailable(f"{named}; give -y to replace, --resume to paint the rest, or another name")
    return plan


def painted_name(path: Path, cut_out: bool) -> Path:
    """Return *path* with one more ending where its own is of a kind that we do not write."""
    if path.suffix.lower() in SUFFIXES:
        return path
    return path.with_name(f"{path.name}{'.png' if cut_out else '.jpg'}")


def plan_folder(source: Path, out: Path, cut_out: bool) -> list[Painted]:
    """Return which file below *source* becomes which below *out*; *cut_out* as in ``plan_pictures``."""
    if out.exists() and not out.is_dir():
        raise SinkUnavailable(f"{out} is a file; the pictures of a folder go into a folder")
    found = list_below(source, SUFFIXES | READ_ONLY, out)
    if other := Counter(path.suffix.lower() for path in list_below(source, NOT_READ, out)):
        counted = ", ".join(f"{count} {ending}" for ending, count in sorted(other.items()))
        log.warning("left out: %s; raw photos and the like are not read, give them as JPEG or TIFF", counted)
    if not found:
        raise SourceUnavailable(f"{source} holds no pictures; give a folder of JPEG, PNG or WebP files")
    return [Painted(path, out / painted_name(path.relative_to(source), cut_out)) for path in found]


def paint_pictures(plan: Sequence[Painted], paint: Paint, settings: PictureSettings) -> Iterator[Painted]:
    """Paint each picture of *plan* and yield it when it is done; one that fails holds up no other.

    It ends early when nothing can be written any more.

    Args:
        plan: from ``plan_pictures``.
        paint: uint8 RGB, (H, W, 3), to the same shape, and how opaque it is if a part was cut out.
        settings: how files are encoded.

    Raises:
        SinkUnavailable: nothing can be written to where they would go; none was painted.
    """
    for folder in {target_of(item.out).parent for item in plan}:
        with refusal_told(f"write to {folder}"):
            try_folder(folder)
    for item in plan:
        try:
            with short_memory_told(f"{item.source} is too large; give --brush 1, or a smaller picture"):
                paint_one(item, paint, settings)
        except LivestyleError as failure:
            yield replace(item, failure=failure)
            if isinstance(failure.__cause__, OSError) and failure.__cause__.errno in FULL:
                return
        else:
            yield item


def told_of_fine_strokes(pixels: Pixels, brush: float) -> str:
    """Return what to say when nobody chose a *brush*, and strokes will be too fine to be seen; or nothing."""
    height, width = pixels.shape[:2]
    if brush or min(height, width) <= LARGE:
        return ""
    return f"at {width}×{height} strokes are as fine as dust; --brush 1 makes them as broad as in the gallery"


def paint_one(item: Painted, paint: Paint, settings: PictureSettings) -> None:
    """Paint *item* and write it; see ``paint_pictures``."""
    picture = load_picture(item.source)
    pixels, cut = paint(picture.pixels)
    alpha = picture.alpha
    if cut is not None:
        if not cut.any():
            log.warning("%s: nothing was found to cut out; all of %s is transparent", item.source, item.out)
        alpha = cut if alpha is None else np.minimum(alpha, cut)
    painted = replace(picture, pixels=pixels, alpha=alpha)
    tell_of_white(item.out, painted)
    write_picture(item.out, painted, settings.quality)
