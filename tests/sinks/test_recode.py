"""Sound that is encoded again is heard when it was, whatever its channels are called."""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import copy_clip

from livestyle.sinks.recode import SoundRecoder, sounds

CLICK_SECONDS = 0.5


def click(rate: int, layout: str, seconds: float, at: float | None = CLICK_SECONDS) -> av.AudioFrame:
    """Return silence with one click in it, *at* so many seconds; None: without."""
    wave = np.zeros(round(rate * seconds), np.float32)
    if at is not None:
        begin = round(rate * at)
        wave[begin : begin + 96] = 0.9 * np.sin(2 * np.pi * 3000 * np.arange(96) / rate)
    channels = len(av.AudioLayout(layout).channels)
    sound = av.AudioFrame.from_ndarray(np.repeat(wave[None], channels, 0), "fltp", layout)
    sound.sample_rate = rate
    return sound


def write_click(path: Path, codec: str, layout: str) -> Path:
    """Write a second of silence with one click in it, under a grey picture."""
    rate = 48000
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        tone = container.add_stream(codec, rate=rate, layout=layout)
        tone.bit_rate = 128_000
        grey = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 128, np.uint8), "rgb24")
        for index in range(25):
            grey.pts, grey.time_base = index, Fraction(1, 25)
            container.mux(video.encode(grey))
        container.mux(tone.encode(click(rate, layout, 1.0)))
        container.mux([*video.encode(None), *tone.encode(None)])
    return path


