"""Cutouts: masks with known answers, and a real person found by the real network."""

from __future__ import annotations

import threading
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import skimage.data
from screen import wait_for

import livestyle
from livestyle.errors import UnknownName, UsageError, WeightsUnavailable
from livestyle.frame import Frame, Pixels, StreamInfo
from livestyle.live.carousel import Carousel
from livestyle.pictures import Picture, load_picture, write_picture
from livestyle.settings import BACKGROUNDS
from livestyle.styles.style import Style
from livestyle.stylize.cutout.backdrop import GREEN, Backdrop, blur, compose, fill, to_alpha
from livestyle.stylize.cutout.edges import EdgeFollower
from livestyle.stylize.cutout.matte import Matte, seen_size
from livestyle.stylize.cutout.segmenter import OpenVINOSegmenter, PyTorchSegmenter
from livestyle.stylize.cutout.tflite import read_steps
from livestyle.stylize.cutout.weights import NAME, load_network
from livestyle.stylize.stylizer import Controls, Stylizer

RNG = np.random.default_rng(0)
FACE, WALL = np.s_[90:150, 190:250], np.s_[20:80, 330:390]
"""Of the picture below, at its full size of 512×512."""


@pytest.fixture(scope="session")
def person() -> Pixels:
    """A portrait: Eileen Collins, a photo by NASA."""
    return np.ascontiguousarray(skimage.data.astronaut())


@pytest.fixture
def small_person(person: Pixels) -> Pixels:
    return cv2.resize(person, (256, 256), interpolation=cv2.INTER_AREA)


def open_stylizer(style: Style, **controls: object) -> Stylizer:
    return livestyle.load(style.path, "cpu", **controls)  # type: ignore[arg-type]


# Constructed masks


def test_two_pictures_are_mixed_as_the_mask_says() -> None:
    painted, other = np.full((4, 3, 3), 200, np.uint8), np.full((4, 3, 3), 100, np.uint8)
    mask = np.array([[0.0, 0.5, 1.0]] * 4, np.float32)
    assert compose(painted, other, mask)[0, :, 0].tolist() == [100, 150, 200]
    assert to_alpha(mask)[0].tolist() == [0, 128, 255]


def test_a_coarse_mask_gets_the_edge_of_the_picture() -> None:
    large = np.zeros((144, 256, 3), np.uint8)
    large[:, :131] = (200, 90, 30)  # the person ends here
    large[:, 131:] = (40, 110, 180)
    small = cv2.resize(large, (64, 36), interpolation=cv2.INTER_AREA)
    coarse = np.clip((33 - np.arange(64, dtype=np.float32)) / 3 + 0.5, 0, 1)  # ends slowly
    mask = EdgeFollower((36, 64), (144, 256)).follow(np.tile(coarse, (36, 1)), small, large)
    plain = cv2.resize(np.tile(coarse, (36, 1)), (256, 144))
    truth = np.tile(np.arange(256) < 131, (144, 1))
    assert mask.shape == (144, 256) and 0 <= mask.min() <= mask.max() <= 1
    assert np.abs(mask - truth).mean() < 0.5 * np.abs(plain - truth).mean()
    assert (mask[:, :130] > 0.95).all() and (mask[:, 132:] < 0.3).all(), (
        "a clear step where the colour changes"
    )


def test_nothing_of_the_person_shines_through_the_blur() -> None:
    pixels = np.full((80, 80, 3), 50, np.uint8)
    pixels[30:50, 30:50] = 255
    around = np.ones((80, 80), np.float32)
    around[28:52, 28:52] = 0
    assert np.abs(blur(pixels, around).astype(int) - 50).max() <= 2
    assert blur(pixels, np.ones_like(around)).max() > 70, "as it would without the mask"


def test_a_picture_fills_the_frame_from_its_middle() -> None:
    picture = np.zeros((10, 40, 3), np.uint8)
    picture[:, 15:25] = 255
    assert (fill(picture, 20, 20) > 250).all()
    assert fill(picture, 5, 7).shape == (5, 7, 3)


