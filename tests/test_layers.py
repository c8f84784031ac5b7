"""The house keeps its shape: imports point down, heavy packages stay in their rooms, files stay small."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import livestyle

PACKAGE = Path(livestyle.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

DRAWING = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8").split("```\n")[3]
ROWS = re.sub(r" *#.*", "", DRAWING).strip().replace("\n  ", " ")
LAYERS = [set(row.split()) for row in ROWS.splitlines()]
"""Rooms from top to bottom; one may import what stands below it, and from its own."""

ALLOWED = {
    ("pipeline", "sources"): {"Source"},
    ("pipeline", "sinks"): {"Sink"},
    ("pipeline", "stylize"): set(),
}
"""What may be imported from a room all the same; pipeline knows contracts, no concrete part."""

ROOMS_OF = {
    "torch": {"stylize", "train", "measure"},
    "cv2": {
        "sources",
        "sinks",
        "stylize",
        "train",
        "measure",
        "live",
        "web",
        "hdr",
        "chroma",
    },
    "av": {"sources", "sinks", "measure", "web"},
    "asyncio": {"web", "sinks"},
}
"""Which rooms may import a heavy package."""


def room_of(path: Path) -> str:
    """Return the room that *path* belongs to: the folder, or the file at the top."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports_of(path: Path) -> Iterator[tuple[str, set[str]]]:
    """Yield each imported module of *path* with the names taken from it, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, set()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively; write the whole name"
            names = {alias.name for alias in node.names}
            if node.module == "livestyle":
                yield from ((f"livestyle.{name}", set()) for name in names)
            else:
                yield str(node.module), names


def layer_of(room: str) -> int:
    """Return the row of *room*; fails for one that no row has."""
    return next(number for number, rooms in enumerate(LAYERS) if room in rooms)


def points_up(room: str, module: str, names: set[str]) -> bool:
    """Tell whether *room* must not import *names* of *module*."""
    other = module.split(".")[1]
    if other in ("__version__", room):
        return False
    if (room, other) in ALLOWED:
        return not names <= ALLOWED[room, other] or not names
    return layer_of(other) <= layer_of(room)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":  # the public names, which come from anywhere
        return
    wrong = [m for m, names in imports_of(path) if m.startswith("livestyle.") and points_up(room, m, names)]
    assert not wrong, f"{path.name} is in {room!r} and may not import {wrong}"


def test_every_room_stands_in_a_layer() -> None:
    assert {room_of(path) for path in FILES} - {"__init__"} <= set().union(*LAYERS)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_heavy_packages_stay_in_their_rooms(path: Path) -> None:
    for module, _ in imports_of(path):
        rooms = ROOMS_OF.get(module.split(".")[0])
        assert rooms is None or room_of(path) in rooms, f"{path.name} may not import {module}"


@pytest.mark.parametrize(
    ("room", "module", "names", "wrong"),
    [
        ("sinks", "livestyle.sources.file", {"FileSource"}, True),
        ("sinks", "livestyle.pipeline", {"Pipeline"}, True),
        ("frame", "livestyle.styles", {"style"}, True),
        ("pipeline", "livestyle.sinks.file", {"FileSink"}, True),
        ("pipeline", "livestyle.sinks", {"Sink"}, False),
        ("pipeline", "livestyle.stylize.stylizer", {"Stylizer"}, True),
        ("train", "livestyle.stylize.network", {"StyleNetwork"}, False),
        ("train", "livestyle.measure.speed", {"speed"}, True),
        ("styles", "livestyle.errors", {"UsageError"}, False),
        ("sources", "livestyle.sources.file", {"FileSource"}, False),
    ],
)
def test_the_rule_itself(room: str, module: str, names: set[str], wrong: bool) -> None:
    assert points_up(room, module, names) is wrong


@pytest.mark.parametrize("arguments", [["--help"], ["styles"], ["styles", "--json"], ["--version"]])
def test_light_commands_import_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys, livestyle.cli\n"
        f"sys.argv = ['livestyle', *{arguments!r}]\n"
        "try: livestyle.cli.main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "heavy = {'torch', 'cv2', 'av', 'openvino', 'onnxruntime'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_opencv_is_imported_before_pyav(path: Path) -> None:
    """Or no window opens: the packages of sources and sinks see to it for all that is in them."""
    names = [
        alias.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    if "av" in names and path.relative_to(PACKAGE).parts[0] not in ("sources", "sinks"):
        assert "cv2" in names[: names.index("av")]


def lengths_of_functions() -> dict[str, int]:
    """Return the lines of each function, signature and docstring included."""
    lengths = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                lengths[f"{path.relative_to(PACKAGE)}:{node.name}"] = node.end_lineno - node.lineno + 1
    return lengths


def test_files_stay_small() -> None:
    lines = {str(path.relative_to(PACKAGE)): len(path.read_text().splitlines()) for path in FILES}
    assert not {name: n for name, n in lines.items() if n > 400}
    assert statistics.median(n for n in lines.values() if n) <= 150


def test_functions_stay_small() -> None:
    lengths = lengths_of_functions()
    assert not {name: n for name, n in lengths.items() if n > 60}
    assert statistics.quantiles(lengths.values(), n=10)[-1] <= 35
    assert statistics.median(lengths.values()) <= 13  # of which the docstring is a third


def test_names_that_say_nothing_are_not_used() -> None:
    empty = {
        "utils",
        "helpers",
        "common",
        "misc",
        "base",
        "core",
        "manager",
        "processor",
        "handler",
        "wrapper",
        "engine",
        "service",
    }
    assert not {path.stem for path in FILES} & empty


def test_catching_everything_is_rare() -> None:
    catches = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
    ]
    assert len(catches) <= 3, catches
