"""``livestyle styles``: which styles there are, and all about one; see ``shelf.py`` for the rest."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from livestyle.cli import flags
from livestyle.errors import UsageError

if TYPE_CHECKING:
    from livestyle.styles.style import Style

COLUMNS = ("name", "title", "artist", "year", "licence", "tiers", "size")


def register(app: typer.Typer) -> None:
    """Add the verb to *app*."""
    importlib.import_module("livestyle.cli.shelf").register(styles)
    app.add_typer(styles, name="styles")


styles = typer.Typer(
    help="List the styles; show one, all on a photo; add and remove your own.", invoke_without_command=True
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@styles.callback()
def list_all(context: typer.Context, tier: flags.Tier = "auto", as_json: AsJson = False) -> None:
    """List the styles; show one, all on a photo; add and remove your own."""
    if context.invoked_subcommand:
        if as_json or tier != "auto":
            raise UsageError(f"give --json and --tier behind {context.invoked_subcommand}, not before it")
        return
    from livestyle.styles.store import list_files, list_styles

    files = list_files()
    rows = [row_of(style, list(files[style.name])) for style in list_styles(tier)]
    if as_json:
        print_json(rows)
    elif not rows:
        typer.echo(f"no style is there in tier {tier!r}; make one: livestyle train --tier {tier}", err=True)
    else:
        print_rows(COLUMNS, (texts_of(row) for row in rows))


@styles.command()
def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME|FILE", help="A name from 'livestyle styles', or a style file.")
    ],
    tier: flags.Tier = "auto",
    flicker: Annotated[
        bool, typer.Option("--flicker", help="Measure how much it flickers: some seconds, once.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show credits, tiers, hash, training and flicker of one style."""
    from livestyle.styles.blend import is_blend
    from livestyle.styles.forecast import recall_forecast
    from livestyle.styles.store import find_style, find_tiers

    if is_blend(name):
        raise UsageError(f"{name!r} is a blend; its parts can be shown, one at a time")
    style = find_style(name, tier)
    facts = facts_of(style, list(find_tiers(name)))
    if flicker:
        from livestyle.measure.forecast import forecast_flicker

        facts["flicker"] = forecast_flicker(style)
    else:
        facts["flicker"] = recall_forecast(style)
    if as_json:
        print_json(facts)
    else:
        print_rows(None, rows_of(facts))


def facts_of(style: Style, tiers: list[str]) -> dict[str, Any]:
    """Return all that is known of *style*, which is there in *tiers*, without painting."""
    from livestyle.styles.recipe import training_command

    return {
        **asdict(style.credits),
        "name": style.name,
        "file": str(style.path),
        "preview": str(style.preview or ""),
        "size": style.path.stat().st_size,
        "sha256": style.sha256,
        "tier": style.tier,
        "tiers": tiers,
        "channels": style.shape[0],
        "blocks": style.shape[1],
        "fine_network": style.has_fine,
        "training": dict(style.training),
        "command": training_command(style),
    }


def rows_of(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield *facts* as people read them: a name, and what there is to say."""
    for name, value in facts.items():
        if name == "training":
            yield from ((f"training {key.replace('_', ' ')}", str(told)) for key, told in value.items())
        elif name == "flicker":
            figures = ", ".join(f"{title} {figure:g}" for title, figure in (value or {}).items())
            yield "flicker", figures or "not measured here yet; add --flicker"
        elif value != "":
            yield TITLES.get(name, name.replace("_", " ")), TEXTS.get(name, str)(value)


TITLES = {"command": "last training"}
"""How facts are called that are not called as in JSON."""

TEXTS: dict[str, Callable[[Any], str]] = {
    "size": lambda count: size_text(count),
    "tiers": " ".join,
    "fine_network": lambda there: "yes" if there else "no",
}
"""How facts are read that are no texts."""


def row_of(style: Style, tiers: list[str]) -> dict[str, Any]:
    """Return what the list shows of *style*, which is there in *tiers*; size in bytes."""
    credits = asdict(style.credits)
    shown = {column: credits[column] for column in COLUMNS[1:-2]}
    return {"name": style.name, **shown, "tiers": tiers, "size": style.path.stat().st_size}


def texts_of(row: dict[str, Any]) -> list[str]:
    """Return *row* as people read it."""
    shown = {**row, "tiers": " ".join(row["tiers"]), "size": size_text(row["size"])}
    return list(shown.values())


def size_text(count: int) -> str:
    """Return *count* bytes as people read it: ``142 kB``."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def print_json(data: Any) -> None:
    """Print *data* for programs."""
    typer.echo(json.dumps(data, indent=2))


def print_rows(columns: Iterable[str] | None, rows: Iterable[Iterable[str]]) -> None:
    """Print a table: a drawn one on a terminal, else one line per row with tabs between."""
    rows = list(rows)
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(row))
        return
    table = Table(*columns or ("", ""), show_header=columns is not None, box=None, header_style="bold")
    table.columns[0].no_wrap = True  # it is what users type
    for row in rows:
        first, *rest = map(escape, row)
        table.add_row(f"[bold cyan]{first}[/]", *rest)
    Console().print(table)