def write_two_kinds(path: Path, rate: int, layout: str) -> Path:
    """Write 0.512 s of silence in stereo at 48 kHz, then a second as said with one click in it."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg2video", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        tone = container.add_stream("ac3", rate=48000, layout="stereo")
        second = av.CodecContext.create("ac3", "w")
        second.sample_rate, second.layout, second.format = rate, layout, "fltp"
        second.time_base, second.bit_rate = Fraction(1, rate), 448_000
        grey = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 128, np.uint8), "rgb24")
        for index in range(38):
            grey.pts, grey.time_base = index, Fraction(1, 25)
            container.mux(video.encode(grey))
        container.mux(video.encode(None))
        container.mux([*tone.encode(click(48000, "stereo", 0.512, at=None)), *tone.encode(None)])
        sound = click(rate, layout, 1.0)
        sound.pts, sound.time_base = round(0.512 * rate), Fraction(1, rate)
        for packet in [*second.encode(sound), *second.encode(None)]:
            packet.stream = tone
            container.mux(packet)
    return path


def change_sound(path: Path, change: Callable[[av.Packet, float], av.Packet | None]) -> Path:
    """Write a copy of *path* with each packet of sound as *change* makes it of packet and second."""
    changed = path.with_name(f"changed{path.suffix}")
    with av.open(str(path)) as source, av.open(str(changed), "w") as copy:
        targets = [copy.add_stream_from_template(stream) for stream in source.streams]
        for packet in source.demux():
            number = packet.stream_index
            made: av.Packet | None = packet if packet.size else None
            if made and source.streams[number].type == "audio":
                made = change(packet, float(packet.pts * packet.time_base))
            if made:
                made.stream = targets[number]
                copy.mux(made)
    return changed


def lose(packet: av.Packet, second: float) -> av.Packet | None:
    """Leave out what is from 0.1 to 0.4 s."""
    return None if 0.1 <= second < 0.4 else packet


def damage(packet: av.Packet, second: float) -> av.Packet:
    """Make what is from 0.1 to 0.4 s such that nothing decodes it."""
    if not 0.1 <= second < 0.4:
        return packet
    bad = av.Packet(b"\xff" * packet.size)
    bad.pts, bad.dts, bad.time_base = packet.pts, packet.dts, packet.time_base
    return bad


def overlap(packet: av.Packet, second: float) -> av.Packet:
    """Let what is from 0.1 to 0.4 s begin in a third of the time, and all after it 0.2 s sooner."""
    sooner = round(2 / 3 * min(max(second - 0.1, 0), 0.3) / packet.time_base)
    packet.pts -= sooner
    packet.dts -= sooner
    return packet


def hear_click(path: Path) -> float:
    """Return when the click comes, in seconds after the first picture."""
    with av.open(str(path)) as container:
        begin = next(container.decode(video=0)).time
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", "mono", 48000)
        for decoded in container.decode(audio=0):
            for frame in resampler.resample(decoded):
                loud = np.flatnonzero(np.abs(frame.to_ndarray()[0]) > 0.2)
                if len(loud) and frame.time is not None:
                    return frame.time + loud[0] / 48000 - begin
    raise AssertionError("no click")


@pytest.mark.parametrize(
    ("name", "codec", "layout", "late"),
    [
        ("in.wmv", "wmav2", "mono", 2048),  # samples that the codec is late by itself
        ("in.ts", "ac3", "5.1(side)", 256),
        ("in.mov", "pcm_s16le", "stereo", 0),
    ],
)
@pytest.mark.parametrize("ending", [".webm", ".mp4"])
def test_a_click_stays_where_it_was(
    tmp_path: Path,
    name: str,
    codec: str,
    layout: str,
    late: int,
    ending: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    out = copy_clip(write_click(tmp_path / name, codec, layout), tmp_path / f"out{ending}")
    assert hear_click(out) == pytest.approx(CLICK_SECONDS + late / 48000, abs=0.002)
    if ending == ".webm":
        assert f"webm cannot hold {codec}" in caplog.text


def test_sound_that_ffmpeg_lists_and_then_refuses_is_encoded_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = write_click(tmp_path / "in.mkv", "libopus", "stereo")
    out = copy_clip(source, tmp_path / "out.mov")
    assert "re-encoded: mov cannot hold opus" in caplog.text
    assert hear_click(out) == pytest.approx(hear_click(source), abs=0.003)


def test_pcm_whose_channels_have_no_name_is_copied(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    out = copy_clip(write_click(tmp_path / "in.mkv", "pcm_s16le", "stereo"), tmp_path / "out.mp4")
    assert not caplog.text
    with av.open(str(out)) as container:
        assert container.streams.audio[0].codec_context.name == "pcm_s16le"
    assert hear_click(out) == pytest.approx(CLICK_SECONDS, abs=0.001)


@pytest.mark.parametrize(("change", "sooner"), [(lose, 0), (damage, 0), (overlap, 0.2)])
@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_a_click_stays_where_it_was_after_what_is_missing_or_twice(
    tmp_path: Path,
    change: Callable[[av.Packet, float], av.Packet | None],
    sooner: float,
    layout: str,
) -> None:
    source = change_sound(write_click(tmp_path / "in.mkv", "aac", layout), change)
    late = 1024 / 48000  # by itself
    out = copy_clip(source, tmp_path / "out.webm")
    assert hear_click(out) == pytest.approx(CLICK_SECONDS + late - sooner, abs=0.02)


@pytest.mark.parametrize(("rate", "layout"), [(48000, "5.1(side)"), (48000, "mono"), (44100, "stereo")])
def test_sound_may_change_its_kind_midway(tmp_path: Path, rate: int, layout: str) -> None:
    out = copy_clip(write_two_kinds(tmp_path / "in.ts", rate, layout), tmp_path / "out.webm")
    late = 256 / rate  # by itself
    assert hear_click(out) == pytest.approx(0.512 + CLICK_SECONDS + late, abs=0.02)


def test_an_encoder_is_asked_before_its_stream_is_made() -> None:
    assert sounds("aac", 44100, "mono")
    assert not sounds("aac", 44100, "1 channels")
    assert not sounds("libopus", 44100, "stereo")
    assert not sounds("libopus", 48000, "5.1(side)")


def test_sound_of_an_unknown_kind_is_left_out_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plain = write_click(tmp_path / "plain.mov", "pcm_s16le", "stereo")
    spatial = tmp_path / "spatial.mov"
    spatial.write_bytes(plain.read_bytes().replace(b"sowt", b"apac"))
    out = copy_clip(spatial, tmp_path / "out.mp4")
    with av.open(str(out)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
    assert "is left out" in caplog.text


class Decoded:
    """A packet of a tenth of a second of sound, which begins at *seconds*."""

    time_base = Fraction(1, 48000)

    def __init__(self, seconds: float) -> None:
        self._sound = click(48000, "stereo", 0.1, None)
        self._sound.pts, self._sound.time_base = round(48000 * seconds), self.time_base

    def decode(self) -> list[av.AudioFrame]:
        return [self._sound]


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        ([0.0, 0.1, 100_000.0, 0.3, 0.4], 0.5),  # one of them is damaged
        ([0.0, 700.0, 700.1, 700.2], 700.3),  # nothing was heard for long
        ([0.0, 500.0], 500.1),
    ],
)
def test_sound_with_a_time_that_cannot_be_is_left_out(times: list[float], seconds: float) -> None:
    with av.open(io.BytesIO(), "w", format="mp4") as output:
        recoder = SoundRecoder(output, "aac", 48000, "stereo")
        packets = [packet for begin in times for packet in recoder.recode(Decoded(begin), 0)]  # type: ignore[arg-type]
        packets += recoder.finish()
        ends = max((packet.pts or 0) + (packet.duration or 0) for packet in packets) / 48000
        assert ends == pytest.approx(seconds, abs=0.05)
        output.mux(packets)
