"""Wishes: what the web may set, told from the settings themselves, and read from an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from livestyle.errors import UnknownName, UsageError
from livestyle.settings import Checked
from livestyle.styles.blend import names_in
from livestyle.stylize.stylizer import Controls

LONGEST = 1000
"""Letters of a text that are read."""

MOST_BLENDED = 4
"""Each may cost as much as one alone."""

KINDS = {bool: "switch", int: "number", float: "number", str: "text"}


def describe(settings: type[Checked]) -> list[dict[str, Any]]:
    """Return a row for each setting: name, kind, default, help, and low and high of numbers."""
    rows = []
    for item in fields(settings):
        if type(item.default) in KINDS:
            row = {"name": item.name, "kind": KINDS[type(item.default)], "default": item.default}
            told = {key: value for key, value in item.metadata.items() if value is not None}
            rows.append({**row, **told, "whole": type(item.default) is int})
    return rows


def read_query(settings: type[Checked], query: Mapping[str, str]) -> dict[str, Any]:
    """Return those of *query* that name a setting, as JSON would have them: ``strength=0.5`` is a number.

    What is no number, or neither true nor false, where that is wanted, stays text.
    """
    wishes: dict[str, Any] = {}
    for row in describe(settings):
        text = query.get(row["name"])
        if text is None:
            continue
        if row["kind"] == "switch":
            wishes[row["name"]] = {"true": True, "1": True, "false": False, "0": False}.get(
                text.lower(), text
            )
        elif row["kind"] == "number":
            wishes[row["name"]] = to_number(text)
        else:
            wishes[row["name"]] = text
    return wishes


def check_texts(controls: Controls, ours: Controls, styles: Sequence[str]) -> None:
    """Refuse *controls* that say anything but what the server offers: a text could name a file of its disk.

    Args:
        controls: as the web wants them.
        ours: as they were given on this machine; what they say is fine.
        styles: that may be chosen.

    Raises:
        UnknownName: a text is none of the choices; styles may be blended.
        UsageError: a blend is written wrongly, or of too many.
    """
    for item in fields(Controls):
        value, offered = getattr(controls, item.name), item.metadata.get("choices") or ()
        if not isinstance(value, str) or value == getattr(ours, item.name):
            continue
        texts = [value]
        if item.name == "style":
            offered = styles
            texts = names_in(value) if len(value) <= LONGEST else [value]
            if len(texts) > MOST_BLENDED:
                raise UsageError(f"pages may blend {MOST_BLENDED} styles at most, not {len(texts)}")
        for text in texts:
            if text not in offered:
                raise UnknownName(item.name.replace("_", " "), text[:60], offered)


def to_number(text: str) -> Any:
    """Return *text* as a number if it is one, else as it is."""
    try:
        return float(text)
    except ValueError:
        return text
