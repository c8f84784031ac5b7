import threading
import time

import pytest
from conftest import write_random_style

from livestyle.errors import LivestyleError
from livestyle.live.playlist import Playlist, Scene, read_playlist


@pytest.fixture
def write(tmp_path, livestyle_home, monkeypatch):
    """A function that writes a playlist, in a home with one style: aaa."""
    write_random_style(livestyle_home / "styles" / "aaa.safetensors")

    monkeypatch.chdir(tmp_path)

    def write(text):
        path = tmp_path / "show.toml"
        path.write_text(text)
        return path

    return write


def test_a_file_says_which_style_when(write):
    playlist = read_playlist(
        write(
            "repeat = false\n[[scene]]\nstyle = 'aaa'\nseconds = 2\n"
            "[[scene]]\nstyle='aaa'\nstrength=0.5\nfade=3"
        )
    )
    assert playlist == Playlist([Scene("aaa", 2), Scene("aaa", strength=0.5, fade=3)], repeat=False)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[scene]]\nstyle = 'aab'", "did you mean 'aaa'"),
        ("[[scene]]\nseconds = 2", "must have a style"),
        ("[[scene]]\nstyle = 'aaa'\nspeed = 2", "may have .*fade.*, not speed"),
        ("[[scene]]\nstyle = 'aaa'\nseconds = '2'", "numbers"),
        (
            "[[scene]]\nstyle = 'aaa'\n[[scene]]\nstyle = 'aaa'\nseconds = 0",
            "scene 2: seconds must",
        ),
        ("[[scene]]\nstyle = 'aaa'\nkeep_colors = 1", "keep_colors must be true or false"),
        ("[[scene]]\nstyle = 'aaa'\nbrush = 3", "brush must be"),
        ("[[scene]]\nstyle = 3", "style must be texts"),
        ("[[scene]]\nstyle = 'aaa'\ncutout = 'persn'", "did you mean 'person'"),
        ("[[scene]]\nstyle = 'aaa'\nbackground = 'none.jpg'", "no background 'none.jpg'"),
        ("[[scene]]\nstyle = 'aaa'\nbackground = 'show.toml'", "show.toml"),
        ("scene = [1]", r"\[\[scene\]\]"),
        ("scene = 3", r"\[\[scene\]\]"),
        ("", r"\[\[scene\]\]"),
        ("a b c", "not a playlist"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(write, text, says):
    with pytest.raises(LivestyleError, match=says) as caught:
        read_playlist(write(text))
    assert "\n" not in str(caught.value)


def test_scenes_may_cut_out(write):
    told = "[[scene]]\nstyle = 'aaa'\ncutout = 'person'\nbackground = '{}'"
    assert read_playlist(write(told.format("blur"))).scenes == [
        Scene("aaa", cutout="person", background="blur")
    ]
    assert read_playlist(write(told.format("transparent"))).cuts_out
    assert not read_playlist(write(told.format("green"))).cuts_out


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(LivestyleError, match="cannot read"):
        read_playlist(tmp_path / "none.toml")


def test_scenes_come_when_their_time_has_come_and_again():
    seen = []
    ended = threading.Event()

    def show(scene):
        seen.append((scene.style, time.perf_counter()))
        if len(seen) == 5:
            ended.set()

    prepared = []
    Playlist([Scene("a", 0.2), Scene("b", 0.1)]).play(lambda s: prepared.append(s.style), show, ended)
    assert [style for style, _ in seen] == list("ababa")
    assert prepared == list("ababa")
    assert 0.19 < seen[1][1] - seen[0][1] < 2


def test_without_repeat_the_last_stays():
    seen = []
    Playlist([Scene("a", 0.1), Scene("b", 60)], repeat=False).play(
        lambda s: None, lambda s: seen.append(s.style), threading.Event()
    )
    assert seen == ["a", "b"]
