"""Remote: all that can be read of a live picture and changed of it while it runs, by keys or by programs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from livestyle.errors import UnknownName, UsageError
from livestyle.frame import StreamInfo
from livestyle.live.carousel import Carousel
from livestyle.live.recorder import Recorder
from livestyle.live.show import Show, Wipe
from livestyle.pipeline import Pipeline
from livestyle.styles.blend import names_in
from livestyle.stylize.brush import working_scale
from livestyle.stylize.stylizer import Controls, Stylizer

SAID_SECONDS = 4.0
"""How long what was said stays to be read."""


@dataclass(frozen=True)
class State:
    """What a live picture is doing just now; ``dataclasses.asdict`` makes plain values of it, for JSON.

    Attributes:
        controls: as they were set last; the style may still be made ready.
        painting: the style that is painted until then.
        width, height: of the frames, in pixels.
        scale: the size at which they are painted, as a part of that; more than 1 where fine strokes need it.
        waiting: whether the source is lost, and a slate is shown.
        recording: whether frames go to a recording.
        source_fps: frames per second that truly come from the source, over the last two seconds.
        fps: the same at the first output.
        latency_seconds: age of its frames when they are out, the median of that time.
        slow_latency_seconds: the 95th percentile.
        frames: that it was given so far.
        dropped: frames so far that a newer one replaced, at any output.
        said: what was saved or went wrong in the last seconds; else empty.
    """

    controls: Controls
    painting: str
    width: int
    height: int
    scale: float
    waiting: bool
    recording: bool
    source_fps: float
    fps: float
    latency_seconds: float
    slow_latency_seconds: float
    frames: int
    dropped: int
    said: str


class Remote:
    """Reads and steers a live picture, for keys and for programs. From any thread.

    Nothing here waits for a frame. Controls are replaced whole, and read once per frame: the last who sets
    them wins.
    """

    def __init__(
        self,
        info: StreamInfo,
        stylizer: Stylizer,
        show: Show,
        carousel: Carousel,
        recorder: Recorder,
        pipeline: Pipeline,
    ) -> None:
        self._info = info
        self._side = min(info.height, info.width)
        self._stylizer = stylizer
        self._show = show
        self._carousel = carousel
        self._recorder = recorder
        self._pipeline = pipeline
        self._said, self._said_at = "", float("-inf")

    @property
    def styles(self) -> tuple[str, ...]:
        """Names of the styles that may be chosen, in order."""
        return self._carousel.names

    @property
    def controls(self) -> Controls:
        """As they were set last."""
        return self._carousel.wanted

    def state(self) -> State:
        """Return what the picture is doing just now."""
        meter = self._pipeline.meters[0]
        return State(
            controls=self.controls,
            painting=self._stylizer.controls.style,
            width=self._info.width,
            height=self._info.height,
            scale=working_scale(self._side, self._stylizer.controls.brush, self._stylizer.scale),
            waiting=self._show.waiting,
            recording=self._recorder.recording,
            source_fps=self._pipeline.source_meter.fps,
            fps=meter.fps,
            latency_seconds=meter.latency_seconds(),
            slow_latency_seconds=meter.latency_seconds(95),
            frames=meter.frames,
            dropped=self._pipeline.dropped,
            said=self._said if time.perf_counter() - self._said_at < SAID_SECONDS else "",
        )

    def set(self, controls: Controls) -> None:
        """Replace all controls; a style that is not ready yet is painted as soon as it is.

        Raises:
            UnknownName: the style is neither one of ``styles``, nor a blend of them, nor the one set now.
            UsageError: a blend is written wrongly.
        """
        if controls.style != self.controls.style:
            self._check_style(controls.style)
        self._carousel.set(controls)

    def change(self, wishes: Mapping[str, Any]) -> None:
        """Replace those controls that *wishes* names, as they come out of JSON; the others stay.

        Raises:
            UsageError: there is no such control, or it cannot have that value; nothing was changed.
        """
        if isinstance(style := wishes.get("style"), str) and style != self.controls.style:
            self._check_style(style)
        self._carousel.set(replace_controls(self.controls, wishes))

    def step_style(self, steps: int) -> None:
        """Go *steps* styles on; from the last to the first."""
        self._carousel.step(steps)

    def pick_style(self, number: int) -> None:
        """Go to style *number*, counted from 1, if there are so many."""
        self._carousel.pick(number)

    def show_original(self, seconds: float) -> None:
        """Show the original for so long; with 0, the painting again."""
        self._show.original_until = time.perf_counter() + seconds

    def set_wipe(self, wipe: Wipe | None) -> None:
        """Show original and painting side by side; with None, the painting alone."""
        self._show.wipe = wipe

    def save_snapshot(self) -> Path | None:
        """Write what is shown as a PNG; return where it will be, or None when there was no frame yet."""
        return self._recorder.save_snapshot()

    def save_replay(self) -> Path:
        """Write the last seconds as a clip; return where it will be."""
        return self._recorder.save_replay()

    def record(self, on: bool) -> Path | None:
        """Start a recording, or finish it; return its file, or None when there is none."""
        return self._recorder.start() if on else self._recorder.finish()

    def say(self, text: str) -> None:
        """Let *text* be read for some seconds."""
        self._said, self._said_at = text, time.perf_counter()

    def _check_style(self, style: str) -> None:
        for name in names_in(style):
            if name not in self.styles:
                raise UnknownName("style", name, self.styles)

    def stop(self) -> None:
        """End the run; what is being written is finished."""
        self._pipeline.stop()


def replace_controls(controls: Controls, wishes: Mapping[str, Any]) -> Controls:
    """Return *controls* with those replaced that *wishes* names.

    Raises:
        UsageError: there is no such control, or it cannot have that value.
    """
    defaults = {item.name: item.default for item in fields(Controls)}
    for name, value in wishes.items():
        if name not in defaults:
            raise UnknownName("control", name, defaults)
        wanted = type(defaults[name])
        if not (type(value) is wanted or (wanted is float and type(value) is int)):
            raise UsageError(f"{name} must be {NOUNS[wanted]}, not {value!r}")
    try:
        changes: Any = {name: float(value) if type(value) is int else value for name, value in wishes.items()}
    except OverflowError as error:
        raise UsageError("a number is too large") from error
    return replace(controls, **changes)


NOUNS = {str: "a text", float: "a number", bool: "true or false", int: "a whole number"}
"""What JSON calls the types of controls."""
