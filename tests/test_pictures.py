"""Pictures of every kind come in upright, 8 bit, RGB; what can be kept is kept."""

from __future__ import annotations

import io
import struct
import tempfile
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps
from profiles import adobe_rgb, grey, pale_inks

from livestyle.errors import BadPicture, SinkUnavailable, UsageError
from livestyle.pictures import Picture, load_picture, read_picture, write_picture

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


def png(depth: int, colours: int, row: bytes, clear: bytes) -> bytes:
    """Return a PNG of one row of four pixels, of which the colour *clear* is transparent."""
    head = struct.pack(">IIBBBBB", 4, 1, depth, colours, 0, 0, 0)
    parts = (b"IHDR", head), (b"tRNS", clear), (b"IDAT", zlib.compress(b"\0" + row)), (b"IEND", b"")
    told = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(told)


@pytest.mark.parametrize(
    ("depth", "row", "clear"),
    [
        (1, b"\x80", 1),
        (2, b"\x93", 2),
        (4, b"\xa1\x23", 10),
        (8, b"\x0a\1\2\3", 10),
        (16, struct.pack(">4H", 0x1234, 0x1235, 3, 4), 0x1234),
    ],
)
def test_one_transparent_grey_of_png(tmp_path: Path, depth: int, row: bytes, clear: int) -> None:
    (tmp_path / "p.png").write_bytes(png(depth, 0, row, struct.pack(">H", clear)))
    picture = load_picture(tmp_path / "p.png")
    assert picture.alpha is not None and picture.alpha.tolist() == [[0, 255, 255, 255]]


@pytest.mark.parametrize(("depth", "kind"), [(8, ">12B"), (16, ">12H")])
def test_one_transparent_colour_of_png(tmp_path: Path, depth: int, kind: str) -> None:
    colours = np.arange(1, 13) * (1 if depth == 8 else 0x123)
    clear = struct.pack(">3H", *colours[:3])
    (tmp_path / "p.png").write_bytes(png(depth, 2, struct.pack(kind, *colours), clear))
    picture = load_picture(tmp_path / "p.png")
    assert picture.alpha is not None and picture.alpha.tolist() == [[0, 255, 255, 255]]


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


@pytest.mark.parametrize("suffix", [*LOSSY, ".tif"])
def test_what_is_written_can_be_read(tmp_path: Path, suffix: str) -> None:
    alpha = np.full((24, 40), 200, np.uint8)
    alpha[:4] = 0
    write_picture(tmp_path / f"new/p{suffix}", Picture(corners(), alpha, {"icc_profile": SRGB}))
    read = load_picture(tmp_path / f"new/p{suffix}")
    assert read.kept["icc_profile"] == SRGB
    if suffix == ".jpg":
        assert read.alpha is None and read.pixels[:2].min() > 240, "what was transparent is white"
    else:
        assert read.alpha is not None and np.array_equal(read.alpha, alpha)
        assert differs(read.pixels[8:], corners()[8:]) <= LOSSY.get(suffix, 0)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [f"p{suffix}"]


