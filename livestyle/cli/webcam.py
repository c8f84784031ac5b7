"""livestyle webcam: a camera, painted, in a window."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from livestyle.address import hide_secrets
from livestyle.cli import flags
from livestyle.cli.signals import exit_by_signals, run_until_told, say
from livestyle.errors import UsageError
from livestyle.live.keys import KEYS

if TYPE_CHECKING:
    from livestyle.audio import AudioTrack
    from livestyle.live.desk import Desk
    from livestyle.live.playlist import Playlist
    from livestyle.sinks import Sink
    from livestyle.sound import Microphone
    from livestyle.sources import Source
    from livestyle.stylize.stylizer import Controls, Stylizer

log = logging.getLogger(__name__)

SETTLED_SECONDS = 10.0
"""After which the latency says something."""

SLOW = "painting or an output was too slow"


def register(app: typer.Typer) -> None:
    """Add the verb to *app*."""
    keys = " · ".join(f"{key.label} {key.help}" for key in KEYS)
    app.command(help=f"Paint what a camera sees, live, in a window.\n\nKeys: {keys}.")(webcam)


Camera = Annotated[
    str, typer.Option(help="Camera by number or name, address, video file, 'screen' or 'pattern'.")
]
To = Annotated[
    list[str] | None,
    typer.Option(
        help="Where to: window, virtualcam, a video file, an address or playlist; several times, if you like."
    ),
]
Size = Annotated[str, typer.Option(help="Width and height to ask the camera for, in pixels.")]
Fps = Annotated[float, typer.Option(help="Frames per second to ask the camera for.")]
Mirror = Annotated[
    bool | None, typer.Option(help="Exchange left and right in the window; unless told, for cameras only.")
]


Cycle = Annotated[
    float | None,
    typer.Option(
        parser=flags.parse_seconds,
        metavar="TIME",
        help="Go through the styles by itself, one every so long: 20s, 2m.",
    ),
]
PlaylistFile = Annotated[Path | None, typer.Option("--playlist", help="TOML file: which style when.")]
AudioDelay = Annotated[
    bool, typer.Option("--audio-delay", help="After ten seconds, tell by how much to delay sound in OBS.")
]
Quality = Annotated[
    str, typer.Option(help="auto paints smaller rather than slower than --fps; fixed does not.")
]
Sound = Annotated[
    str | None,
    typer.Option(
        "--microphone",
        help="Sound for files and streams: part of a name, 'default', or 'none' for silence; unless told,"
        " that of what is painted, and of cameras, for files, the default.",
        show_default=False,
    ),
]
Folder = Annotated[Path, typer.Option(help="Where snapshots and recordings are put.")]
Strict = Annotated[bool, typer.Option("--strict", help="End when one of several outputs fails.")]
OnDemand = Annotated[
    bool, typer.Option("--on-demand", help="Paint for the virtual camera only while somebody watches it.")
]


def show_devices(wanted: bool) -> None:
    """Print the cameras and microphones of this machine, and end."""
    if wanted:
        list_devices()
        raise typer.Exit


Cameras = Annotated[
    bool,
    typer.Option(
        "--list", callback=show_devices, is_eager=True, help="Show the cameras and microphones here, and end."
    ),
]


def webcam(
    style: flags.Style = "candy",
    camera: Camera = "0",
    to: To = None,
    tier: flags.Tier = "auto",
    strength: flags.Strength = 1.0,
    stability: flags.Stability = 0.6,
    keep_colors: flags.KeepColors = False,
    brush: flags.Brush = 0.0,
    cutout: flags.Cutout = "none",
    background: flags.Background = "keep",
    size: Size = "640x360",
    fps: Fps = 30.0,
    mirror: Mirror = None,
    cycle: Cycle = None,
    playlist: PlaylistFile = None,
    microphone: Sound = None,
    audio_delay: AudioDelay = False,
    device: flags.Device = "auto",
    backend: flags.Backend = "auto",
    precision: flags.Precision = "auto",
    quality: Quality = "auto",
    folder: Folder = Path(),
    bitrate: flags.Bitrate = "",
    overwrite: flags.Overwrite = False,
    strict: Strict = False,
    on_demand: OnDemand = False,
    cameras: Cameras = False,
) -> None:
    """Open the camera, then the outputs; run until the user quits."""
    from livestyle.live.desk import Desk
    from livestyle.live.opening import is_camera, open_live

    outputs = choose_outputs(to, folder, [camera, background])
    plan = choose_playlist(cycle, playlist, style, tier)
    listen = choose_listening(microphone, camera)
    controls = flags.choose_controls(style, tier, strength, stability, keep_colors, brush, cutout, background)
    with exit_by_signals(), ExitStack() as undo:
        source = undo.enter_context(closing(open_live(camera, *parse_size(size), fps)))
        cut_out = controls.cuts_out or (plan is not None and plan.cuts_out)
        audio = None if microphone == "none" else getattr(source, "audio", None)
        sound = audio, listen, microphone is not None
        named = open_outputs(outputs, source, undo, bitrate, overwrite, sound, on_demand, cut_out)
        desk = Desk(
            source,
            open_stylizer(controls, quality, source.info.fps or fps, (device, backend, precision)),
            list_names(tier),
            sinks=list(named),
            window="window" in outputs,
            strict=strict,
            playlist=plan,
            folder=folder,
            mirror=is_camera(camera) if mirror is None else mirror,
            listen=listen,
            always=microphone is not None,  # who names one knows that it is open
            audio=audio,
            tell=say,
        )
        undo.pop_all()
    run_until_told(partial(run_desk, desk, named, audio_delay), desk.quit, "finishing what is being written")


def open_stylizer(controls: Controls, quality: str, fps: float, runs_on: tuple[str, str, str]) -> Stylizer:
    """Open a stylizer on a device, backend and precision; with *quality* auto it holds *fps*."""
    from livestyle.stylize.governor import Governor
    from livestyle.stylize.stylizer import Stylizer

    if quality not in ("auto", "fixed"):
        raise UsageError(f"quality must be auto or fixed, not {quality!r}")
    stylizer = Stylizer(controls, *runs_on, governor=Governor(fps) if quality == "auto" else None)
    say(stylizer.description)
    return stylizer


def choose_playlist(cycle: float | None, file: Path | None, style: str, tier: str) -> Playlist | None:
    """Return the playlist that was asked for: its file, or *cycle* seconds for each style, *style* first."""
    from livestyle.live.playlist import Playlist, Scene, read_playlist

    if file and cycle is not None:
        raise UsageError("give --cycle or --playlist, not both: a playlist has times of its own")
    if file:
        return read_playlist(file, tier)
    if cycle is None:
        return None
    names = list_names(tier)
    first = names.index(style) if style in names else 0
    own = [] if style in names else [style]  # a file, or a blend
    return Playlist([Scene(style=name, seconds=cycle) for name in own + names[first:] + names[:first]])


def run_desk(desk: Desk, named: Mapping[Sink, str], audio_delay: bool) -> None:
    """Show until the user quits or the source ends; tell which files there are now, and what is missing.

    Raises:
        StageError: a stage failed, or all outputs did.
    """
    if audio_delay:
        tell_later(desk)
    if not desk.has_window:
        say("no window is open; Ctrl-C ends it")
    try:
        desk.run()
    finally:
        for sink, name in named.items():
            is_there = getattr(sink, "saved", True) and Path(name).is_file() and Path(name).stat().st_size
            if is_there and sink not in desk.lost:
                say(f"saved {name}")
                if left_out := desk.left_out(sink):
                    say(f"{left_out} frames are not in it: {SLOW}")


def tell_later(desk: Desk) -> None:
    """Print the delay for OBS once it can be known."""
    hint = "Advanced Audio Properties > Sync Offset of your microphone"

    def tell() -> None:
        typer.echo(f"audio delay for OBS: {desk.remote.state().latency_seconds * 1000:.0f} ms ({hint})")

    timer = threading.Timer(SETTLED_SECONDS, tell)
    timer.daemon = True
    timer.start()


def choose_listening(given: str | None, camera: str) -> Callable[[], Microphone] | None:
    """Return what opens the microphone *given*; unless told, the system's own if *camera* is one."""
    from livestyle.live.opening import is_camera
    from livestyle.sources.microphone import find_microphone

    if given == "none" or (given is None and not is_camera(camera)):
        return None
    try:
        return find_microphone(given or "default").open
    except UsageError as error:
        if given:
            raise
        log.info("recordings are without sound: %s", error)
        return None


