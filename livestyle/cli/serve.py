"""livestyle serve: the painted picture as a web site: a studio, overlays for OBS, an API."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from livestyle.cli import flags
from livestyle.cli.signals import stop_by_signals
from livestyle.cli.webcam import parse_size
from livestyle.errors import MissingExtra
from livestyle.settings import ServeSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livestyle.stylize.stylizer import Controls
    from livestyle.web.feed import Feed
    from livestyle.web.studio import Studio


def register(app: typer.Typer) -> None:
    """Add the verb to *app*."""
    app.command()(serve)


Camera = Annotated[
    list[str] | None,
    typer.Option(
        help="Camera by number or name, address, video file, 'screen' or 'pattern'; several if you like."
    ),
]
Host = Annotated[str, typer.Option(help="Address to be reached at; 0.0.0.0 is all, and asks for a token.")]
Name = Annotated[
    list[str] | None,
    typer.Option(help="Host name of a proxy that leads here, like paint.example.org; several if you like."),
]
Port = Annotated[int, typer.Option(help="Port to be reached at; 0 takes a free one.")]
Https = Annotated[
    bool, typer.Option("--https", help="Encrypt, with a certificate made here: phones need it.")
]
Viewers = Annotated[int, typer.Option(help="Who may watch at the same time.")]
Looks = Annotated[int, typer.Option(help="Pictures that may be painted at the same time.")]
Cameras = Annotated[int, typer.Option(help="Browsers that may lend their camera at the same time.")]
Size = Annotated[str, typer.Option(help="Width and height to ask cameras for, in pixels.")]
Fps = Annotated[float, typer.Option(help="Frames per second to ask cameras for.")]


def serve(
    style: flags.Style = "candy",
    camera: Camera = None,
    tier: flags.Tier = "auto",
    strength: flags.Strength = 1.0,
    stability: flags.Stability = 0.6,
    keep_colors: flags.KeepColors = False,
    brush: flags.Brush = 0.0,
    cutout: flags.Cutout = "none",
    background: flags.Background = "keep",
    size: Size = "640x360",
    fps: Fps = 30.0,
    host: Host = ServeSettings.host,
    name: Name = None,
    port: Port = ServeSettings.port,
    https: Https = ServeSettings.https,
    viewers: Viewers = ServeSettings.viewers,
    looks: Looks = ServeSettings.looks,
    cameras: Cameras = ServeSettings.cameras,
    device: flags.Device = "auto",
    backend: flags.Backend = "auto",
    precision: flags.Precision = "auto",
) -> None:
    """Show the painted picture on a web site: a studio page, overlays for OBS, an API."""
    require_web()
    from livestyle.web.certificate import open_tls
    from livestyle.web.invite import choose_token
    from livestyle.web.opening import open_feeds
    from livestyle.web.server import run_server

    settings = ServeSettings(host, port, https, viewers, looks, cameras, tuple(name or ()))
    controls = flags.choose_controls(style, tier, strength, stability, keep_colors, brush, cutout, background)
    feeds = open_feeds(camera or [], *parse_size(size), fps)
    studio = open_studio(feeds, controls, settings, (device, backend, precision))
    token = choose_token(settings)
    with stop_by_signals("closing") as signals:
        run_server(
            studio,
            settings,
            token=token,
            tls=open_tls() if https else None,
            stop=signals.stop,
            ready=lambda port, plain: tell_addresses(settings, port, plain, token),
        )
    if signals.number:
        raise typer.Exit(128 + signals.number)


def require_web() -> None:
    """Raise MissingExtra unless all is installed that the site needs."""
    try:
        import livestyle.web.server  # noqa: F401
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("livestyle"):
            raise
        raise MissingExtra("serve", "web") from error


def open_studio(
    feeds: Sequence[Feed], controls: Controls, settings: ServeSettings, runs_on: tuple[str, str, str]
) -> Studio:
    """Return the studio of *feeds*, which paints on a device, backend and precision.

    What cannot be, in *controls*, is told now and not when somebody watches.
    """
    from livestyle.styles.store import find_style
    from livestyle.stylize.cutout.cutout import Cutout
    from livestyle.stylize.governor import Governor
    from livestyle.stylize.stylizer import Stylizer
    from livestyle.web.studio import Studio

    find_style(controls.style, controls.tier)
    cutout = Cutout(controls.background)
    if controls.cutout != "none":
        cutout.matte.load()
    if set(runs_on) != {"auto"}:
        Stylizer(controls, *runs_on)

    def open_stylizer(controls: Controls, fps: float) -> Stylizer:
        return Stylizer(controls, *runs_on, governor=Governor(fps))

    return Studio(feeds, controls, open_stylizer, settings)


def tell_addresses(settings: ServeSettings, port: int, plain: str, token: str) -> None:
    """Print where the page and the overlay are; with a token, as a code for phones too.

    OBS gets the *plain* address, if there is one: it trusts no certificate made here. A token that was given
    is not printed where it would be kept, in a log.
    """
    from livestyle.web.invite import address, draw_code, was_given, with_token

    shown = token if sys.stderr.isatty() or not was_given() else ""
    site = address(settings.host, port, https=settings.https)
    page = with_token(f"{site}/", shown)
    overlay = with_token(f"{plain or site}/overlay?fit=cover", shown)
    typer.echo(f"livestyle: open {page}\nlivestyle: in OBS, a browser source: {overlay}", err=True)
    if shown and sys.stderr.isatty():
        typer.echo(draw_code(page), err=True)
