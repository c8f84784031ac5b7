"""Flags that several commands share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from livestyle.errors import UsageError

if TYPE_CHECKING:
    from livestyle.stylize.stylizer import Controls

Style = Annotated[
    str,
    typer.Option(help="Name from 'livestyle styles', a style file, or a blend: candy:0.6,great-wave:0.4."),
]
Tier = Annotated[str, typer.Option(help="Size of its network: auto, lite, base or hq; larger is slower.")]
Strength = Annotated[float, typer.Option(help="0 shows the original, 1 the painting.")]
Stability = Annotated[float, typer.Option(help="0 paints each frame by itself, 1 flickers least.")]
KeepColors = Annotated[bool, typer.Option("--keep-colors", help="Keep the colours of the original.")]
Brush = Annotated[
    float,
    typer.Option(
        help="Breadth of strokes in pictures of any size, 0.5 to 2.", show_default="as the size has it"
    ),
]
Cutout = Annotated[
    str, typer.Option(help="Paint alone: person, or background around people; none paints all.")
]
Background = Annotated[
    str, typer.Option(help="What becomes of the rest: keep, transparent, green, blur, or a picture.")
]
Device = Annotated[str, typer.Option(help="Where it runs: auto, cpu, cuda, cuda:N, mps or gpu.")]
TrainDevice = Annotated[str, typer.Option(help="Where it runs: auto, cpu, cuda, cuda:N or mps.")]
Backend = Annotated[str, typer.Option(help="What runs it: auto, openvino, pytorch or onnx.")]
Precision = Annotated[str, typer.Option(help="auto, f32, bf16, f16 or int8.")]
Overwrite = Annotated[bool, typer.Option("-y", help="Replace files that exist.")]
Bitrate = Annotated[str, typer.Option(help="Bits per second, like 4M; chosen by the size, unless given.")]


def choose_controls(
    style: str,
    tier: str,
    strength: float,
    stability: float,
    keep_colors: bool,
    brush: float,
    cutout: str,
    background: str,
) -> Controls:
    """Return the controls that flags of these names ask for; raises UsageError when they make no sense."""
    from livestyle.settings import check_background
    from livestyle.stylize.stylizer import Controls

    check_background(cutout, background)
    return Controls(style, tier, strength, stability, keep_colors, brush, cutout, background)


def parse_seconds(given: str | float) -> float:
    """Return the seconds that ``20``, ``20s``, ``2m``, ``1:30`` or ``1:02:03.5`` says.

    Raises:
        UsageError: it is written otherwise.
    """
    text = str(given).strip()
    if found := re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|m|h)?", text):
        return float(found[1]) * {"m": 60, "h": 3600}.get(found[2], 1)
    if found := re.fullmatch(r"(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)", text):
        return 3600 * int(found[1] or 0) + 60 * int(found[2]) + float(found[3])
    raise UsageError(f"no length of time: {given!r}; write it like 20s, 2m or 1:30")
