"""How fast pictures and videos are painted: what ``livestyle bench`` runs."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from livestyle.errors import StageError

BURST = 4
"""Pictures that one contender paints in a row; the first is not counted: its data is not at hand yet."""

PAUSE_SECONDS = 0.1
"""Between two contenders: the threads of some libraries turn idly for a while after their work is done."""

ROUNDS_AT_LEAST = 3

Contender = Callable[[], object]
"""Paints one picture, always the same."""


class Cost(NamedTuple):
    """What one frame took: seconds that passed, and seconds of all cores."""

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Timing:
    """How fast one contender was.

    Attributes:
        name: library, device and precision.
        scope: ``network``: picture in memory to picture in memory; ``video``: the whole command, its start
            included, file to file; ``live``: capture to window.
        width, height: of the pictures, in pixels.
        frames: that were measured.
        best_ms, p50_ms, p95_ms: for one frame; of a video, over its runs.
        cpu_ms: of all cores together for one frame, at the median, live the mean: what a busy machine changes
            least.
        peak_mb: most memory that the command held; None where that is not measured.
        shown_fps: frames per second that were shown live; None where frames follow each other at once.
    """

    name: str
    scope: str
    width: int
    height: int
    frames: int
    best_ms: float
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    peak_mb: float | None = None
    shown_fps: float | None = None

    @property
    def fps(self) -> float:
        """Frames per second; of what is not live, at the median."""
        return 1000 / self.p50_ms if self.shown_fps is None else self.shown_fps


def hardware() -> str:
    """Return processor, cores, load and system: what a figure means nothing without."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":")[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line
        ]
        processor = names[0] if names else processor
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{processor}, {os.cpu_count()} cores{load}, {platform.system()}, Python {platform.python_version()}"
    )


def race(contenders: Mapping[str, Contender], seconds: float) -> dict[str, list[Cost]]:
    """Let all paint in turns for about *seconds*; return what each picture took, by name."""
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for paint in contenders.values():
        paint()  # compiles, allocates
    until, rounds = time.perf_counter() + seconds, 0
    while rounds < ROUNDS_AT_LEAST or time.perf_counter() < until:
        for name, paint in contenders.items():
            time.sleep(PAUSE_SECONDS)
            paint()
            for _ in range(BURST - 1):
                started, cpu_started = time.perf_counter(), time.process_time()
                paint()
                cost = Cost(time.perf_counter() - started, time.process_time() - cpu_started)
                costs[name].append(cost)
        rounds += 1
    return costs


def measure_networks(
    contenders: Mapping[str, Contender], size: tuple[int, int], seconds: float
) -> list[Timing]:
    """Return how fast each of *contenders* paints pictures of *size*, (width, height)."""
    return [summarise(name, "network", size, costs) for name, costs in race(contenders, seconds).items()]


def measure_videos(
    commands: Mapping[str, Sequence[str]], size: tuple[int, int], frames: int, rounds: int
) -> list[Timing]:
    """Run each of *commands*, which paint a clip of *frames* frames, in turns, *rounds* times.

    Raises:
        StageError: one of them failed; its last line tells why.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    peaks = dict.fromkeys(commands, 0.0)
    for _ in range(rounds):
        for name, command in commands.items():
            cost, peak = run(command)
            costs[name].append(Cost(cost.seconds / frames, cost.cpu_seconds / frames))
            peaks[name] = max(peaks[name], peak)
    return [summarise(name, "video", size, costs[name], peaks[name] or None, frames) for name in commands]


def run(command: Sequence[str]) -> tuple[Cost, float]:
    """Run *command*; return what it took and its peak memory in MB; Windows tells the seconds alone.

    Linux counts the memory of who starts a command as that command's, too: this process must be small yet.

    Raises:
        StageError: it failed.
    """
    started, peak, cpu_seconds = time.perf_counter(), 0.0, 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.read().strip()
        if hasattr(os, "wait4"):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            cpu_seconds = usage.ru_utime + usage.ru_stime
            peak = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)  # bytes there, kB elsewhere
    seconds = time.perf_counter() - started
    if process.returncode:
        raise StageError(
            f"{' '.join(command[:4])} failed: {said.splitlines()[-1] if said else process.returncode}"
        )
    return Cost(seconds, cpu_seconds), peak


def summarise(
    name: str,
    scope: str,
    size: tuple[int, int],
    costs: Sequence[Cost],
    peak_mb: float | None = None,
    each: int = 1,
) -> Timing:
    """Return the figures of *costs*, per frame; each stands for *each* frames."""
    best, p50, p95 = (float(np.percentile([cost.seconds for cost in costs], q)) * 1000 for q in (0, 50, 95))
    cpu = float(np.median([cost.cpu_seconds for cost in costs])) * 1000
    return Timing(name, scope, *size, len(costs) * each, best, p50, p95, cpu, peak_mb)
