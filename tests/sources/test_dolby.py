"""Dolby Vision: the base layer is painted where it is a picture, and else it is said that it is none."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import pytest

from livestyle.colour import PQ
from livestyle.errors import SourceUnavailable
from livestyle.settings import ReadSettings
from livestyle.sources.file import FileSource


def write_dolby_vision(path: Path, profile: int, base_layer: int) -> Path:
    """Write a clip of PQ, and into its header that it is Dolby Vision."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx265", rate=Fraction(10), options={"x265-params": "log-level=none"})
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p10le"
        context = video.codec_context
        context.codec_tag = "hvc1"
        context.color_primaries, context.color_trc, context.colorspace = 9, PQ, 9
        for index in range(3):
            frame = av.VideoFrame(64, 64, "yuv420p10le")
            for plane in frame.planes:
                plane.update(bytes([0, 2]) * (plane.buffer_size // 2))
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    add_record(path, profile, base_layer)
    return path


def add_record(path: Path, profile: int, base_layer: int) -> None:
    """Add the configuration record to the description of the only stream; its boxes are last in the file."""
    data = bytearray(path.read_bytes())
    bits = profile << 9 | 6 << 3 | 0b101  # level 6, with metadata and base layer
    name = b"dvcC" if profile < 8 else b"dvvC"
    record = struct.pack(">I4sBBHB19x", 32, name, 1, 0, bits, base_layer << 4)
    entry = data.rindex(b"hvc1") - 4
    end = entry + struct.unpack_from(">I", data, entry)[0]
    boxes = [data.rindex(box, 0, entry) - 4 for box in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")]
    for at in (*boxes, entry):
        struct.pack_into(">I", data, at, struct.unpack_from(">I", data, at)[0] + len(record))
    data[end:end] = record
    path.write_bytes(data)


@pytest.mark.parametrize(("profile", "base_layer"), [(7, 6), (8, 1)])
@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_the_base_layer_is_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, profile: int, base_layer: int, ending: str
) -> None:
    path = write_dolby_vision(tmp_path / "a.mp4", profile, base_layer)
    if ending == ".mkv":
        path = remux(path, tmp_path / "a.mkv")
    source = FileSource(path, ReadSettings(hdr="keep"))
    assert source.clip.colour.transfer == PQ
    assert len(list(source)) == 3
    source.close()
    assert [r.message for r in caplog.records] == [
        f"of Dolby Vision (profile {profile}) the base layer is read"
    ]


def remux(path: Path, out: Path) -> Path:
    options = {"strict": "unofficial"}
    with av.open(str(path)) as container, av.open(str(out), "w", container_options=options) as copy:
        target = copy.add_stream_from_template(container.streams.video[0], opaque=True)
        for packet in container.demux(video=0):
            if packet.dts is not None:
                packet.stream = target
                copy.mux(packet)
    return out


def test_colours_that_only_dolby_knows_are_refused(tmp_path: Path) -> None:
    path = write_dolby_vision(tmp_path / "a.mp4", 5, 0)
    with pytest.raises(SourceUnavailable, match="Dolby Vision of profile 5"):
        FileSource(path)
    path.unlink()  # it was closed


def test_ordinary_hdr_is_not_called_dolby_vision(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write_dolby_vision(tmp_path / "a.mp4", 8, 1)
    path.write_bytes(path.read_bytes().replace(b"dvvC", b"free"))
    FileSource(path, ReadSettings(hdr="keep")).close()
    assert not caplog.records
