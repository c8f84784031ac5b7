"""The table of ``livestyle bench`` in a document: between two marks, replaced by each run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from livestyle.errors import UsageError
from livestyle.measure.speed import Timing
from livestyle.whole import refusal_told, whole_file

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


def make_table(machine: str, timings: Iterable[Timing]) -> str:
    """Return *timings* as Markdown; the first of each scope and size is what the others are compared with.

    Args:
        machine: what they were measured on.
        timings: in the order of the rows.
    """
    head = ("scope", "size", "what", "fps", "p50 ms", "ratio", "p95 ms", "CPU ms", "ratio", "peak MB")
    rows = [head, ["---"] * len(head), *make_rows(timings)]
    lines = ("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join([f"Measured on: {machine}.", "", *lines])


def make_rows(timings: Iterable[Timing]) -> Iterator[list[str]]:
    """Yield the cells of each row."""
    firsts: dict[tuple[str, int, int], Timing] = {}
    for timing in timings:
        first = firsts.setdefault((timing.scope, timing.width, timing.height), timing)
        times = f"{timing.p50_ms / first.p50_ms:.1f}×"
        cpu_times = f"{timing.cpu_ms / first.cpu_ms:.1f}×" if first.cpu_ms else ""
        peak = "" if timing.peak_mb is None else f"{timing.peak_mb:.0f}"
        size = f"{timing.width}×{timing.height}"
        fps, p50, p95, cpu = (f"{x:.1f}" for x in (timing.fps, timing.p50_ms, timing.p95_ms, timing.cpu_ms))
        yield [timing.scope, size, timing.name, fps, p50, times, p95, cpu, cpu_times, peak]


def write_table(path: Path, table: str) -> None:
    """Put *table* between the marks in the document at *path*; nothing else of it changes.

    Raises:
        UsageError: the document cannot be read or written, or has not the two marks once each, in order.
    """
    before, after = read_around(path)
    with refusal_told(f"write {path}", UsageError), whole_file(path) as partial:
        partial.write_bytes(f"{before}{BEGIN}\n{table}\n{END}{after}".encode())


def read_around(path: Path) -> tuple[str, str]:
    """Return what stands before and after the marks in the document at *path*.

    Raises:
        UsageError: as ``write_table``.
    """
    try:
        text = path.read_bytes().decode()  # the ends of lines stay what they are
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: give a Markdown file") from error
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begun and ended) or BEGIN in rest or END in after:
        raise UsageError(f"{path} has no place for the table; write {BEGIN} and {END} into it, a line each")
    return before, after
