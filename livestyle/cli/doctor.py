"""``livestyle doctor``: what works on this machine, and how to mend what does not."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

MARKS = {"ok": "[green]ok     [/]", "warning": "[yellow]warning[/]", "failure": "[red]failure[/]"}


def register(app: typer.Typer) -> None:
    """Add the verb to *app*."""
    app.command()(doctor)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Try what livestyle needs on this machine: backends, encoders, cameras, display; exit 1 on failure."""
    from livestyle.measure.checkup import check_all

    console = Console(soft_wrap=True, highlight=False)
    findings = []
    for finding in check_all():
        findings.append(finding)
        if not as_json:
            console.print(f"{MARKS[finding.state]} {finding.name:10} {escape(finding.text)}")
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    if any(finding.state == "failure" for finding in findings):
        raise typer.Exit(1)
