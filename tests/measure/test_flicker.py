"""Clips with known motion, painters with known answers, and the report of them."""

import json
import re
import subprocess
import sys

import av
import cv2
import numpy as np
import pytest

from livestyle.cli.flicker import print_json
from livestyle.errors import SourceUnavailable
from livestyle.frame import Frame
from livestyle.measure import flicker
from livestyle.measure.report import make_report, nice_top
from livestyle.measure.trial import Trial, try_pair


class Painter:
    """Paints with *change*, a function of the picture."""

    def __init__(self, change):
        self.stylize = lambda pixels, elapsed: np.clip(np.rint(change(pixels.astype(float))), 0, 255).astype(
            np.uint8
        )

    def reset(self):
        pass


@pytest.fixture(scope="module")
def clip():
    """A pan over soft texture in the middle tones: 20 pictures, (120, 160, 3)."""
    noise = np.random.default_rng(12).uniform(0, 255, (120, 240, 3)).astype(np.float32)
    texture = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 2.5), None, 70, 160, cv2.NORM_MINMAX).astype(
        np.uint8
    )
    return [np.ascontiguousarray(texture[:, n : n + 160]) for n in range(20)]


def measure(clip, **painters):
    return flicker.measure_clip(
        ((pixels, 1 / 30) for pixels in clip), {"source": flicker.Source(), **painters}
    )


def test_boiling_of_known_size(clip):
    random = np.random.default_rng(13)
    tracks = measure(clip, boiling=Painter(lambda picture: picture + random.normal(0, 8, picture.shape)))
    added = np.mean(tracks["boiling"].errors) - np.mean(tracks["source"].errors)
    assert added == pytest.approx(2 * (8**2 + 1 / 12) / 255**2, rel=0.05)


def test_a_painter_that_doubles_contrast(clip):
    tracks = measure(clip, double=Painter(lambda picture: (picture - 115) * 2 + 115))
    figures = flicker.summarize(tracks["double"], tracks["source"])
    assert figures["contrast"] == pytest.approx(2, rel=0.01)
    assert figures["sharpness"] == pytest.approx(4, rel=0.01), "a variance"
    assert figures["warping_error"] == pytest.approx(4 * np.mean(tracks["source"].errors), rel=0.01)


def test_moments_are_few_and_evenly_spread(clip):
    track = measure(clip * 3)["source"]
    numbers = [index for index, _, _ in track.moments]
    assert len(numbers) <= flicker.MOST_MOMENTS
    assert len(set(np.diff(numbers))) == 1 and numbers[-1] > 40


def test_one_picture_cannot_flicker(clip):
    with pytest.raises(SourceUnavailable, match="at least two frames"):
        measure(clip[:1])


def test_a_clip_that_is_too_small_for_motion(clip):
    with pytest.raises(SourceUnavailable, match="no motion can be seen in 40×10; each side needs 12 pixels"):
        measure([np.ascontiguousarray(pixels[:10, :40]) for pixels in clip])


def test_where_no_two_frames_show_the_same_nothing_is_told(tmp_path, capsys):
    track = flicker.Track(errors=[float("nan")], details=[1, 1], contrasts=[1, 1])
    trial = Trial("noise", "two frames", {"noise": flicker.summarize(track, track)}, {"noise": track})
    print_json(trial)
    told = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert told["figures"]["noise"]["warping_error"] is None and told["errors"]["noise"] == [None]
    assert "nan" not in make_report(trial)


@pytest.mark.slow
@pytest.mark.timeout(500)
def test_a_clip_that_begins_in_black_is_probed_in_its_middle(clip, tmp_path):
    with av.open(str(tmp_path / "fade.mkv"), "w") as file:
        stream = file.add_stream("ffv1", rate=25, width=160, height=120, pix_fmt="bgr0")
        for pixels in [clip[0] * 0, clip[0], clip[1]]:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode())
    done = livestyle("--clip", tmp_path / "fade.mkv", "--json", seconds=400)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["figures"]["stability 0"]["light_ramp_gain"] > 0


def test_large_frames_are_scaled_and_times_kept():
    frames = [Frame(np.zeros((720, 1280, 3), np.uint8), n, n / 25) for n in range(5)]
    played = list(flicker.play(frames, 3))
    assert [pixels.shape for pixels, _ in played] == [(360, 640, 3)] * 3
    assert [elapsed for _, elapsed in played] == pytest.approx([0, 0.04, 0.04])


@pytest.fixture(scope="module")
def clips(clip, tmp_path_factory):
    """The pan as a lossless file, and the same with every other frame 10 levels lighter, a frame shorter."""
    folder = tmp_path_factory.mktemp("clips")
    flashing = [pixels + 10 * (n % 2) for n, pixels in enumerate(clip[:-1])]
    for name, pictures in (("in.mkv", clip), ("out.mkv", flashing)):
        with av.open(str(folder / name), "w") as file:
            stream = file.add_stream("ffv1", rate=25, width=160, height=120, pix_fmt="bgr0")
            for pixels in pictures:
                file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels.astype(np.uint8), format="rgb24")))
            file.mux(stream.encode())
    return folder / "in.mkv", folder / "out.mkv"


def test_a_pair_of_clips(clips):
    trial = try_pair(*clips)
    assert len(trial.tracks["source"].details) == 19, "the shorter one ends it"
    out, source = trial.figures["out.mkv"], trial.figures["source"]
    assert out["warping_error"] - source["warping_error"] == pytest.approx((10 / 255) ** 2, rel=0.01)
    assert out["sharpness"] == pytest.approx(1, rel=0.01)


def test_the_report_needs_nothing_but_itself(clips):
    page = make_report(try_pair(*clips))
    assert not re.findall(r"(?:src|href)=\"(?!data:)|url\(|https?:", page)
    assert page.count("<polyline") == 2
    assert page.count("data:image/jpeg;base64,") >= 8


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (0.9, 1), (1, 1), (3.1, 4), (47, 80), (90, 100), (0.00031, 0.0004)]
)
def test_the_plots_scale(value, top):
    assert nice_top(value) == pytest.approx(top)


def livestyle(*arguments, seconds=100):
    return subprocess.run(
        [sys.executable, "-m", "livestyle", "flicker", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=seconds,
    )


def test_the_command_prints_json_and_writes_the_page(clips, tmp_path):
    done = livestyle(*clips, "--json", "--report", tmp_path / "report.html")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told["figures"]) == {"source", "out.mkv"}
    assert len(told["errors"]["out.mkv"]) == 18
    assert "<svg" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["in.mkv"], "give two clips"),
        (["in.mkv", "out.mkv", "--style", "candy"], "leave --style and the like out"),
        (["in.mkv", "out.mkv", "--tier", "hq"], "leave --style and the like out"),
        (["in.mkv", "out.mkv", "--device", "cpu"], "leave --style and the like out"),
        (["missing.mkv", "out.mkv"], "no clip at missing.mkv"),
        (["--report", "/no/such/folder/report.html"], "no folder /no/such/folder"),
        (["--report", "/"], "/ is a folder; write --report into a file"),
        (["--report", "photo.jpg"], "a web page, not photo.jpg; end its name in .html"),
    ],
)
def test_wrong_use_is_one_line(arguments, told):
    done = livestyle(*arguments)
    assert done.returncode == 2
    assert told in done.stderr and done.stderr.count("\n") == 1 and not done.stdout