def list_names(tier: str) -> list[str]:
    """Return the names of the styles that there are in *tier*."""
    from livestyle.styles.store import list_styles

    return [style.name for style in list_styles(tier)]


def choose_outputs(given: list[str] | None, folder: Path, sources: Sequence[str]) -> list[str]:
    """Return where frames go; what cannot be, or would replace one of *sources*, is told at once."""
    from livestyle.sinks.display import require_display
    from livestyle.whole import key_of, spare

    if not folder.is_dir():
        what = (
            f"{folder} is no folder" if folder.exists() else f"there is no folder {folder}; create it first"
        )
        raise UsageError(what)
    outputs = given or ["window"]
    places = [output if "://" in output else key_of(os.path.realpath(output)) for output in outputs]
    for number, output in enumerate(outputs):
        if places[number] in places[:number]:
            shown = hide_secrets(output, to_send=True)
            raise UsageError(f"--to {shown} is given twice; give each output once")
        spare(sources, Path(output))
    if "window" in outputs:
        require_display()
    return outputs


def open_outputs(
    given: list[str],
    source: Source,
    undo: ExitStack,
    bitrate: str,
    overwrite: bool,
    sound: tuple[AudioTrack | None, Callable[[], Microphone] | None, bool],
    on_demand: bool,
    cut_out: bool,
) -> dict[Sink, str]:
    """Open all outputs but the window; return each with what the user calls it.

    Those that are open are closed by *undo* when a later one fails. The *sound* is that of the source, unless
    there is what opens a microphone; streams, which others hear, have that only when the user has told so.
    """
    from livestyle.sinks import is_stream, open_sink

    audio, listen, told = sound
    heard = listen if told else partial(open_unless_refused, listen) if listen else None
    sinks: dict[Sink, str] = {}
    for output in given:
        if output != "window":
            sink = open_sink(
                output,
                replace(source.info, cut_out=cut_out),
                overwrite=overwrite,
                bitrate=bitrate,
                audio=audio,
                listen=heard if told or not is_stream(output) else None,
                on_demand=on_demand,
            )
            sinks[sink] = output
            undo.callback(sink.close)
    return sinks


