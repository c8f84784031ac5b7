"""Pictures of every kind come in upright, 8 bit, RGB; what can be kept is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from livestyle.errors import BadPicture, SinkUnavailable, UsageError
from livestyle.pictures import Picture, exif_orientation, load_picture, read_picture, write_picture

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LOSSY = {".jpg": 6.0, ".webp": 6.0, ".png": 0.0}


def corners() -> np.ndarray:
    """Return a picture whose four corners differ, 40 wide, 24 high."""
    pixels = np.full((24, 40, 3), 128, np.uint8)
    pixels[:8, :8], pixels[:8, -8:], pixels[-8:, :8] = (250, 10, 10), (10, 250, 10), (10, 10, 250)
    return pixels


def save(path: Path, pixels: np.ndarray | Image.Image, **options: Any) -> Path:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(path, **options)
    return path


def differs(one: np.ndarray, other: np.ndarray) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(float) - other).mean())


@pytest.mark.parametrize("suffix", LOSSY)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright_whatever_the_camera_did(tmp_path: Path, suffix: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / f"p{suffix}", corners(), exif=exif)
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    assert differs(read_picture(path), expected) <= LOSSY[suffix]
    upright = expected.shape == corners().shape and differs(expected, corners()) < 6
    assert upright == (orientation == 1)


def test_alpha_turns_with_the_picture(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    alpha = np.arange(24 * 40, dtype=np.uint8).reshape(24, 40)
    picture = load_picture(save(tmp_path / "p.png", np.dstack((corners(), alpha)), exif=exif))
    assert picture.alpha is not None and np.array_equal(picture.alpha, np.rot90(alpha, 3))


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "RGBA", "I;16", "CMYK"])
def test_every_kind_becomes_rgb(tmp_path: Path, mode: str) -> None:
    grey = mode in ("L", "1", "LA", "I;16")
    image = Image.fromarray(corners())
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    else:
        image = image.quantize(8) if mode == "P" else image.convert(mode)
    picture = load_picture(save(tmp_path / ("p.jpg" if mode == "CMYK" else "p.png"), image))
    expected = np.asarray(Image.fromarray(corners()).convert("L").convert("RGB")) if grey else corners()
    assert differs(picture.pixels, expected) < (130 if mode == "1" else 6)
    assert picture.pixels.dtype == np.uint8
    assert (picture.alpha is not None) == (mode in ("LA", "RGBA"))


@pytest.mark.parametrize("mode", ["CMYK", "RGBA"])
def test_ink_is_not_transparent(tmp_path: Path, mode: str) -> None:
    picture = load_picture(save(tmp_path / "p.tif", Image.fromarray(corners()).convert(mode)))
    assert differs(picture.pixels, corners()) < 6
    assert (picture.alpha is None) == (mode == "CMYK")


@pytest.mark.parametrize("suffix", LOSSY)
def test_what_is_written_can_be_read(tmp_path: Path, suffix: str) -> None:
    alpha = np.full((24, 40), 200, np.uint8)
    alpha[:4] = 0
    write_picture(tmp_path / f"new/p{suffix}", Picture(corners(), alpha, SRGB))
    read = load_picture(tmp_path / f"new/p{suffix}")
    assert read.profile == SRGB
    if suffix == ".jpg":
        assert read.alpha is None and read.pixels[:2].min() > 240, "what was transparent is white"
    else:
        assert read.alpha is not None and np.array_equal(read.alpha, alpha)
        assert differs(read.pixels[8:], corners()[8:]) <= LOSSY[suffix]
    assert [path.name for path in (tmp_path / "new").iterdir()] == [f"p{suffix}"]


def test_quality_changes_the_size(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    for suffix in (".jpg", ".webp"):
        write_picture(tmp_path / f"small{suffix}", Picture(noise), quality=20)
        write_picture(tmp_path / f"large{suffix}", Picture(noise), quality=95)
        sizes = [(tmp_path / f"{name}{suffix}").stat().st_size for name in ("small", "large")]
        assert sizes[0] < 0.6 * sizes[1]


def test_a_grey_profile_is_not_put_on_colours(tmp_path: Path) -> None:
    grey_profile = SRGB[:16] + b"GRAY" + SRGB[20:]
    path = save(tmp_path / "p.png", corners(), icc_profile=grey_profile)
    assert load_picture(path).profile is None


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n" + b"\0" * 99])
def test_what_is_no_picture(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.png").write_bytes(content)
    with pytest.raises(BadPicture, match="is not a picture that can be read"):
        read_picture(tmp_path / "p.png")


def test_truncated_and_absent(tmp_path: Path) -> None:
    whole = save(tmp_path / "p.png", np.random.default_rng(0).integers(0, 256, (99, 99, 3), np.uint8))
    whole.write_bytes(whole.read_bytes()[:3000])
    with pytest.raises(BadPicture):
        read_picture(whole)
    with pytest.raises(BadPicture, match="no picture at"):
        read_picture(tmp_path / "none.png")
    with pytest.raises(BadPicture, match="is a folder"):
        read_picture(tmp_path)


def test_numbers_that_are_no_pixels(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "p.tiff"), np.zeros((4, 4, 3), np.float32))
    with pytest.raises(BadPicture, match="float32"):
        read_picture(tmp_path / "p.tiff")


@pytest.mark.parametrize("name", ["p", "p.gif", "p.mp4", "p."])
def test_endings_that_name_no_picture(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="end it in"):
        write_picture(tmp_path / name, Picture(corners()))


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SinkUnavailable, match="cannot write"):
        write_picture(tmp_path / "file" / "p.png", Picture(corners()))
    with pytest.raises(SinkUnavailable, match=r"too large for \.webp"):
        write_picture(tmp_path / "p.webp", Picture(np.zeros((2, 17000, 3), np.uint8)))
    assert not list(tmp_path.glob("p*"))


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda rest: b"II*\0\x08\0\0\0" + rest))
def test_no_exif_breaks_the_reader(exif: bytes) -> None:
    assert 1 <= exif_orientation(exif) <= 8


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tif"])
def test_writing_says_nothing(suffix: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_picture(tmp_path / f"picture{suffix}", Picture(np.zeros((8, 8, 3), np.uint8)))
    assert capfd.readouterr() == ("", "")
