"""Photos of phones (HEIC) and AVIF, 8 bits and deeper, come in as any other picture."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms, ImageOps

from livestyle.errors import BadPicture
from livestyle.pictures import load_picture, read_picture, write_picture

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def photo() -> np.ndarray:
    """Return a picture of which no turn is alike, 96 wide, 64 high."""
    pixels = np.full((64, 96, 3), 128, np.uint8)
    pixels[:24, :24], pixels[:24, -24:], pixels[-24:, :24] = (230, 30, 30), (30, 230, 30), (30, 30, 230)
    return pixels


def save_heic(path: Path, pixels: np.ndarray, **options: Any) -> Path:
    pillow_heif.from_pillow(Image.fromarray(pixels)).save(path, quality=95, **options)
    return path


def differs(one: np.ndarray, other: np.ndarray) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(float) - other).mean())


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_photo_of_a_phone_is_upright(tmp_path: Path, orientation: int) -> None:
    """Phones write how they were held into the picture itself and into its EXIF: it is turned once."""
    held = pillow_heif.from_pillow(Image.fromarray(photo()))
    exif = Image.Exif()
    exif[0x0112] = orientation
    held.info["exif"] = exif.tobytes()
    held.save(tmp_path / "p.heic", quality=95)
    assert b"irot" in (tmp_path / "p.heic").read_bytes() or orientation == 1
    turned = np.rot90(photo(), {1: 0, 3: 2, 6: 3, 8: 1}[orientation])
    assert differs(read_picture(tmp_path / "p.heic"), turned) < 6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_avif_is_upright(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(photo()).save(tmp_path / "p.avif", quality=95, exif=exif)
    with Image.open(tmp_path / "p.avif") as image:
        upright = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    assert differs(read_picture(tmp_path / "p.avif"), upright) < 6
    assert (differs(upright, photo()) < 6 if upright.shape == photo().shape else False) == (orientation == 1)


def test_transparency_and_profile_of_heic_are_kept(tmp_path: Path) -> None:
    alpha = np.full((64, 96, 1), 255, np.uint8)
    alpha[:, :48] = 100
    picture = load_picture(save_heic(tmp_path / "p.heif", np.dstack((photo(), alpha)), icc_profile=SRGB))
    assert picture.kept["icc_profile"] == SRGB
    assert picture.alpha is not None and differs(picture.alpha, alpha[:, :, 0]) < 3


def test_a_damaged_heic_is_told(tmp_path: Path) -> None:
    whole = save_heic(tmp_path / "p.heic", photo())
    for length in (12, 60, whole.stat().st_size - 40):
        (tmp_path / "cut.heic").write_bytes(whole.read_bytes()[:length])
        with pytest.raises(BadPicture, match="is not a picture that can be read, or is damaged"):
            read_picture(tmp_path / "cut.heic")


@pytest.mark.parametrize("family", [b"mif1", b"msf1"])
def test_pictures_that_name_their_family_first_are_of_the_kind_that_follows(
    tmp_path: Path, family: bytes
) -> None:
    Image.fromarray(photo()).save(tmp_path / "p.avif", quality=95)
    save_heic(tmp_path / "p.heic", photo())
    for path in (tmp_path / "p.avif", tmp_path / "p.heic"):
        encoded = path.read_bytes()
        path.write_bytes(encoded[:8] + family + encoded[12:])
        assert differs(read_picture(path), photo()) < 6


@pytest.mark.parametrize(
    ("known", "unknown"), [(b"hvc1", b"vvc1"), (b"pitm\0", b"pitm\x09"), (b"hvcC", b"xxxC")]
)
def test_a_heic_of_an_unknown_kind_is_told(tmp_path: Path, known: bytes, unknown: bytes) -> None:
    whole = save_heic(tmp_path / "p.heic", photo()).read_bytes()
    assert known in whole
    (tmp_path / "p.heic").write_bytes(whole.replace(known, unknown))
    with pytest.raises(BadPicture, match="is not a picture that can be read, or is damaged"):
        read_picture(tmp_path / "p.heic")


def test_the_profile_of_avif_is_kept(tmp_path: Path) -> None:
    Image.fromarray(photo()).save(tmp_path / "p.avif", icc_profile=SRGB)
    picture = load_picture(tmp_path / "p.avif")
    assert picture.kept["icc_profile"] == SRGB
    for name, kept in (("p.png", SRGB), ("p.webp", SRGB), ("p.tif", SRGB), ("p.bmp", None)):
        write_picture(tmp_path / name, picture)
        assert load_picture(tmp_path / name).kept.get("icc_profile") == kept


def test_an_avif_that_tells_what_it_is_at_its_end_is_upright(tmp_path: Path) -> None:
    """Boxes may come in any order: here that of the data before that which tells where in the file it is."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(photo()).save(tmp_path / "p.avif", quality=95, exif=exif)
    encoded = (tmp_path / "p.avif").read_bytes()
    at = {kind: encoded.index(kind) - 4 for kind in (b"meta", b"mdat")}
    assert at[b"meta"] < at[b"mdat"]
    meta, data = encoded[at[b"meta"] : at[b"mdat"]], encoded[at[b"mdat"] :]
    for place in range(len(meta) - 4):  # extents are absolute: they move by the length of meta
        if int.from_bytes(meta[place : place + 4]) == at[b"mdat"] + 8:
            meta = meta[:place] + (at[b"mdat"] + 8 - len(meta)).to_bytes(4) + meta[place + 4 :]
    (tmp_path / "late.avif").write_bytes(encoded[: at[b"meta"]] + data + meta)
    assert differs(read_picture(tmp_path / "late.avif"), np.rot90(photo(), 3)) < 6


def test_colours_that_were_multiplied_by_their_opacity_are_as_light_as_before(tmp_path: Path) -> None:
    alpha = np.full((64, 96, 1), 128, np.uint8)
    dark = np.dstack(((photo() * (128 / 255)).astype(np.uint8), alpha))
    held = pillow_heif.from_bytes(mode="RGBa", size=(96, 64), data=dark.tobytes())
    held.save(tmp_path / "p.heic", quality=95)
    picture = load_picture(tmp_path / "p.heic")
    assert picture.alpha is not None and differs(picture.alpha, alpha[:, :, 0]) < 3
    assert differs(picture.pixels, photo()) < 8


def test_what_reads_heic_is_an_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_heic(tmp_path / "p.heic", photo())
    imports = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "pi_heif":
            raise ImportError(name)
        return imports(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(BadPicture, match=r'p.heic is HEIC.*pip install "livestyle\[heic\]"'):
        read_picture(path)


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_avif_is_as_light_as_it_was_however_deep(tmp_path: Path, bits: int) -> None:
    ramp = np.tile(np.linspace(0, 1, 256)[None, :, None], (64, 1, 3))
    deep = (ramp * (2**bits - 1)).round().astype(np.uint16 if bits > 8 else np.uint8)
    options = [cv2.IMWRITE_AVIF_DEPTH, bits, cv2.IMWRITE_AVIF_QUALITY, 95]
    assert cv2.imwrite(str(tmp_path / "p.avif"), deep, options)
    assert differs(read_picture(tmp_path / "p.avif"), ramp * 255) < 2