def open_unless_refused(listen: Callable[[], Microphone]) -> Microphone | None:
    """Open a microphone that nobody named; where it does not open, files are without sound."""
    try:
        return listen()
    except UsageError as error:
        log.warning("files are without sound: %s", error)
        return None


def list_devices() -> None:
    """Print the cameras and microphones of this machine."""
    from livestyle.sources.camera import describe, list_cameras
    from livestyle.sources.microphone import list_microphones

    cameras = list_cameras()
    for camera in cameras:
        typer.echo(f"camera {camera.index}  {camera.name}, by {camera.backend}")
        for mode in camera.modes():
            typer.echo(f"    {mode}")
    if not cameras:
        typer.echo(f"livestyle: no camera found; {describe(cameras)}", err=True)
    try:
        for microphone in list_microphones():
            typer.echo(f"microphone  {microphone.name}")
    except UsageError as error:
        typer.echo(f"livestyle: no microphone found; {error}", err=True)


def parse_size(given: str) -> tuple[int, int]:
    """Return width and height of a size like ``640x360``.

    Raises:
        UsageError: it is written otherwise.
    """
    found = re.fullmatch(r"(\d+)[x×](\d+)", given)
    if found is None:
        raise UsageError(f"no size: {given!r}; write width and height in pixels, like 640x360")
    return int(found[1]), int(found[2])
