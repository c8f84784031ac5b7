"""livestyle stream: a camera, file or stream, painted, to a server."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from livestyle.address import hide_secrets
from livestyle.cli import flags
from livestyle.cli.signals import exit_by_signals, run_until_told, say
from livestyle.cli.webcam import choose_listening, open_stylizer, parse_size
from livestyle.errors import StageError

Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE", help="Video file, address, camera by number or name, 'screen' or 'pattern'."
    ),
]
Url = Annotated[
    str,
    typer.Argument(
        metavar="URL",
        envvar="LIVESTYLE_STREAM_URL",
        help="rtmp(s)://, rtsp://, srt://, https:// (WHIP), udp://, or an HLS playlist: folder/name.m3u8.",
    ),
]
Loop = Annotated[bool, typer.Option("--loop", help="Play a file again and again.")]
Size = Annotated[str, typer.Option(help="Width and height to ask a camera for, in pixels.")]
Fps = Annotated[float, typer.Option(help="Frames per second to ask a camera for.", min=1, max=240)]
Sound = Annotated[
    str | None,
    typer.Option("--microphone", help="Send this microphone's sound: part of a name, or 'default'."),
]
Quality = Annotated[str, typer.Option(help="auto paints smaller rather than drop frames; fixed does not.")]


def register(app: typer.Typer) -> None:
    """Add the verb to *app*."""
    app.command(help="Paint a camera, file or stream, and send it to a server, with its sound.")(stream)


def stream(
    source: Source,
    url: Url,
    style: flags.Style = "candy",
    tier: flags.Tier = "auto",
    strength: flags.Strength = 1.0,
    stability: flags.Stability = 0.6,
    keep_colors: flags.KeepColors = False,
    brush: flags.Brush = 0.0,
    cutout: flags.Cutout = "none",
    background: flags.Background = "keep",
    bitrate: flags.Bitrate = "",
    loop: Loop = False,
    size: Size = "640x360",
    fps: Fps = 30.0,
    microphone: Sound = None,
    device: flags.Device = "auto",
    backend: flags.Backend = "auto",
    precision: flags.Precision = "auto",
    quality: Quality = "auto",
    overwrite: flags.Overwrite = False,
) -> None:
    """Open the source, then the server; run until the source ends or the user stops it."""
    import numpy as np

    from livestyle.live.broadcast import open_broadcast
    from livestyle.live.opening import open_live
    from livestyle.sinks import open_sink
    from livestyle.sinks.stream import StreamSink, choose_format
    from livestyle.whole import spare

    choose_format(url)  # before the seconds that the rest takes
    spare([source, background], Path(url))
    listen = choose_listening(microphone, source) if microphone else None
    controls = flags.choose_controls(style, tier, strength, stability, keep_colors, brush, cutout, background)
    with exit_by_signals(), ExitStack() as undo:
        live = open_live(source, *parse_size(size), fps, once=not loop)
        undo.callback(live.close)
        stylizer = open_stylizer(controls, quality, live.info.fps or fps, (device, backend, precision))
        blank = np.zeros((live.info.height, live.info.width, 3), np.uint8)
        stylizer.warm(controls, blank)
        if cutout != "none":
            stylizer.warm_cutout(blank)
        audio = getattr(live, "audio", None)
        info = replace(live.info, cut_out=controls.cuts_out)
        sink = open_sink(url, info, overwrite=overwrite, bitrate=bitrate, audio=audio, listen=listen)
        assert isinstance(sink, StreamSink)  # by choose_format
        undo.pop_all()
    say(f"streaming to {hide_secrets(url, to_send=True)}; Ctrl-C ends it")
    pipeline = open_broadcast(live, stylizer, [sink])

    def broadcast() -> None:
        report = pipeline.run()
        left_out = report.frames + report.dropped - sink.sent
        told = f"{sink.sent} frames in {report.seconds:.0f} s, {left_out} left out"
        if sink.away:
            raise StageError(f"the stream was lost, and not back at the end; {told}")
        say(told)

    run_until_told(broadcast, pipeline.stop, "ending the stream")
