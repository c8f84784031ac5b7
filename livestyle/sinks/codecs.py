"""Which encoders write which kind of file, and how quality is said to each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from livestyle.errors import UnknownName, UsageError
from livestyle.numbering import LIKE_A_NUMBER, SUFFIXES
from livestyle.settings import PRESETS, EncodeSettings


@dataclass(frozen=True)
class Container:
    """A kind of file.

    Attributes:
        format: as FFmpeg names it.
        codecs: that it can hold, the usual one first.
        alpha: the codec for transparency; empty when it holds none.
        sound: what sound becomes that it cannot hold; empty when it holds none.
    """

    format: str
    codecs: tuple[str, ...]
    alpha: str = ""
    sound: str = ""


MP4 = Container("mp4", ("h264", "hevc", "av1", "vp9"), sound="aac")
CONTAINERS = {
    ".mp4": MP4,
    ".m4v": MP4,
    ".mov": Container("mov", ("h264", "hevc", "prores"), "prores", "aac"),
    ".mkv": Container("matroska", ("h264", "hevc", "av1", "vp9", "prores", "ffv1"), "vp9", "aac"),
    ".webm": Container("webm", ("vp9", "av1"), "vp9", "libopus"),
    ".gif": Container("gif", ("gif",), "gif"),
}
"""By the ending of the file name."""


@dataclass(frozen=True)
class Codec:
    """A way to code video.

    Attributes:
        encoder: that FFmpeg has for it everywhere.
        worst: the quality number of the smallest file; 0 when the encoder knows no quality.
        lossless: options that keep every value; None when it cannot.
        odd: whether width and height may be odd with halved chroma.
        reorder: by how many frames it decodes ahead, at most.
        tag: four letters that players look for in mp4 and mov.
        options: that it always gets.
        refused: formats that it lists, and cannot take.
    """

    encoder: str
    worst: int = 51
    lossless: Mapping[str, str] | None = None
    odd: bool = False
    reorder: int = 0
    tag: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    refused: tuple[str, ...] = ()


CODECS = {
    "h264": Codec("libx264", lossless={"qp": "0"}, reorder=2),
    "hevc": Codec(
        "libx265",
        lossless={"x265-params": "lossless=1"},
        reorder=2,
        tag="hvc1",
        refused=("yuva420p", "yuva420p10le"),
    ),
    "av1": Codec("libsvtav1", worst=63, lossless={"svtav1-params": "lossless=1"}),
    "vp9": Codec(
        "libvpx-vp9",
        worst=63,
        lossless={"lossless": "1"},
        odd=True,
        options={"row-mt": "1"},
        refused=("yuva422p", "yuva444p", "gbrap"),
    ),
    "prores": Codec("prores_ks", worst=0),
    "ffv1": Codec("ffv1", worst=0, lossless={}, odd=True),
    "gif": Codec("gif", worst=0, odd=True, options={"global_palette": "0"}),
}

AVX_512 = 256
"""What OpenCV calls CV_CPU_AVX512_SKX."""

SAFE_INSTRUCTIONS = "MMX2,SSE2,SSE2Fast,SSSE3,SSE4,SSE4.1,SSE4.2,AVX,FMA3,BMI2,AVX2"
"""For x264 on a processor with AVX-512: with that, one picture becomes other bytes from run to run."""

QUICK_SEARCH = {"veryfast": {"subq": "1", "motion-est": "dia", "partitions": "i8x8,i4x4"}}
"""By preset, what x264 gets besides, unless it is to be lossless (docs/speed.md).

