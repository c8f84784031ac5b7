"""livestyle webcam: a camera, painted, in a window."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from livestyle.cli import flags
from livestyle.errors import UsageError
from livestyle.live.keys import KEYS

if TYPE_CHECKING:
    from livestyle.frame import StreamInfo
    from livestyle.sinks import Sink


def register(app: typer.Typer) -> None:
    """Add the verb to *app*."""
    keys = ", ".join(f"{key.label} {key.help}" for key in KEYS)
    app.command(help=f"Paint what a camera sees, live, in a window.\n\nKeys: {keys}.")(webcam)


def webcam(
    style: flags.Style = "candy",
    camera: Annotated[str, typer.Option(help="Number, name, address, file, 'screen' or 'pattern'.")] = "0",
    to: Annotated[
        list[str] | None,
        typer.Option(help="Where to: window, virtualcam or a video file. May be given several times."),
    ] = None,
    strength: flags.Strength = 1.0,
    stability: flags.Stability = 0.6,
    size: Annotated[str, typer.Option(help="Width and height to ask the camera for, in pixels.")] = "640x360",
    fps: Annotated[float, typer.Option(help="Frames per second to ask the camera for.")] = 30.0,
    mirror: Annotated[bool | None, typer.Option(help="Swap left and right. [default: for cameras]")] = None,
    device: flags.Device = "auto",
    backend: flags.Backend = "auto",
    precision: flags.Precision = "auto",
    quality: Annotated[str, typer.Option(help="auto: smaller rather than slower; or fixed.")] = "auto",
    folder: Annotated[Path, typer.Option(help="Where snapshots and recordings are put.")] = Path(),
    overwrite: flags.Overwrite = False,
    strict: Annotated[bool, typer.Option("--strict", help="End when one of several outputs fails.")] = False,
    cameras: Annotated[bool, typer.Option("--list", help="Show the cameras here, and end.")] = False,
) -> None:
    """Open the camera, then the outputs; run until the user quits."""
    if cameras:
        show_cameras()
        return
    from livestyle.live.desk import Desk
    from livestyle.live.opening import is_camera, open_live
    from livestyle.sinks.display import require_display
    from livestyle.styles.store import list_styles
    from livestyle.stylize.governor import Governor
    from livestyle.stylize.stylizer import Controls, Stylizer

    if quality not in ("auto", "fixed"):
        raise UsageError(f"quality must be auto or fixed, not {quality!r}")
    outputs = to or ["window"]
    if "window" in outputs:
        require_display()  # before the seconds that the rest takes
    width, height = parse_size(size)
    controls = Controls(style=style, strength=strength, stability=stability)
    with ExitStack() as undo:
        source = open_live(camera, width, height, fps)
        undo.callback(source.close)
        governor = Governor(source.info.fps or fps) if quality == "auto" else None
        stylizer = Stylizer(controls, device, backend, precision, governor)
        typer.echo(f"livestyle: {stylizer.description}", err=True)
        desk = Desk(
            source,
            stylizer,
            [style.name for style in list_styles()],
            sinks=open_outputs(outputs, source.info, undo, overwrite=overwrite),
            window="window" in outputs,
            strict=strict,
            folder=folder,
            mirror=is_camera(camera) if mirror is None else mirror,
            tell=lambda text: typer.echo(f"livestyle: {text}", err=True),
        )
        undo.pop_all()
    desk.run()


def open_outputs(given: list[str], info: StreamInfo, undo: ExitStack, *, overwrite: bool) -> list[Sink]:
    """Open all outputs but the window; those that are open are closed by *undo* when a later one fails."""
    from livestyle.sinks import open_sink

    sinks = []
    for output in given:
        if output != "window":
            sinks.append(open_sink(output, info, overwrite=overwrite))
            undo.callback(sinks[-1].close)
    return sinks


def show_cameras() -> None:
    """Print the cameras of this machine."""
    from livestyle.sources.camera import list_cameras

    for camera in list_cameras():
        typer.echo(f"{camera.index}  {camera.name}")


def parse_size(given: str) -> tuple[int, int]:
    """Return width and height of a size like ``640x360``.

    Raises:
        UsageError: it is written otherwise.
    """
    found = re.fullmatch(r"(\d+)[x×](\d+)", given)
    if found is None:
        raise UsageError(f"no size: {given!r}; write width and height in pixels, like 640x360")
    return int(found[1]), int(found[2])