def test_backgrounds_by_name_and_by_file(tmp_path: Path) -> None:
    original, nothing = RNG.integers(0, 256, (6, 8, 3), np.uint8), np.zeros((6, 8), np.float32)
    assert Backdrop("keep").make(original, nothing) is original
    assert (Backdrop("green").make(original, nothing) == GREEN).all()
    write_picture(tmp_path / "red.png", Picture(np.full((9, 9, 3), (200, 0, 0), np.uint8)))
    assert (Backdrop(str(tmp_path / "red.png")).make(original, nothing) == (200, 0, 0)).all()
    with pytest.raises(UsageError, match="no background 'gren'; there are: keep, transparent, green, blur"):
        Backdrop("gren")


@pytest.mark.parametrize("size", [(360, 640), (1080, 1920), (640, 360), (480, 640), (1, 1), (2, 4000)])
def test_the_network_sees_about_the_same_shape(size: tuple[int, int]) -> None:
    height, width = seen_size(*size)
    assert height % 16 == width % 16 == 0 and height * width <= 60_000
    if 0.5 < size[0] / size[1] < 2:
        assert height / width == pytest.approx(size[0] / size[1], rel=0.15)
    assert seen_size(360, 640) == (144, 256)


# A real person


@pytest.mark.usefixtures("people")
def test_both_libraries_find_the_person_alike(small_person: Pixels) -> None:
    steps = load_network()
    ours, theirs = (
        kind(steps, 256, 256).segment(small_person) for kind in (OpenVINOSegmenter, PyTorchSegmenter)
    )
    assert np.abs(ours - theirs).max() < 1e-3
    assert ours[45:75, 95:125].min() > 0.95 and ours[10:40, 165:195].max() < 0.05


