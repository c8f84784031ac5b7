"""Who made a photo, and when, is kept in what is painted from it; where, and how it looked, is not."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from livestyle.pictures import load_picture, write_picture

TAGS = ExifTags.Base


def photo(path: Path) -> Path:
    """Return a picture as cameras and their owners leave it, held upright, and so its file lies on a side."""
    exif = Image.Exif()
    exif[TAGS.Orientation] = 6
    exif[TAGS.Artist], exif[TAGS.Copyright] = "Zoë".encode(), "© Zoë".encode()
    exif[TAGS.Make], exif[TAGS.Model] = "CamCo", "One"
    about = {
        TAGS.DateTimeOriginal: "2024:01:02 03:04:05",
        TAGS.ExposureTime: 0.008,
        TAGS.MakerNote: b"small picture",
    }
    exif[ExifTags.IFD.Exif] = {**about, TAGS.ColorSpace: 65535, TAGS.ExifImageWidth: 16}
    exif[ExifTags.IFD.GPSInfo] = {ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: (1.0, 2.0, 3.0)}
    Image.new("RGB", (16, 12), (90, 80, 70)).save(path, exif=exif, dpi=(300, 300))
    return path


@pytest.mark.parametrize("came", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize("goes", [".jpg", ".png", ".webp", ".tif"])
def test_who_when_and_how_large(tmp_path: Path, came: str, goes: str) -> None:
    write_picture(tmp_path / f"out{goes}", load_picture(photo(tmp_path / f"in{came}")))
    with Image.open(tmp_path / f"out{goes}") as written:
        assert written.size == (12, 16)
        if ".webp" not in (came, goes):
            assert written.info["dpi"] == pytest.approx((300, 300), abs=0.01)
        exif = written.getexif()
        about, place = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    assert exif[TAGS.Artist].encode("latin-1") == "Zoë".encode()
    assert exif[TAGS.Copyright].encode("latin-1") == "© Zoë".encode() and exif[TAGS.Model] == "One"
    assert exif.get(TAGS.Orientation, 1) == 1 and not place
    if goes != ".tif":
        assert about == {TAGS.DateTimeOriginal: "2024:01:02 03:04:05", TAGS.ExposureTime: 0.008}
    assert b"small picture" not in (tmp_path / f"out{goes}").read_bytes()


def test_tiff_says_the_same(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.tif", load_picture(photo(tmp_path / "in.jpg")))
    write_picture(tmp_path / "b.jpg", load_picture(tmp_path / "a.tif"))
    with Image.open(tmp_path / "b.jpg") as written:
        assert written.info["dpi"] == (300, 300) and written.getexif()[TAGS.Model] == "One"


def test_long_exif_is_left_out(tmp_path: Path) -> None:
    """JPEG would not hold it."""
    exif = Image.Exif()
    exif[TAGS.ImageDescription] = "long " * 20_000
    Image.new("RGB", (16, 12)).save(tmp_path / "in.png", exif=exif)
    write_picture(tmp_path / "out.jpg", load_picture(tmp_path / "in.png"))
    assert load_picture(tmp_path / "out.jpg").pixels.shape == (12, 16, 3)


def test_exif_of_the_wrong_kind_is_no_failure_and_the_picture_is_upright(tmp_path: Path) -> None:
    """The maker's name is a number."""
    entries = struct.pack("<HHIf", TAGS.Make, 11, 1, 6.0) + struct.pack("<HHII", TAGS.Orientation, 3, 1, 6)
    exif = b"II*\0\x08\0\0\0" + struct.pack("<H", 2) + entries + bytes(4)
    Image.new("RGB", (16, 12)).save(tmp_path / "in.png", exif=exif)
    assert load_picture(tmp_path / "in.png").pixels.shape == (16, 12, 3)