@pytest.mark.parametrize("suffix", [*LOSSY, ".tif"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_wide_gamuts_become_srgb(tmp_path: Path, suffix: str, mode: str) -> None:
    """The numbers of the photo under sRGB, or painted ones under its profile, would be wrong colours."""
    image = Image.new("RGB", (16, 16), (200, 50, 30)).convert("RGB" if suffix == ".jpg" else mode)
    picture = load_picture(save(tmp_path / f"p{suffix}", image, icc_profile=adobe_rgb()))
    assert np.abs(picture.pixels.astype(int) - (232, 46, 22)).max() <= (6 if suffix in LOSSY else 1)
    write_picture(tmp_path / f"out{suffix}", picture)
    with Image.open(tmp_path / f"out{suffix}") as written:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(written.info["icc_profile"]))
        assert "sRGB" in ImageCms.getProfileDescription(profile)


@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_grey_and_inks_go_by_their_profiles(tmp_path: Path, suffix: str) -> None:
    half = save(tmp_path / f"grey{suffix}", Image.new("L", (16, 16), 64), icc_profile=grey())
    assert abs(int(read_picture(half)[0, 0, 0]) - 137) <= 1, "a quarter of the light"
    cyan = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    red, green, blue = read_picture(save(tmp_path / f"bare{suffix}", cyan))[0, 0]
    assert red < 10 and green > 245 and blue > 245
    pixels = read_picture(save(tmp_path / f"inks{suffix}", cyan, icc_profile=pale_inks()))
    assert np.ptp(pixels[0, 0].astype(int)) <= 2 and 190 < pixels[0, 0, 0] < 230
    lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    image = lab.apply(Image.fromarray(corners()))
    image.info.clear()
    assert differs(read_picture(save(tmp_path / "lab.tif", image)), corners()) < 3


def test_numbers_under_srgb_stay(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    picture = load_picture(save(tmp_path / "p.png", noise, icc_profile=SRGB))
    assert np.array_equal(picture.pixels, noise) and picture.kept["icc_profile"] == SRGB


@pytest.mark.parametrize("profile", [b"no profile", SRGB[:200], grey()])
def test_a_profile_of_no_use_is_told(
    tmp_path: Path, profile: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    picture = load_picture(save(tmp_path / "p.png", corners(), icc_profile=profile))
    assert np.array_equal(picture.pixels, corners()) and not picture.kept
    (line,) = caplog.messages
    assert "p.png has a colour profile that is of no use" in line and "\n" not in line


def deep(path: Path, image: Image.Image, *, white_is_zero: bool = False) -> Path:
    """Save *image* in 16 bits; Pillow writes no such negatives: a tag is changed."""
    save(path, Image.fromarray(np.asarray(image).astype(np.uint16) * 257))
    encoded = path.read_bytes()
    at = encoded.index(struct.pack("<HHI", 262, 3, 1)) + 8
    path.write_bytes(encoded[:at] + bytes((not white_is_zero,)) + encoded[at + 1 :])
    return path


def test_tiff_of_16_bits_and_negatives(tmp_path: Path) -> None:
    image = Image.fromarray(corners()).convert("L")
    assert np.array_equal(read_picture(deep(tmp_path / "p.tif", image)), np.asarray(image.convert("RGB")))
    negative = read_picture(deep(tmp_path / "n.tif", image, white_is_zero=True))
    assert np.array_equal(negative, 255 - np.asarray(image.convert("RGB")))


def test_colours_of_tiff_are_not_multiplied_by_its_transparency(tmp_path: Path) -> None:
    alpha = np.full((24, 40, 1), 100, np.uint8)
    picture = load_picture(save(tmp_path / "p.tif", np.dstack((corners(), alpha))))
    assert np.array_equal(picture.pixels, corners())
    grey_one = Image.merge("LA", (Image.new("L", (8, 8), 90), Image.new("L", (8, 8), 100)))
    picture = load_picture(save(tmp_path / "grey.tif", grey_one))
    assert picture.alpha is not None and picture.alpha[0, 0] == 100 and picture.pixels[0, 0, 0] == 90
    write_picture(tmp_path / "out.tif", picture)
    with Image.open(tmp_path / "out.tif") as written:
        assert written.tag_v2[338] == (2,), "what the fourth channel is"


def test_channels_one_after_the_other(tmp_path: Path) -> None:
    """Pillow reads noise where they have 16 bits and are not compressed."""
    planes = np.moveaxis(corners(), 2, 0).astype("<u2") * 257
    size, start = planes[0].nbytes, 8 + 2 + 10 * 12 + 4 + 30
    entries = (
        *((256, 3, 1, 40), (257, 3, 1, 24), (258, 3, 3, start - 30), (259, 3, 1, 1), (262, 3, 1, 2)),
        *((273, 4, 3, start - 24), (277, 3, 1, 3), (278, 3, 1, 24), (279, 4, 3, start - 12), (284, 3, 1, 2)),
    )
    table = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    lists = struct.pack("<3H6I", 16, 16, 16, *(start + number * size for number in range(3)), *[size] * 3)
    (tmp_path / "p.tif").write_bytes(
        b"II*\0\x08\0\0\0" + struct.pack("<H", 10) + table + bytes(4) + lists + planes.tobytes()
    )
    with pytest.raises(BadPicture, match="channels one after the other; save it interleaved"):
        read_picture(tmp_path / "p.tif")


def test_quality_changes_the_size(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    for suffix in (".jpg", ".webp"):
        write_picture(tmp_path / f"small{suffix}", Picture(noise), quality=20)
        write_picture(tmp_path / f"large{suffix}", Picture(noise), quality=95)
        sizes = [(tmp_path / f"{name}{suffix}").stat().st_size for name in ("small", "large")]
        assert sizes[0] < 0.6 * sizes[1]


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


@pytest.mark.parametrize(("side", "too_many"), [(13_500, False), (60_000, True)])
def test_pictures_for_large_prints_are_read_and_no_bombs(tmp_path: Path, side: int, too_many: bool) -> None:
    path = save(tmp_path / "p.png", Image.new("L", (8, 8)))
    head = struct.pack(">4sIIBBBBB", b"IHDR", side, side, 8, 0, 0, 0, 0)
    small = path.read_bytes()
    path.write_bytes(small[:12] + head + struct.pack(">I", zlib.crc32(head)) + small[33:])
    with pytest.raises(BadPicture) as caught:  # most pixels are not there
        read_picture(path)
    assert isinstance(caught.value.__cause__, Image.DecompressionBombError) == too_many


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp", ".tif"])
def test_of_several_pictures_the_first_is_taken(
    tmp_path: Path, suffix: str, caplog: pytest.LogCaptureFixture
) -> None:
    images = [Image.new("RGB", (16, 12), colour) for colour in ("red", "lime", "blue")]
    lossless = {"lossless": True} if suffix == ".webp" else {}
    save(tmp_path / f"p{suffix}", images[0], save_all=True, append_images=images[1:], **lossless)
    assert (read_picture(tmp_path / f"p{suffix}") == (255, 0, 0)).all()
    assert f"p{suffix} holds 3 pictures; the first is taken" in caplog.text
    assert ("livestyle video" in caplog.text) == (suffix in (".gif", ".png"))


def test_numbers_that_are_no_pixels(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "p.tiff"), np.zeros((4, 4, 3), np.float32))
    with pytest.raises(BadPicture, match=r"give .* a TIFF of 8 or 16 bits per channel"):
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
    with tempfile.TemporaryDirectory() as folder:
        path = save(Path(folder) / "p.png", corners(), exif=exif)
        assert np.sort(read_picture(path), None).tolist() == np.sort(corners(), None).tolist()


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tif"])
def test_writing_says_nothing(suffix: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_picture(tmp_path / f"picture{suffix}", Picture(np.zeros((8, 8, 3), np.uint8)))
    assert capfd.readouterr() == ("", "")
