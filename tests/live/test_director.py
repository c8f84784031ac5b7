import threading
from dataclasses import replace

import pytest
from conftest import write_random_style
from screen import wait_for

from livestyle.frame import StreamInfo
from livestyle.live.carousel import Carousel
from livestyle.live.director import Director
from livestyle.live.playlist import Playlist, Scene
from livestyle.live.show import Show
from livestyle.stylize.stylizer import Controls, Stylizer

SCENES = (
    Scene("aaa", 0.3, fade=2.0),
    Scene("bbb", 0.3, strength=0.5, keep_colors=True, brush=2.0, fade=3.0),
    Scene("bbb", 0.3, strength=0.7, fade=0.0),
)
PLAIN = Controls(style="aaa", strength=0.9)


class Player:
    """Plays scenes, and keeps what was painted by and faded while each was there."""

    def __init__(self, scenes=SCENES):
        stylizer = Stylizer(PLAIN)
        self.carousel = Carousel(stylizer, ["aaa", "bbb"], StreamInfo(32, 24, 30, live=True), self._fail)
        self.show = Show(stylizer, self.carousel.ready)
        self.ended = threading.Event()
        director = Director(Playlist(scenes), self.carousel, self.show)
        self._thread = threading.Thread(target=director.play, args=(self.ended,))

    def play(self, count):
        """Return the fade and the controls of the next *count* scenes that change anything."""
        if not self._thread.ident:
            self._thread.start()
        seen, before = [], self.carousel.wanted
        while len(seen) < count:
            wait_for(lambda before=before: self.carousel.wanted != before)
            before = self.carousel.wanted
            assert self.carousel.ready(PLAIN) == before, "it was not made ready before its time"
            seen.append((self.show.next_fade_seconds, before))
        return seen

    def stop(self):
        self.ended.set()
        self._thread.join(20)

    def _fail(self, text):
        raise AssertionError(text)


@pytest.fixture
def player(livestyle_home):
    for name in ("aaa", "bbb"):
        write_random_style(livestyle_home / "styles" / f"{name}.safetensors")
    player = Player()
    yield player
    player.stop()


def test_scenes_come_whole_and_in_their_own_time_and_leave_no_trace(player):
    middle = (3.0, replace(PLAIN, style="bbb", strength=0.5, keep_colors=True, brush=2.0))
    last = (0.0, replace(PLAIN, style="bbb", strength=0.7))
    assert player.play(5) == [middle, last, (2.0, PLAIN), middle, last]


def test_what_keys_set_meanwhile_stays_but_what_scenes_set(player):
    player.play(1)
    player.carousel.set(replace(player.carousel.wanted, stability=0.1, strength=0.2))
    assert [controls for _, controls in player.play(2)] == [
        replace(PLAIN, style="bbb", strength=0.7, stability=0.1),
        replace(PLAIN, stability=0.1),
    ]
