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

import numpy as np

from livestyle.errors import StageError

BURST = 4
"""Pictures that one contender paints in a row; the first is not counted: its data is not at hand yet."""

ROUNDS_AT_LEAST = 3

Contender = Callable[[], object]
"""Paints one picture, always the same."""


@dataclass(frozen=True)
class Timing:
    """How fast one contender was.

    Attributes:
        name: library, device and precision.
        scope: ``network``: picture in memory to picture in memory; ``video``: the whole command, its start
            included, file to file.
        width, height: of the pictures, in pixels.
        frames: that were measured.
        best_ms, p50_ms, p95_ms: for one frame; of a video, over its runs.
        peak_mb: most memory that the command held; None where that is not measured.
    """

    name: str
    scope: str
    width: int
    height: int
    frames: int
    best_ms: float
    p50_ms: float
    p95_ms: float
    peak_mb: float | None = None

    @property
    def fps(self) -> float:
        """Frames per second, at the median."""
        return 1000 / self.p50_ms


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


def race(contenders: Mapping[str, Contender], seconds: float) -> dict[str, list[float]]:
    """Let all paint in turns for about *seconds*; return the seconds that each picture took, by name."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for paint in contenders.values():
        paint()  # compiles, allocates
    until, rounds = time.perf_counter() + seconds, 0
    while rounds < ROUNDS_AT_LEAST or time.perf_counter() < until:
        for name, paint in contenders.items():
            paint()
            for _ in range(BURST - 1):
                started = time.perf_counter()
                paint()
                times[name].append(time.perf_counter() - started)
        rounds += 1
    return times


def measure_networks(
    contenders: Mapping[str, Contender], size: tuple[int, int], seconds: float
) -> list[Timing]:
    """Return how fast each of *contenders* paints pictures of *size*, (width, height)."""
    return [summarise(name, "network", size, times) for name, times in race(contenders, seconds).items()]


def measure_videos(
    commands: Mapping[str, Sequence[str]], size: tuple[int, int], frames: int, rounds: int
) -> list[Timing]:
    """Run each of *commands*, which paint a clip of *frames* frames, in turns, *rounds* times.

    Raises:
        StageError: one of them failed; its last line tells why.
    """
    times: dict[str, list[float]] = {name: [] for name in commands}
    peaks = dict.fromkeys(commands, 0.0)
    for _ in range(rounds):
        for name, command in commands.items():
            seconds, peak = run(command)
            times[name].append(seconds / frames)
            peaks[name] = max(peaks[name], peak)
    return [summarise(name, "video", size, times[name], peaks[name] or None, frames) for name in commands]


def run(command: Sequence[str]) -> tuple[float, float]:
    """Run *command*; return its seconds and its peak memory in MB, 0 where that is not measured.

    Raises:
        StageError: it failed.
    """
    started, peak = time.perf_counter(), 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.read().strip()
        if hasattr(os, "wait4"):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            peak = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)  # bytes there, kB elsewhere
    seconds = time.perf_counter() - started
    if process.returncode:
        raise StageError(
            f"{' '.join(command[:4])} failed: {said.splitlines()[-1] if said else process.returncode}"
        )
    return seconds, peak


def summarise(
    name: str,
    scope: str,
    size: tuple[int, int],
    times: Sequence[float],
    peak_mb: float | None = None,
    each: int = 1,
) -> Timing:
    """Return the figures of *times*, in seconds per frame; each stands for *each* frames."""
    best, p50, p95 = (float(np.percentile(times, q)) * 1000 for q in (0, 50, 95))
    return Timing(name, scope, *size, len(times) * each, best, p50, p95, peak_mb)
