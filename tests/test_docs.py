"""What the documents say is there: commands, their flags, and what links lead to."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer.main

from livestyle.cli import app
from livestyle.pictures import Picture, write_picture

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "samples" / "CREDITS.md",
]
COMMANDS: Any = typer.main.get_command(app)


def code_of(text: str) -> str:
    """Return what stands between fences in *text*, continued lines joined."""
    blocks = re.findall(r"^```(?:sh|bash|console)?\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return "\n".join(blocks).replace("\\\n", " ")


def commands_in(document: Path) -> list[list[str]]:
    """Return the words of each ``livestyle`` command in *document*, in code blocks and between backticks."""
    text = document.read_text(encoding="utf-8")
    lines = code_of(text).splitlines() + re.findall(r"`(livestyle [a-z][^`]*)`", text)
    starts = [re.sub(r"^(\$ |\.venv/bin/)", "", line.strip()) for line in lines]
    return [shlex.split(line, comments=True)[1:] for line in starts if line.startswith("livestyle ")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_and_flags_exist(document: Path) -> None:
    for verb, *words in commands_in(document):
        if verb.isupper() or verb.startswith("-"):  # livestyle COMMAND --help
            continue
        assert verb in COMMANDS.commands, f"{document.name}: no command {verb!r}"
        command = COMMANDS.commands[verb]
        if words and words[0] in getattr(command, "commands", {}):  # styles show
            command = command.commands[words[0]]
        known = {
            flag for parameter in command.params for flag in (*parameter.opts, *parameter.secondary_opts)
        }
        for word in words:
            flag = word.partition("=")[0]
            if re.fullmatch(r"--?[a-z][a-z-]*", flag):
                assert flag in known | {"--help", "-h"}, f"{document.name}: {verb} has no {flag}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_quotes_are_those_that_every_shell_takes(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    said = [line.partition("#")[0] for line in code_of(text).splitlines()] + re.findall(r"`(.*?)`", text)
    commands = [words for words in said if words.startswith(("livestyle ", "pip "))]
    assert not [words for words in commands if "'" in words], "the shell of Windows knows only double ones"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8"))
    missing = [t for t in targets if "://" not in t and not (document.parent / t).exists()]
    assert not missing, f"{document.name} links to {missing}"


def test_anchors_of_links_are_headings() -> None:
    headings = {path.resolve(): anchors_of(path) for path in DOCUMENTS}
    for document in DOCUMENTS:
        for target, anchor in re.findall(
            r"\]\(([^)#\s]*\.md|)#([^)\s]+)\)", document.read_text(encoding="utf-8")
        ):
            assert anchor in headings[(document.parent / target if target else document).resolve()], (
                f"{document.name}: no heading {target}#{anchor}"
            )


def anchors_of(document: Path) -> set[str]:
    """Return what links call the headings of *document*, as GitHub and others do."""
    titles = re.findall(r"^#+ (.*)", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_documents_are_in_the_source_archive_beside_these_tests() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    tops = {document.relative_to(ROOT).parts[0] for document in DOCUMENTS}
    assert tops <= set(tool["hatch"]["build"]["targets"]["sdist"]["include"])


@pytest.mark.parametrize("name", ["README.md", "docs/python.md"])
def test_examples_in_python_run(
    name: str, make_clip: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_clip("in.mp4", frames=3)
    pixels = np.full((48, 64, 3), 128, np.uint8)
    for photo in (tmp_path / "photo.jpg", tmp_path / "photos" / "photo.jpg"):
        write_picture(photo, Picture(pixels))
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(
        r"^```python\n(.*?)^```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    for block in blocks:
        exec(block, {"pixels": pixels})
    assert blocks


def test_make_targets_in_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        named = set(
            re.findall(r"^make ([a-z-]+)", code_of(document.read_text(encoding="utf-8")), re.MULTILINE)
        )
        assert named <= targets, f"{document.name} names {named - targets}"
