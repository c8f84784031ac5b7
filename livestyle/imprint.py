"""Imprint: what a picture file says of the picture, and what of that the painted one says, too."""

from __future__ import annotations

from typing import Any

from PIL import ExifTags, Image

KEPT = (
    ExifTags.Base.ImageDescription,
    ExifTags.Base.Make,
    ExifTags.Base.Model,
    ExifTags.Base.DateTime,
    ExifTags.Base.Artist,
    ExifTags.Base.Copyright,
)
"""Of what EXIF says first; not the place, and not the small picture that shows the photo unpainted."""

LEFT_OUT = {
    ExifTags.Base.MakerNote,  # may hold that small picture, too
    ExifTags.Base.ColorSpace,
    ExifTags.Base.ExifImageWidth,
    ExifTags.Base.ExifImageHeight,
    ExifTags.IFD.Interop,
}
"""Of what EXIF says then, about how the photo was taken: what is no longer true."""

LONGEST = 60_000
"""Bytes of EXIF; JPEG has room for a few more."""


def read_imprint(image: Image.Image) -> dict[str, Any]:
    """Return what is kept of what the file of *image* says: dots per inch and EXIF, for Pillow's ``save``.

    Raises:
        SyntaxError, ValueError and more: its EXIF is damaged.
    """
    dpi = tuple(float(dots) for dots in image.info.get("dpi", ()))
    kept: dict[str, Any] = {"dpi": dpi} if len(dpi) == 2 and min(dpi) > 1 else {}  # 1: TIFF does not say
    told = image.getexif()
    exif = Image.Exif()
    for tag in KEPT:
        if tag in told:
            exif[tag] = as_written(told[tag])
    taken = told.get_ifd(ExifTags.IFD.Exif)
    if about := {tag: as_written(value) for tag, value in taken.items() if tag not in LEFT_OUT}:
        exif[ExifTags.IFD.Exif] = about
    written = exif.tobytes() if exif else b""
    return {**kept, "exif": written} if 0 < len(written) < LONGEST else kept


def as_written(value: Any) -> Any:
    """Return *value*; text that is not ASCII as the bytes of its file, for Pillow would write ``?``."""
    return value.encode("latin-1") if isinstance(value, str) and not value.isascii() else value


def tags_of_tiff(exif: bytes) -> dict[int, Any]:
    """Return what *exif* says first, as tags of TIFF; the rest Pillow cannot write where it compresses."""
    read = Image.Exif()
    read.load(exif)
    return {tag: as_written(value) for tag, value in read.items() if tag != ExifTags.IFD.Exif}
