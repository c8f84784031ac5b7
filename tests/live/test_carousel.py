import pytest
from conftest import write_random_style
from screen import wait_for

from livestyle.frame import StreamInfo
from livestyle.live.carousel import Carousel
from livestyle.stylize.governor import Governor
from livestyle.stylize.stylizer import Controls, Stylizer

NAMES = ["aaa", "bbb", "ccc"]
AAA = Controls(style="aaa")


@pytest.fixture
def said():
    return []


@pytest.fixture
def stylizer(livestyle_home):
    for name in NAMES:
        write_random_style(livestyle_home / "styles" / f"{name}.safetensors")
    return Stylizer(Controls(style="aaa"))


@pytest.fixture
def carousel(stylizer, said):
    return Carousel(stylizer, NAMES, StreamInfo(32, 24, 30, live=True), said.append)


def test_the_first_style_is_ready_at_all_sizes_before_a_frame_comes(stylizer, said, monkeypatch):
    painted = []

    class Easel:
        description = "an easel"

        def paint(self, pixels):
            painted.append(pixels.shape[:2])
            return pixels

    monkeypatch.setattr("livestyle.stylize.stylizer.open_backend", lambda *_: Easel())
    governed = Stylizer(AAA, governor=Governor(30))
    Carousel(governed, NAMES, StreamInfo(320, 240, 30, live=True), said.append)
    assert sorted(painted) == [(90, 120), (120, 160), (180, 240), (240, 320)]


def test_it_goes_round_both_ways_and_by_number(carousel, stylizer):
    for act, style in (
        (lambda: carousel.step(1), "bbb"),
        (lambda: carousel.step(1), "ccc"),
        (lambda: carousel.step(1), "aaa"),
        (lambda: carousel.step(-1), "ccc"),
        (lambda: carousel.pick(2), "bbb"),
    ):
        act()
        wait_for(lambda style=style: carousel.ready(AAA).style == style)
    carousel.pick(9)
    assert carousel.wanted.style == "bbb"


def test_the_last_of_many_choices_wins(carousel, stylizer):
    for _ in range(7):
        carousel.step(1)
    wait_for(lambda: carousel.ready(AAA).style == "bbb")
    assert carousel.wanted.style == "bbb"


def test_a_style_that_cannot_be_used_is_said_and_the_old_one_stays(carousel, stylizer, said, livestyle_home):
    (livestyle_home / "styles" / "bbb.safetensors").write_bytes(b"broken")
    carousel.step(1)
    wait_for(lambda: said)
    assert "bbb" in said[0]
    assert carousel.ready(AAA).style == carousel.wanted.style == "aaa"


def test_a_device_without_memory_for_another_style_is_said(carousel, stylizer, said, monkeypatch):
    def warm(*_):
        raise RuntimeError("CUDA out of memory.\nTried to allocate")

    monkeypatch.setattr(type(stylizer), "warm", warm)
    carousel.step(1)
    wait_for(lambda: said)
    assert said == ["CUDA out of memory."]
    assert carousel.ready(AAA).style == carousel.wanted.style == "aaa"
    carousel.prepare(Controls(style="ccc"))  # by a playlist: told when it is set


def test_a_brush_is_made_ready_like_a_style(carousel, stylizer):
    broad = Controls(style="aaa", brush=2.0, keep_colors=True)
    carousel.set(broad)
    assert carousel.ready(AAA).keep_colors  # at once, whatever the brush
    wait_for(lambda: carousel.ready(AAA) == broad)
    assert stylizer.is_warm(broad) and stylizer.is_warm(AAA)


def test_of_many_brushes_only_the_last_is_kept(carousel, stylizer):
    for brush in (0.8, 1.0, 1.2, 1.5):
        carousel.set(Controls(style="aaa", brush=brush))
    wait_for(lambda: carousel.ready(AAA).brush == 1.5)
    assert [brush for brush in (0.8, 1.0, 1.2) if stylizer.is_warm(Controls(style="aaa", brush=brush))] == []


def test_a_style_whose_file_is_gone_is_passed_by(carousel, livestyle_home, said):
    (livestyle_home / "styles" / "bbb.safetensors").unlink()
    carousel.step(1)
    wait_for(lambda: said and carousel.wanted.style == "aaa")
    carousel.step(1)
    assert carousel.wanted.style == "ccc"
    carousel.step(-1)
    assert carousel.wanted.style == "aaa"
    carousel.set(Controls(style="aaa", tier="hq"))  # which it is not there in
    wait_for(lambda: len(said) == 2)
    carousel.step(1)
    carousel.step(-1)
    assert carousel.wanted.style == "aaa"
    write_random_style(livestyle_home / "styles" / "bbb.safetensors")
    carousel.pick(2)
    wait_for(lambda: carousel.ready(AAA).style == "bbb")