@pytest.mark.usefixtures("people")
def test_still_parts_hold_still_and_nothing_drags_behind(small_person: Pixels) -> None:
    matte, alone, restless, steady = Matte(), Matte(), [], []
    noisy = [
        np.clip(small_person + RNG.normal(0, 6, small_person.shape), 0, 255).astype(np.uint8)
        for _ in range(12)
    ]
    for pixels in noisy:
        steady.append(matte.find(pixels, 1 / 30).copy())
        alone.past = None
        restless.append(alone.find(pixels, 0).copy())
    changes = [np.abs(np.diff(masks[4:], axis=0)).mean() for masks in (steady, restless)]
    assert changes[0] < 0.6 * changes[1]
    moved = np.roll(small_person, 50, axis=1)
    cut = np.ascontiguousarray(small_person[::-1] // 2 + 90)
    for pixels in (moved, cut):
        alone.past = None
        assert np.abs(matte.find(pixels, 1 / 30) - alone.find(pixels, 0)).mean() < 0.01, "a ghost"


@pytest.mark.usefixtures("people")
def test_only_the_part_that_was_asked_for_is_painted(tiny_style: Style, person: Pixels) -> None:
    whole = open_stylizer(tiny_style).stylize(person)
    for cutout, painted, kept in (("person", FACE, WALL), ("background", WALL, FACE)):
        picture = open_stylizer(tiny_style, cutout=cutout).stylize(person)
        assert np.array_equal(picture[painted], whole[painted])
        assert np.array_equal(picture[kept], person[kept])
    for background in BACKGROUNDS:
        cut = open_stylizer(tiny_style, cutout="person", background=background, strength=0).paint(person)
        assert np.array_equal(cut.pixels[FACE], person[FACE])
        assert (cut.alpha is not None) == (background == "transparent")
        if cut.alpha is not None:
            assert cut.alpha[FACE].min() == 255 and cut.alpha[WALL].max() == 0
            assert not cut.pixels[WALL].any(), "what cannot be seen is not there"


@pytest.mark.usefixtures("people")
def test_a_clip_goes_on_where_it_was_cut_off(tiny_style: Style, small_person: Pixels) -> None:
    frames = [Frame(np.roll(small_person, 2 * index, axis=1), index, index / 30) for index in range(6)]
    through = open_stylizer(tiny_style, cutout="person", background="transparent")
    expected = [through(frame) for frame in frames]
    first, second = (open_stylizer(tiny_style, cutout="person", background="transparent") for _ in range(2))
    for frame in frames[:3]:
        first(frame)
    second.restore(first.snapshot())
    for frame, want in zip(frames[3:], expected[3:], strict=True):
        got = second(frame)
        assert np.array_equal(got.pixels, want.pixels)
        assert got.alpha is not None and want.alpha is not None and np.array_equal(got.alpha, want.alpha)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("name", ["out.webm", "out.mov", "out.mkv", "out.gif", "%02d.png"])
def test_files_keep_what_was_cut_out(
    name: str, tiny_style: Style, small_person: Pixels, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.mp4", tmp_path / name
    with av.open(str(source), "w") as container:
        video = container.add_stream("libx264", rate=10)
        video.width = video.height = 256
        for _ in range(3):
            container.mux(video.encode(av.VideoFrame.from_ndarray(small_person, format="rgb24")))
        container.mux(video.encode(None))
    livestyle.stylize_video(source, out, style=tiny_style.path, cutout="person", background="transparent")
    if name.endswith("png"):
        picture = load_picture(tmp_path / "01.png")
        assert picture.alpha is not None
        alpha = picture.alpha
    else:
        with av.open(str(out)) as container:
            stream = container.streams.video[0]
            decoder = av.CodecContext.create("libvpx-vp9" if stream.name == "vp9" else stream.name, "r")
            decoder.extradata = stream.codec_context.extradata
            (first, *_) = [f for packet in container.demux(stream) for f in decoder.decode(packet)]
        alpha = first.to_ndarray(format="rgba")[..., 3]
    assert alpha[45:75, 95:125].min() > 240 and alpha[10:40, 165:195].max() < 16


def test_files_that_hold_no_transparency_say_which_do(
    people: None, tiny_style: Style, make_clip: object, tmp_path: Path, person: Pixels
) -> None:
    cut = {"style": tiny_style.path, "cutout": "person", "background": "transparent"}
    clip = make_clip()  # type: ignore[operator]
    write_picture(tmp_path / "in.png", Picture(person))
    for paint, source, out, text in (
        (livestyle.stylize_video, clip, "out.mp4", "a .mp4 file holds no transparency; these do: .mov, .mkv"),
        (livestyle.stylize_image, tmp_path / "in.png", "out.jpg", "a .jpg picture holds no transparency"),
    ):
        with pytest.raises(UsageError, match=text):
            paint(source, tmp_path / out, **cut)
        assert not (tmp_path / out).exists()
    livestyle.stylize_image(tmp_path / "in.png", tmp_path / "out.png", **cut)
    alpha = load_picture(tmp_path / "out.png").alpha
    assert alpha is not None and alpha[FACE].min() == 255 and alpha[WALL].max() == 0


# Where the network comes from


def test_a_network_that_is_damaged_or_none_is_one_clear_error(livestyle_home: Path) -> None:
    (livestyle_home / "weights").mkdir(parents=True)
    (livestyle_home / "weights" / NAME).write_bytes(b"damaged")
    with pytest.raises(WeightsUnavailable, match=f"{NAME} is damaged; delete it"):
        load_network()


@pytest.mark.usefixtures("people_weights")
def test_what_is_no_network_is_refused(people_weights: bytes) -> None:
    for data in (b"", b"damaged", bytes(64), people_weights[:50_000], RNG.bytes(5000)):
        with pytest.raises(ValueError, match="not a network"):
            read_steps(data)


# Switched while frames flow


@pytest.mark.usefixtures("people")
def test_a_cutout_is_made_ready_in_the_background(tiny_style: Style) -> None:
    stylizer = Stylizer(Controls(style=str(tiny_style.path)), "cpu")
    carousel = Carousel(stylizer, [], StreamInfo(64, 48, 30, live=True), pytest.fail)
    wanted = Controls(style=str(tiny_style.path), cutout="person")
    carousel.set(wanted)
    wait_for(lambda: carousel.ready("") == wanted)
    assert not [thread for thread in threading.enumerate() if thread.name == "style" and thread.is_alive()]


def test_a_cutout_that_cannot_be_is_said_and_all_is_painted(tiny_style: Style, livestyle_home: Path) -> None:
    (livestyle_home / "weights").mkdir(parents=True)
    (livestyle_home / "weights" / NAME).write_bytes(b"damaged")
    said: list[str] = []
    stylizer = Stylizer(Controls(style=str(tiny_style.path)), "cpu")
    carousel = Carousel(stylizer, [], StreamInfo(64, 48, 30, live=True), said.append)
    carousel.set(Controls(style=str(tiny_style.path), cutout="person"))
    wait_for(lambda: said)
    assert "damaged" in said[0] and carousel.ready("").cutout == "none"


def test_there_are_three_cutouts() -> None:
    with pytest.raises(UnknownName, match="did you mean 'person'"):
        Controls(cutout="persons")
