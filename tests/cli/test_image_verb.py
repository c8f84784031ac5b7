"""``livestyle image`` and what it calls: pictures, folders, and every wrong input in one line."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

import livestyle
from livestyle.cli import app
from livestyle.errors import BadPicture, SinkUnavailable, SourceUnavailable, UnknownName, UsageError
from livestyle.frame import Pixels
from livestyle.jobs.pictures import paint_pictures, plan_pictures
from livestyle.pictures import load_picture, read_picture
from livestyle.settings import PictureSettings
from livestyle.styles.style import Style

RNG = np.random.default_rng(0)


def photo(path: Path, size: tuple[int, int] = (40, 30)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(RNG.integers(0, 256, (size[1], size[0], 3), np.uint8)).save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three pictures, one of them broken, and things that are none."""
    folder = tmp_path / "photos"
    photo(folder / "a.jpg")
    photo(folder / "deep" / "b.PNG", (7, 5))
    (folder / "c.webp").write_bytes(b"broken")
    (folder / "notes.txt").write_text("no picture")
    photo(folder / ".thumbnails" / "hidden.png")
    return folder


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["image", *map(str, arguments)], catch_exceptions=False)


def test_paints_one_picture(tmp_path: Path, tiny_style: Style) -> None:
    source, out = photo(tmp_path / "in.jpg"), tmp_path / "new" / "out.png"
    done = run(source, out, "--style", tiny_style.path)
    assert done.exit_code == 0 and done.stdout.strip() == str(out)
    painted = read_picture(out)
    assert painted.shape == (30, 40, 3)
    expected = livestyle.load(tiny_style.path).stylize(read_picture(source))
    assert np.array_equal(painted, expected) and not np.array_equal(painted, read_picture(source))


def test_alpha_is_kept_and_strength_zero_is_the_original(
    tmp_path: Path, tiny_style: Style, caplog: pytest.LogCaptureFixture
) -> None:
    pixels = RNG.integers(0, 256, (20, 24, 4), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "in.png")
    livestyle.stylize_image(tmp_path / "in.png", tmp_path / "out.png", style=tiny_style.path, strength=0)
    kept = load_picture(tmp_path / "out.png")
    assert kept.alpha is not None
    assert np.array_equal(np.dstack((kept.pixels, kept.alpha)), pixels)
    livestyle.stylize_image(tmp_path / "in.png", tmp_path / "out.jpg", style=tiny_style.path)
    assert len(caplog.messages) == 1 and "out.jpg holds no transparency" in caplog.messages[0]


def test_a_folder_gives_as_a_target_the_same_name(tmp_path: Path, tiny_style: Style) -> None:
    (tmp_path / "out").mkdir()
    run(photo(tmp_path / "in.jpg"), tmp_path / "out", "--style", tiny_style.path)
    assert (tmp_path / "out" / "in.jpg").is_file()


def test_photos_of_phones_become_pictures_that_any_program_shows(tmp_path: Path, tiny_style: Style) -> None:
    folder, out = tmp_path / "photos", tmp_path / "paintings"
    folder.mkdir()
    flat = Image.fromarray(np.full((32, 48, 3), 90, np.uint8))
    pillow_heif.from_pillow(flat).save(folder / "one.HEIC")
    flat.save(folder / "two.avif")
    (folder / "one.jpg").write_bytes(b"")  # which the painting of the other one must not become
    assert run(folder, out, "--style", tiny_style.path).exit_code == 1
    assert sorted(path.name for path in out.iterdir()) == ["one.HEIC.jpg", "two.avif.jpg"]
    (folder / "one.HEIC.jpg").touch()
    with pytest.raises(SinkUnavailable, match=r"would both become .*one\.HEIC\.jpg; rename one"):
        plan_pictures(folder, tmp_path / "other")
    assert run(folder / "two.avif", tmp_path, "--style", tiny_style.path).exit_code == 0
    assert load_picture(tmp_path / "two.avif.jpg").pixels.shape == (32, 48, 3)


def test_two_that_would_be_one_for_macos_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one.heic", "One.heic.jpg"):
        (tmp_path / name).touch()
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SinkUnavailable, match="would both become"):
        plan_pictures(tmp_path, tmp_path / "out")


def test_a_folder_with_one_broken_picture(folder: Path, tmp_path: Path, tiny_style: Style) -> None:
    done = run(folder, tmp_path / "out", "--style", tiny_style.path)
    written = sorted(
        str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*") if p.is_file()
    )
    assert written == ["a.jpg", "deep/b.PNG"]
    assert done.exit_code == 1
    complaints = [line for line in done.stderr.splitlines() if line.startswith("livestyle:")]
    assert len(complaints) == 1 and "c.webp is not a picture" in complaints[0]
    assert "painted 2 of 3 pictures" in done.stderr


