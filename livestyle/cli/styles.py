"""``livestyle styles``: which styles there are, and where each comes from."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from livestyle.cli import flags

if TYPE_CHECKING:
    from livestyle.styles.style import Style

COLUMNS = ("name", "title", "artist", "year", "licence", "tiers", "size")


def register(app: typer.Typer) -> None:
    """Add the verb to *app*."""
    app.add_typer(styles, name="styles")


styles = typer.Typer(
    help="List the styles; 'styles show NAME' tells all about one.", invoke_without_command=True
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@styles.callback()
def list_all(context: typer.Context, tier: flags.Tier = "auto", as_json: AsJson = False) -> None:
    """List the styles; 'styles show NAME' tells all about one."""
    if context.invoked_subcommand:
        return
    from livestyle.styles.store import list_files, list_styles

    files = list_files()
    rows = [row_of(style, list(files[style.name])) for style in list_styles(tier)]
    if as_json:
        print_json(rows)
    else:
        print_rows(COLUMNS, (texts_of(row) for row in rows))


@styles.command()
def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME|FILE", help="A name from 'livestyle styles', or a style file.")
    ],
    tier: flags.Tier = "auto",
    as_json: AsJson = False,
) -> None:
    """Show credits, hash and training settings of one style."""
    from livestyle.styles.store import find_style, list_files

    style = find_style(name, tier)
    tiers = list_files().get(name, {style.tier: style.path})
    facts = {
        **asdict(style.credits),
        "name": style.name,
        "file": str(style.path),
        "size": style.path.stat().st_size,
        "sha256": style.sha256,
        "tier": style.tier,
        "tiers": list(tiers),
        "channels": style.shape[0],
        "blocks": style.shape[1],
        "training": dict(style.training),
    }
    if as_json:
        print_json(facts)
        return
    training = {f"training {key.replace('_', ' ')}": value for key, value in facts.pop("training").items()}
    facts["size"], facts["tiers"] = size_text(facts["size"]), " ".join(facts["tiers"])
    print_rows(
        None,
        ((key.replace("_", " "), str(value)) for key, value in {**facts, **training}.items() if value != ""),
    )


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
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))


def print_rows(columns: Iterable[str] | None, rows: Iterable[Iterable[str]]) -> None:
    """Print a table: a drawn one on a terminal, else one line per row with tabs between."""
    rows = list(rows)
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(row))
        return
    table = Table(*columns or ("", ""), show_header=columns is not None, box=None, header_style="bold")
    for row in rows:
        first, *rest = map(escape, row)
        table.add_row(f"[bold cyan]{first}[/]", *rest)
    Console().print(table)
