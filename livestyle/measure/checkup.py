"""Checkup: what works on this machine, tried rather than guessed, and how to mend what does not."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import cv2  # noqa: F401 (before PyAV: see sinks)

import av  # isort: skip
import av.error
import numpy as np

from livestyle.errors import UsageError, one_line
from livestyle.frame import StreamInfo
from livestyle.sinks import open_sink
from livestyle.sinks.display import require_display
from livestyle.sources.camera import list_cameras
from livestyle.sources.microphone import list_microphones
from livestyle.styles.store import cache_folder, home, list_styles
from livestyle.styles.style import Style
from livestyle.stylize.backends import BACKENDS, open_backend

PACKAGES = (
    "torch",
    "openvino",
    "onnxruntime",
    "numpy",
    "av",
    "opencv-python",
    "pyvirtualcam",
    "aiohttp",
    "aiortc",
)

ENCODERS = ("libx264", "h264_nvenc", "h264_qsv", "h264_amf", "h264_videotoolbox")
"""The first is needed; the others need hardware."""


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        name: what was looked at.
        state: ``failure`` when something that everybody needs does not work.
        text: what there is, or what is wrong and how to mend it.
    """

    name: str
    state: Literal["ok", "warning", "failure"]
    text: str


def check_all() -> Iterator[Finding]:
    """Yield what each check finds, one after the other; some take a second or two."""
    for check in CHECKS:
        yield from check()


def check_python() -> Iterator[Finding]:
    """Which Python and packages run."""
    yield Finding("python", "ok", f"{platform.python_version()} on {platform.platform()}, {sys.executable}")
    found = {name: version_of(name) for name in PACKAGES}
    yield Finding(
        "packages", "ok", ", ".join(f"{name} {version}" for name, version in found.items() if version)
    )
    if version_of("opencv-python-headless"):
        mend = "run: pip uninstall -y opencv-python-headless && pip install --force-reinstall opencv-python"
        yield Finding("opencv", "warning", f"the headless one is installed, which has no windows; {mend}")


def check_processor() -> Iterator[Finding]:
    """How many cores there are, how busy they are, and how many are used."""
    import torch

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    threads = f"PyTorch paints with {torch.get_num_threads()} threads"
    text = f"{cores} cores for us, {busy:.1f} of them busy in the last minute; {threads}"
    yield Finding("processor", "warning" if busy > 0.7 * cores else "ok", text)


def check_gpu() -> Iterator[Finding]:
    """Which GPU PyTorch can use."""
    import torch

    if torch.cuda.is_available():
        names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
        yield Finding("gpu", "ok", f"{', '.join(names)}; CUDA {torch.version.cuda}{find_driver()}")
    elif torch.backends.mps.is_available():
        yield Finding("gpu", "ok", "Apple, through MPS")
    elif driver := find_driver():
        mend = "run: pip install --force-reinstall torch, as pytorch.org says for its CUDA"
        yield Finding("gpu", "warning", f"NVIDIA{driver}, which this PyTorch cannot use; {mend}")
    else:
        yield Finding("gpu", "ok", "none that PyTorch can use; the processor paints")


def find_driver() -> str:
    """Return which driver of NVIDIA runs, for the middle of a line; nothing where that is not told."""
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    versions = done.stdout.split()
    return f", driver {versions[0]}" if done.returncode == 0 and versions else ""


def check_styles() -> Iterator[Finding]:
    """Whether there are styles, and folders to keep more."""
    names = [style.name for style in list_styles()]
    if names:
        yield Finding("styles", "ok", ", ".join(names))
    else:
        yield Finding("styles", "failure", "none; run: pip install --force-reinstall --no-deps livestyle")
    for name, folder in (("store", home()), ("cache", cache_folder())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
            yield Finding(name, "ok", str(folder))
        except OSError as error:
            text = f"cannot write to {folder}: {error.strerror}; set LIVESTYLE_HOME to a folder where you can"
            yield Finding(name, "failure", text)


def check_backends() -> Iterator[Finding]:
    """Which backends paint, and how fast."""
    style = next(list_styles(), None)
    if style is None:
        return
    findings = [check_backend(name, style) for name in BACKENDS]
    yield from findings
    if not any(finding.state == "ok" for finding in findings):
        yield Finding("painting", "failure", "no backend works; run: pip install --force-reinstall livestyle")


def check_backend(name: str, style: Style) -> Finding:
    """Open a backend and let it paint a frame of 640 × 360, some times over; the fastest counts."""
    frame = np.zeros((360, 640, 3), np.uint8)
    try:
        backend = open_backend(style, "auto", name)
        backend.paint(frame)
    except (UsageError, RuntimeError) as error:  # of PyTorch: too old a driver, too new a GPU
        return Finding(name, "warning", one_line(error))
    calculates = backend.description.partition(" (")[0]  # without the reason why it was chosen
    seconds = min(timed(lambda: backend.paint(frame)) for _ in range(5))
    return Finding(name, "ok", f"{calculates}: {seconds * 1000:.1f} ms for a frame of 640×360")


def check_encoders() -> Iterator[Finding]:
    """Which encoders truly open."""
    opened = [name for name in ENCODERS if opens(name)]
    state: Literal["ok", "failure"] = "ok" if ENCODERS[0] in opened else "failure"
    yield Finding("encoders", state, ", ".join(opened) or "none; run: pip install --force-reinstall av")


def check_outputs() -> Iterator[Finding]:
    """Whether there is a display and a virtual camera."""
    try:
        require_display()
        yield Finding("display", "ok", os.environ.get("DISPLAY", platform.system()))
    except UsageError as error:
        yield Finding("display", "warning", str(error))
    try:
        sink = open_sink("virtualcam", StreamInfo(640, 360, 30, live=True))
        yield Finding("virtualcam", "ok", str(getattr(sink, "device", "")))
        sink.close()
    except UsageError as error:
        yield Finding("virtualcam", "warning", str(error))


def check_cameras() -> Iterator[Finding]:
    """Which cameras there are."""
    cameras = [
        f"{camera.index} ({camera.name}, by {camera.backend}, {len(camera.modes())} modes)"
        for camera in list_cameras()
    ]
    if cameras:
        yield Finding("cameras", "ok", ", ".join(cameras))
    elif sys.platform == "linux":
        yield Finding("cameras", "warning", "none; 'livestyle webcam --camera pattern' does without")
    else:
        yield Finding("cameras", "ok", "this system does not tell; try: livestyle webcam --camera 0")


def check_microphones() -> Iterator[Finding]:
    """Which microphones there are."""
    try:
        names = [microphone.name for microphone in list_microphones()]
    except UsageError as error:
        yield Finding("microphones", "warning", f"recordings are without sound: {error}")
        return
    state: Literal["ok", "warning"] = "ok" if names else "warning"
    yield Finding("microphones", state, ", ".join(names) or "none; recordings are without sound")


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    check_python,
    check_processor,
    check_gpu,
    check_styles,
    check_backends,
    check_encoders,
    check_outputs,
    check_cameras,
    check_microphones,
)


def version_of(package: str) -> str:
    """Return the version of an installed package; nothing when it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds *work* takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def opens(encoder: str) -> bool:
    """Return whether a video encoder is built in and, if it needs hardware, finds it."""
    try:
        context: Any = av.CodecContext.create(encoder, "w")
        context.width, context.height, context.pix_fmt = 640, 360, "yuv420p"
        context.framerate, context.time_base = Fraction(30), Fraction(1, 30)
        context.open()
    except (av.error.FFmpegError, OSError, ValueError):
        return False
    return True
