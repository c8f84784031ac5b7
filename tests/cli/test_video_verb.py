"""``livestyle video`` as a user runs it: what it prints, how it ends, what it leaves."""

from __future__ import annotations

import errno
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from signals import SENT
from typer.testing import CliRunner

from livestyle.cli import app
from livestyle.cli.reporting import Reporter
from livestyle.cli.video import describe
from livestyle.errors import StageError, UnknownName
from livestyle.jobs.batch import Outcome
from livestyle.jobs.video import Progress, VideoJob, VideoReport
from livestyle.styles.style import Style

MakeClip = Callable[..., Path]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "livestyle", "video", *map(str, arguments)]


def test_one_line_tells_what_was_done(make_clip: MakeClip, tiny_style: Style, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    done = subprocess.run(
        command(make_clip(), out, "--style", tiny_style.path, "--device", "cpu"),
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{out}: 12 frames, ")
    assert " cpu " in done.stdout
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("missing.mp4", "out.mp4"), "no such file"),
        (("clip.mp4", "out.doc"), "'.doc'"),
        (("clip.mp4", "clip.mp4"), "is what is painted from"),
        (("clip.mp4", "out.mp4", "--preview", "photo.jpg"), "photo.jpg exists; give -y"),
        (
            ("clip.mp4", "back.gif", "-y", "--cutout", "person", "--background", "back.gif"),
            "back.gif is what is painted from",
        ),
        (("clip.mp4", "out.mp4", "--preview", "clip.mp4"), "clip.mp4 is what is painted from"),
        (("clip.mp4", "out.mp4", "--quality", "best"), "quality"),
        (
            ("clip.mp4", "out.mp4", "--quality", "lossless", "--bitrate", "1M"),
            "leave --bitrate or lossless out",
        ),
        (("clip.mp4", "out.mp4", "--strength", "3"), "strength must be between 0"),
        (
            ("clip.mp4", "out.mp4", "--bitrate", "6000"),
            "to 1000M bits per second, not 6000; did you mean 6000k?",
        ),
        (("clip.mp4", "out.mp4", "--bitrate", "0"), "from 10k to 1000M bits per second, not 0\n"),
        (("clip.mp4", "out_%03d_%03d.png"), "its name one number, like %d or %05d"),
        (("clip.mp4", "out_%5d.png"), "its name one number, like %d or %05d"),
        (("clip.mp4", "out.mp4", "--bitrate", "9999M"), "from 10k to 1000M"),
        (("clip.mp4", "out.mp4", "--preview", "no/where.png"), "there is no folder no; create it first"),
        (("clip.mp4", "out.mp4", "--start", "1:39", "--duration", "1"), "no frame after 99 s"),
        (("clip.mp4", "out.mp4", "--start", "1:39"), "no frame after 99 s"),
        (("clip.mp4", "out.mp4", "--start", "soon"), "no length of time: 'soon'"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], text: str,
) -> None:  # fmt: skip
    from livestyle.cli import main

    make_clip()
    for name in ("photo.jpg", "back.gif"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["livestyle", "video", *arguments, "--style", str(tiny_style.path)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    told = capsys.readouterr()
    assert text in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert not list(tmp_path.glob("out*"))


def stop_midway(clip: Path, out: Path, style: Style, number: int, *words: str) -> tuple[int, str]:
    """Send the signal *number* to a command that paints; return its exit code, and what it said."""
    with subprocess.Popen(
        command(clip, out, "--style", style.path, "--device", "cpu", *words),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        while not list(out.parent.glob(f"{out.name}*.partial")):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
    return process.returncode, told


@SENT
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_finishes_the_file(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path, number: int, code: int
) -> None:
    out = tmp_path / "out.mp4"
    ended, told = stop_midway(make_clip(frames=1000, size=(160, 120)), out, tiny_style, number)
    assert ended == code
    assert "the file holds what was done" in told
    with av.open(str(out)) as container:
        assert 0 < sum(1 for _ in container.decode(video=0)) < 1000
    assert not list(tmp_path.glob("*.partial"))


@SENT
def test_a_signal_leaves_the_old_file_as_it_was(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    out.write_text("painted whole")
    clip = make_clip(frames=1000, size=(160, 120))
    ended, told = stop_midway(clip, out, tiny_style, signal.SIGINT, "-y")
    (left,) = tmp_path.glob("out.mp4.*.partial")
    assert ended == 130 and out.read_text() == "painted whole"
    assert f"{out} is the old one, what was done is in {left}" in told
    with av.open(str(left)) as container:
        assert 0 < sum(1 for _ in container.decode(video=0)) < 1000


def test_json_tells_where_the_frames_are(tmp_path: Path) -> None:
    report = VideoReport(tmp_path / "out.mp4.7.partial", 70, 30.0, 1.0, "cpu", True, {})
    told = describe(Outcome(tmp_path / "in.mp4", tmp_path / "out.mp4", "stopped", report))
    assert told["out"] == str(report.path)


def test_lines_of_json_end_with_one_more(make_clip: MakeClip, tiny_style: Style, tmp_path: Path) -> None:
    words = [str(make_clip()), str(tmp_path / "out.mp4"), "--style", str(tiny_style.path)]
    done = CliRunner().invoke(app, ["video", *words, "--json", "--progress", "json"])
    *_, last = map(json.loads, done.stdout.splitlines())
    assert last[0]["state"] == "painted" and last[0]["frames"] == 12


def test_programs_are_told_of_videos_that_fail(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(make_clip().read_bytes()[:400])
    words = ["video", str(make_clip()), str(broken), "--into", str(tmp_path / "out")]
    done = CliRunner().invoke(app, [*words, "--style", str(tiny_style.path), "--progress", "json"])
    told = {line["source"]: line for line in map(json.loads, done.stdout.splitlines()) if line["done"]}
    assert done.exit_code == 1
    assert "broken.mp4" in told[str(broken)]["error"] and "error" not in told[str(make_clip())]


def test_what_cannot_be_painted_makes_no_folder(make_clip: MakeClip, tmp_path: Path) -> None:
    words = [str(make_clip()), "--into", str(tmp_path / "new" / "x"), "--style", "nope"]
    assert isinstance(CliRunner().invoke(app, ["video", *words]).exception, UnknownName)
    assert not (tmp_path / "new").exists()


def test_stats_tell_where_the_time_went(make_clip: MakeClip, tiny_style: Style, tmp_path: Path) -> None:
    done = subprocess.run(
        command(make_clip(), tmp_path / "out.mp4", "--style", tiny_style.path, "--stats"),
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    stages = {line.split()[0]: line for line in done.stderr.splitlines()}
    assert set(stages) == {"source", "stylizer", "file"}
    assert all("ms per frame" in line for line in stages.values())


def test_on_a_cpu_it_starts_without_pytorch(make_clip: MakeClip, tiny_style: Style, tmp_path: Path) -> None:
    """Importing it takes longer than all else until the first frame."""
    pytest.importorskip("openvino")
    script = (
        "import sys, livestyle.cli\n"
        f"sys.argv = {['livestyle', *command(make_clip(), tmp_path / 'out.mp4')[3:]]!r}\n"
        f"sys.argv += ['--style', {str(tiny_style.path)!r}, '--device', 'cpu']\n"
        "livestyle.cli.app(standalone_mode=False)\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_nobody_is_told_what_runs(make_clip: MakeClip, tiny_style: Style, tmp_path: Path) -> None:
    """OpenVINO comes with a part that tells Google Analytics of each import."""
    pytest.importorskip("openvino")
    arguments = [*command(make_clip(), tmp_path / "out.mp4")[1:], "--style", str(tiny_style.path)]
    told = [sys.executable, "-X", "importtime", *arguments, "--backend", "openvino"]
    done = subprocess.run(told, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "openvino" in imported and not any("telemetry" in name for name in imported)


def test_resuming_what_is_done_is_no_failure(
    make_clip: MakeClip, tiny_style: Style, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from livestyle.cli import main

    out = tmp_path / "out.mp4"
    out.write_text("painted")
    arguments = [str(make_clip()), str(out), "--resume", "--style", str(tiny_style.path), "--device", "cpu"]
    monkeypatch.setattr(sys, "argv", ["livestyle", "video", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    assert "is there already" in capsys.readouterr().err
    assert out.read_text() == "painted"


def test_progress_that_cannot_be_told_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("builtins.print", refuse)
    with pytest.raises(StageError, match="cannot tell the progress: input/output error"):
        Reporter("json").show(VideoJob(Path("a.mp4"), Path("b.mp4")), Progress(1, 1, 1.0, 1.0, 0.0), None)
