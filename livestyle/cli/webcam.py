"""livestyle webcam: a camera, painted, in a window."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from livestyle.errors import UsageError
from livestyle.live.keys import help_text


def register(app: typer.Typer) -> None:
    """Add the verb to *app*."""
    app.command(help=f"Paint what a camera sees, live, in a window.\n\nKeys: {help_text()}.")(webcam)


def webcam(
    style: Annotated[str, typer.Option(help="Name or file of the style; see: livestyle styles.")] = "candy",
    camera: Annotated[
        str, typer.Option(help="Number or name of the camera, or 'pattern' for a test scene.")
    ] = "0",
    strength: Annotated[float, typer.Option(help="0 shows the original, 1 the painting.")] = 1.0,
    stability: Annotated[float, typer.Option(help="0 paints each frame by itself, 1 flickers least.")] = 0.6,
    size: Annotated[str, typer.Option(help="Width and height to ask the camera for, in pixels.")] = "640x360",
    fps: Annotated[float, typer.Option(help="Frames per second to ask the camera for.")] = 30.0,
    device: Annotated[str, typer.Option(help="Where it runs: auto, cpu, cuda, cuda:N, mps or gpu.")] = "auto",
    backend: Annotated[str, typer.Option(help="What runs it: auto, openvino, pytorch or onnx.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, f32, bf16, f16 or int8.")] = "auto",
    quality: Annotated[
        str, typer.Option(help="auto paints smaller rather than slower than --fps; fixed does not.")
    ] = "auto",
) -> None:
    """Open the camera, then the window; run until the user quits."""
    from livestyle.live.desk import Desk
    from livestyle.sinks.display import require_display
    from livestyle.sources import open_source
    from livestyle.styles.store import list_styles
    from livestyle.stylize.governor import Governor
    from livestyle.stylize.stylizer import Controls, Stylizer

    if quality not in ("auto", "fixed"):
        raise UsageError(f"quality must be auto or fixed, not {quality!r}")
    require_display()  # before the seconds that the rest takes
    width, height = parse_size(size)
    source = open_source(camera, width=width, height=height, fps=fps)
    governor = Governor(source.info.fps or fps) if quality == "auto" else None
    controls = Controls(style=style, strength=strength, stability=stability)
    stylizer = Stylizer(controls, device, backend, precision, governor)
    typer.echo(f"livestyle: {stylizer.description}", err=True)
    Desk(source, stylizer, [style.name for style in list_styles()]).run()


def parse_size(given: str) -> tuple[int, int]:
    """Return width and height of a size like ``640x360``.

    Raises:
        UsageError: it is written otherwise.
    """
    found = re.fullmatch(r"(\d+)[x×](\d+)", given)
    if found is None:
        raise UsageError(f"no size: {given!r}; write width and height in pixels, like 640x360")
    return int(found[1]), int(found[2])