def test_a_picture_too_large_for_the_memory_holds_up_no_other(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def paint(pixels: Pixels) -> tuple[Pixels, None]:
        if pixels.shape[1] == 40:
            raise RuntimeError("Exception from allocator.cpp:79:\nstd::bad_alloc")
        return pixels, None

    (folder / "c.webp").unlink()
    large, small = paint_pictures(plan_pictures(folder, tmp_path / "out"), paint, PictureSettings())
    assert str(large.failure).startswith(f"not enough memory; {folder / 'a.jpg'} is too large")
    assert small.failure is None and small.out.exists() and not large.out.exists()


def test_one_picture_is_no_folder_and_a_quality_is_whole(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder; paint it with stylize_images"):
        livestyle.stylize_image(folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(UsageError, match=r"quality must be a whole number, not 90\.5"):
        livestyle.stylize_image(folder / "a.jpg", tmp_path / "out.jpg", quality=90.5)


def test_painting_again_into_a_folder_inside(folder: Path, tiny_style: Style) -> None:
    (folder / "c.webp").unlink()
    assert run(folder, folder / "out", "--style", tiny_style.path).exit_code == 0
    assert run(folder, folder / "out", "--style", tiny_style.path, "-y").exit_code == 0
    assert not (folder / "out" / "out").exists()


def test_existing_pictures_are_not_lost(tmp_path: Path, tiny_style: Style) -> None:
    source, out = photo(tmp_path / "in.png"), photo(tmp_path / "out.png", (3, 3))
    with pytest.raises(SinkUnavailable, match="give -y"):
        run(source, out, "--style", tiny_style.path)
    assert read_picture(out).shape == (3, 3, 3)
    assert run(source, out, "--style", tiny_style.path, "-y").exit_code == 0
    assert read_picture(out).shape == (30, 40, 3)
    for itself in (source, tmp_path / "." / "in.png"):
        with pytest.raises(SinkUnavailable, match="is what is painted from; write elsewhere"):
            run(source, itself, "--style", tiny_style.path, "-y")
    with pytest.raises(SinkUnavailable, match=r"out\.png is what is painted from; write elsewhere"):
        run(source, out, "--cutout", "person", "--background", out, "-y")


def test_a_folder_is_gone_on_with(folder: Path, tmp_path: Path, tiny_style: Style) -> None:
    words = (folder, tmp_path / "out", "--style", tiny_style.path)
    run(*words)
    (tmp_path / "out" / "a.jpg").unlink()
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.*")}
    with pytest.raises(SinkUnavailable, match="--resume to paint the rest"):
        run(*words)
    assert "painted 1 of 2 pictures" in run(*words, "--resume").stderr  # one is broken
    (folder / "c.webp").unlink()
    assert (tmp_path / "out" / "a.jpg").exists()
    assert kept and all(path.stat().st_mtime_ns == when for path, when in kept.items())
    assert "already; give -y to paint it anew" in run(*words, "--resume").stderr


def test_a_broken_source_keeps_the_good_old_result(tmp_path: Path, tiny_style: Style) -> None:
    (tmp_path / "in.png").write_bytes(b"broken")
    out = photo(tmp_path / "out.png", (3, 3))
    with pytest.raises(BadPicture):
        run(tmp_path / "in.png", out, "--style", tiny_style.path, "-y")
    assert read_picture(out).shape == (3, 3, 3)


def test_where_nothing_can_be_written_nothing_is_painted(
    folder: Path, tmp_path: Path, tiny_style: Style, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform == "linux":  # where root, too, is refused
        with pytest.raises(SinkUnavailable, match="cannot write to /proc"):
            run(folder, "/proc/livestyle", "--style", tiny_style.path)

    def write(path: Path, _: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", write)
    done = run(folder, tmp_path / "out", "--style", tiny_style.path)
    assert done.exit_code == 1 and done.stderr.count("no space left on device") == 1
    assert "painted 0 of 3 pictures; the same command with --resume goes on" in done.stderr


def test_strokes_as_fine_as_dust_are_told_once(tmp_path: Path, tiny_style: Style) -> None:
    for name in ("a.png", "b.png"):
        photo(tmp_path / "photos" / name, (1700, 1601))
    words = (tmp_path / "photos", tmp_path / "out", "--style", tiny_style.path)
    done = subprocess.run(
        [sys.executable, "-m", "livestyle", "image", *map(str, words)], capture_output=True, text=True
    )
    assert done.stderr.count("at 1700×1601 strokes are as fine as dust; --brush 1 makes them") == 1
    assert "dust" not in run(*words, "-y", "--brush", "1").stderr


def test_a_pipe_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="at -; pipes are not read, give a file"):
        run("-", tmp_path / "o.png")


def test_ctrl_c_in_a_folder_says_how_to_go_on(
    folder: Path, tmp_path: Path, tiny_style: Style, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(path: Path, _: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", press)
    done = run(folder, tmp_path / "out", "--style", tiny_style.path)
    assert done.exit_code == 130 and "the same command with --resume goes on" in done.stderr


def test_wrong_input(tmp_path: Path, tiny_style: Style) -> None:
    source, empty = photo(tmp_path / "in.png"), tmp_path / "empty"
    empty.mkdir()
    for error, arguments in (
        (SourceUnavailable, (tmp_path / "none.png", tmp_path / "o.png")),
        (SourceUnavailable, (empty, tmp_path / "o")),
        (SinkUnavailable, (tmp_path, source)),
        (UsageError, (source, tmp_path / "o.gif")),
        (UsageError, (source, tmp_path / "o.png", "--quality", "0")),
        (UsageError, (source, tmp_path / "o.png", "--strength", "2")),
        (UnknownName, (source, tmp_path / "o.png", "--style", "no-such-style")),
    ):
        with pytest.raises(error) as caught:
            run(*arguments)
        assert "\n" not in str(caught.value)
    assert not list(tmp_path.glob("o*"))


def test_one_line_and_exit_code_for_the_shell(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "livestyle",
        "image",
        str(tmp_path / "none.png"),
        str(tmp_path / "o.png"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == f"livestyle: no picture or folder at {tmp_path / 'none.png'}\n"