The search of its ``superfast``: for motion between pixels once, in few places, for whole blocks alone. What
makes ``veryfast`` files small stays: that it looks ahead for what later frames will need.
"""


LEAST_BITRATE, MOST_BITRATE = 10_000, 1_000_000_000
"""Bits per second that may be asked for."""


def choose_container(path: Path) -> Container:
    """Return the kind of file that the ending of *path* asks for.

    Raises:
        UnknownName: there is none.
    """
    if path.suffix.lower() in SUFFIXES and LIKE_A_NUMBER.search(path.name):
        raise UsageError(f"{path} does not number pictures; give its name one number, like %d or %05d")
    if path.suffix.lower() in SUFFIXES:
        raise UsageError(f"{path} is one picture; {path.stem}-%05d{path.suffix} is one for each frame")
    if path.suffix.lower() not in CONTAINERS:
        raise UnknownName("kind of video file", path.suffix or path.name, CONTAINERS)
    return CONTAINERS[path.suffix.lower()]


def check_alpha(path: Path) -> None:
    """Raise UsageError when the ending of *path* asks for a kind of file that holds no transparency."""
    if not choose_container(path).alpha:
        able = ", ".join(ending for ending, container in CONTAINERS.items() if container.alpha)
        raise UsageError(
            f"a {path.suffix} file holds no transparency; these do: {able}; or give --background green"
        )


def choose_codec(path: Path, settings: EncodeSettings, *, deep: bool, alpha: bool) -> str:
    """Return the name of the codec for the file at *path*.

    Args:
        path: its ending says the kind of file.
        settings: may name the codec.
        deep: the source has more than 8 bits.
        alpha: the source has transparency.

    Raises:
        UnknownName: there is no such codec or kind of file.
        UsageError: the codec cannot be in such a file, or not without loss.
    """
    container = choose_container(path)
    there = container.codecs
    wanted = settings.codec
    if wanted == "auto":
        wanted = there[0]
        if deep:
            wanted = next((name for name in ("hevc", "av1") if name in there), wanted)
        if alpha and container.alpha:
            wanted = container.alpha
        if settings.lossless and (alpha or wanted == "prores") and "ffv1" in there:
            wanted = "ffv1"
    if wanted not in CODECS:
        raise UnknownName("codec", wanted, CODECS)
    if wanted not in there:
        raise UsageError(f"a {path.suffix} file cannot hold {wanted}; it holds {', '.join(there)}")
    if settings.lossless and CODECS[wanted].lossless is None:
        able = [name for name in CODECS if CODECS[name].lossless is not None]
        raise UsageError(f"{wanted} cannot be lossless; these can: {', '.join(able)}")
    return wanted


def make_options(name: str, settings: EncodeSettings) -> dict[str, str]:
    """Return the options of codec *name*'s own encoder for the quality that is wanted."""
    codec = CODECS[name]
    options = dict(codec.options)
    speed = PRESETS.index(settings.preset)
    if codec.encoder in ("libx264", "libx265"):
        options["preset"] = settings.preset
    if codec.encoder == "libx264":
        options |= {} if settings.lossless else QUICK_SEARCH.get(settings.preset, {})
        if cv2.checkHardwareSupport(AVX_512):
            options["x264-params"] = f"asm={SAFE_INSTRUCTIONS}"
    if name == "av1":
        options["preset"] = str(min(12 - speed, 10 if settings.lossless else 12))  # 11 and 12 do lose
    elif name == "vp9":
        options |= {"cpu-used": str(max(8 - speed, 0)), "deadline": "realtime" if speed < 2 else "good"}
    if settings.lossless:
        options |= codec.lossless or {}
    elif codec.worst and not settings.bitrate:
        quality = float(settings.quality) * codec.worst / 51
        options["crf"] = f"{quality:g}" if codec.worst == 51 else str(max(round(quality), 1))  # 0 is usual
    if codec.encoder == "libx265":
        options["x265-params"] = ":".join(filter(None, [options.get("x265-params"), "log-level=none"]))
    return options


def parse_bitrate(given: str) -> int:
    """Return the bits per second of a rate like ``800k`` or ``5M``; 0 for none.

    Raises:
        UsageError: it is written otherwise, or no picture can have it.
    """
    if not given:
        return 0
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([kM]?)", given)
    if found is None:
        raise UsageError(f"no bitrate: {given!r}; write bits per second, like 800k or 5M")
    rate = int(float(found[1]) * {"": 1, "k": 1_000, "M": 1_000_000}[found[2]])
    if not LEAST_BITRATE <= rate <= MOST_BITRATE:
        meant = not found[2] and LEAST_BITRATE <= 1000 * rate <= MOST_BITRATE
        hint = f"; did you mean {given}k?" if meant else ""
        raise UsageError(f"a bitrate is from 10k to 1000M bits per second, not {given}{hint}")
    return rate
