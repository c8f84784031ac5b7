"""Where painted frames go: the contract and the table."""

from __future__ import annotations

from typing import Protocol

from livestyle.frame import Frame
from livestyle.registry import Part, Table


class Sink(Protocol):
    """Takes painted frames.

    Three more members are optional. ``main_thread = True``: the sink runs on the thread that calls
    ``Pipeline.run``, as windows must. ``pump()``: called between frames, to look after a window.
    ``abandon()``: called before ``close`` when the run failed, here or elsewhere.
    """

    name: str

    def write(self, frame: Frame) -> None:
        """Show or store *frame*. May block."""

    def close(self) -> None:
        """Flush and let go. Called once, also after a failure."""


SINKS = Table(
    "sink",
    {
        "file": Part("livestyle.sinks.file:FileSink", "an encoded video file with the sound of its source"),
        "window": Part("livestyle.sinks.window:WindowSink", "a window on this machine"),
    },
)
