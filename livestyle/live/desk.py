"""Desk: the window and the keys of a live picture."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial, partialmethod
from pathlib import Path

from livestyle.audio import AudioTrack
from livestyle.errors import StageError
from livestyle.frame import StreamInfo
from livestyle.live.carousel import Carousel
from livestyle.live.director import Director
from livestyle.live.figures import Figures
from livestyle.live.keys import find_key
from livestyle.live.lenient import LenientSink
from livestyle.live.playlist import Playlist
from livestyle.live.recorder import Recorder
from livestyle.live.remote import Remote
from livestyle.live.show import Show, Wipe
from livestyle.pipeline import Pipeline, Report, each
from livestyle.settings import CUTOUTS
from livestyle.sinks import Sink
from livestyle.sinks.window import WindowSink
from livestyle.sound import Microphone
from livestyle.sources import Source
from livestyle.stylize.brush import BROADEST, NARROWEST, own_brush
from livestyle.stylize.stylizer import Stylizer

STEP = 0.1
"""By which keys change strength and stability."""

BRUSH_STEP = 2 ** (1 / 3)
"""By which keys multiply the breadth of strokes."""

HELD_SECONDS, REPEAT_SECONDS = 0.7, 0.25
"""How long a key counts as held after it was pressed, and after it repeated: no one tells of its release."""


class Desk:
    """Shows what *stylizer* makes of *source*, in a window whose keys steer, and on other outputs.

    Args:
        source: closed at the end.
        stylizer: its controls change as keys are pressed.
        styles: names to go through with ``n`` and ``p``.
        sinks: further outputs; closed at the end. When one fails the others go on.
        window: whether there is one; without, the run ends with the last output.
        strict: whether an output that fails ends the run.
        folder: where snapshots and recordings are put.
        playlist: what to show when; None leaves it to the keys.
        mirror: whether left and right are exchanged in the window, and only there.
        listen: opens a microphone for recordings, each time anew; None records without sound.
        always: whether to listen all the time, so that the clip of the last ten seconds has sound too.
        audio: what is heard with the frames, for recordings without a microphone.
        tell: told, in one line, what was saved or went wrong. From any thread.

    Attributes:
        remote: reads and steers the picture, for programs.
        lost: outputs that failed so far.

    Raises:
        SinkUnavailable: there is no display.
    """

    def __init__(
        self,
        source: Source,
        stylizer: Stylizer,
        styles: Sequence[str],
        *,
        sinks: Sequence[Sink] = (),
        window: bool = True,
        strict: bool = False,
        folder: Path = Path(),
        playlist: Playlist | None = None,
        mirror: bool = False,
        listen: Callable[[], Microphone] | None = None,
        always: bool = False,
        audio: AudioTrack | None = None,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        info = source.info
        self._side = min(info.height, info.width)
        carousel = Carousel(stylizer, styles, info, self._say)
        self._show = Show(stylizer, carousel.ready, lambda: getattr(source, "lost", False))
        recorder = Recorder(info, folder, self._say, listen, always, audio)
        self._tell = tell
        self._director = Director(playlist, carousel, self._show) if playlist else None
        self._pressed: dict[str, tuple[float, bool]] = {}
        self._mouse = 0.5  # as a part of the window's width
        self._window = self._open_window(info) if window else None
        self._set_mirror(mirror)
        self._outputs = len(sinks) + int(window)
        self._last_loss: str | None = None
        self.lost: list[Sink] = []
        self._losing = threading.Lock()
        outputs = sinks if strict else [LenientSink(sink, partial(self._lose, sink)) for sink in sinks]
        self._output_of = dict(zip(sinks, outputs, strict=True))
        shown = [self._window] if self._window else []
        self._pipeline = Pipeline(source, each(self._show), [*shown, *outputs, recorder])
        self.remote = Remote(info, stylizer, self._show, carousel, recorder, self._pipeline)
        self._figures = Figures(self.remote)

    def run(self) -> Report:
        """Show frames until the user quits or the source ends. Call it from the main thread.

        Raises:
            StageError: a stage failed, or all outputs did.
        """
        ended = threading.Event()
        if self._window:
            self.remote.say("press ? for the keys")
        if self._director:
            threading.Thread(target=self._director.play, args=(ended,), name="playlist").start()
        try:
            report = self._pipeline.run()
        finally:
            ended.set()
        if self._last_loss:
            raise StageError(self._last_loss)
        return report

    @property
    def has_window(self) -> bool:
        """Whether there is one."""
        return self._window is not None

    def left_out(self, sink: Sink) -> int:
        """Return how many frames so far *sink*, a given one, did not get, as newer ones came."""
        return self._pipeline.left_out(self._output_of[sink])

    def press(self, code: int) -> None:
        """Do what the key with *code* does, if anything."""
        key = find_key(code)
        if key is None:
            return
        action = getattr(self, key.action)
        if len(key.codes) > 2:
            action(chr(code & 0xFF))
        else:
            action()

    def next_style(self) -> None:
        """Paint in the next style."""
        self.remote.step_style(1)

    def previous_style(self) -> None:
        """Paint in the style before."""
        self.remote.step_style(-1)

    def pick_style(self, digit: str) -> None:
        """Paint in the style of that number."""
        self.remote.pick_style(int(digit))

    def _change(self, control: str, by: float) -> None:
        value = getattr(self.remote.controls, control) + by
        self.remote.change({control: round(min(max(value, 0.0), 1.0), 2)})

    def _change_brush(self, factor: float) -> None:
        brush = (self.remote.controls.brush or own_brush(self._side)) * factor
        self.remote.change({"brush": round(min(max(brush, NARROWEST), BROADEST), 2)})

    stronger = partialmethod(_change, "strength", STEP)
    weaker = partialmethod(_change, "strength", -STEP)
    steadier = partialmethod(_change, "stability", STEP)
    livelier = partialmethod(_change, "stability", -STEP)
    broader = partialmethod(_change_brush, BRUSH_STEP)
    finer = partialmethod(_change_brush, 1 / BRUSH_STEP)

    def toggle_colors(self) -> None:
        """Keep the colours of the original, or have the painting's again."""
        self.remote.change({"keep_colors": not self.remote.controls.keep_colors})

    def step_cutout(self) -> None:
        """Paint people alone, then what is around them, then all again."""
        number = CUTOUTS.index(self.remote.controls.cutout)
        self.remote.change({"cutout": CUTOUTS[(number + 1) % len(CUTOUTS)]})

    def show_original(self) -> None:
        """Show the original for a moment; longer while the key is held and so repeats."""
        self.remote.show_original(REPEAT_SECONDS if self._repeats("space") else HELD_SECONDS)

    def toggle_wipe(self) -> None:
        """Show original and painting side by side, or the painting alone again."""
        self.remote.set_wipe(None if self._show.wipe else self._wipe_at_mouse())

    def toggle_mirror(self) -> None:
        """Exchange left and right in the window."""
        self._set_mirror(not self._mirror)
        self._move_wipe(self._mouse)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back to a window; once, however long the key is held."""
        if self._window:
            self._once("full screen", self._window.toggle_full_screen)

    def toggle_hud(self) -> None:
        """Show or hide the figures."""
        self._figures.visible = not self._figures.visible

    def toggle_help(self) -> None:
        """Show or hide the keys."""
        self._figures.help = not self._figures.help

    def save_snapshot(self) -> None:
        """Write what is shown as a PNG."""
        self.remote.save_snapshot()

    def toggle_recording(self) -> None:
        """Start a recording, or finish it; once, however long the key is held."""
        self._once("record", lambda: self.remote.record(not self.remote.state().recording))

    def save_replay(self) -> None:
        """Write the last seconds as a clip."""
        self.remote.save_replay()

    def quit(self) -> None:
        """End the run."""
        self.remote.stop()

    def _repeats(self, key: str) -> bool:
        """Return whether *key* repeats, as it is held: no one tells of its release."""
        now = time.perf_counter()
        before, repeated = self._pressed.get(key, (float("-inf"), False))
        held = now - before < (REPEAT_SECONDS if repeated else HELD_SECONDS)
        self._pressed[key] = now, held
        return held

    def _once(self, key: str, act: Callable[[], object]) -> None:
        """Do *act* unless *key* repeats, also while *act* took its time."""
        if not self._repeats(key):
            act()
            self._pressed[key] = time.perf_counter(), False

    def _open_window(self, info: StreamInfo) -> WindowSink:
        return WindowSink(
            info.width,
            info.height,
            on_key=self.press,
            on_mouse=self._move_wipe,
            on_close=self.quit,
            read_lines=lambda: self._figures.read(),
        )

    def _lose(self, sink: Sink, text: str) -> None:
        """Go on without *sink*, which failed, unless it was the last output."""
        with self._losing:
            self.lost.append(sink)
            left = self._outputs - len(self.lost)
        if left:
            self._say(text)
        else:
            self._last_loss = text
            self.quit()

    def _say(self, text: str) -> None:
        self.remote.say(text)
        self._tell(text)

    def _set_mirror(self, mirror: bool) -> None:
        self._mirror = mirror
        if self._window:
            self._window.mirror = mirror

    def _move_wipe(self, position: float) -> None:
        self._mouse = position
        if self._show.wipe:
            self.remote.set_wipe(self._wipe_at_mouse())

    def _wipe_at_mouse(self) -> Wipe:
        """Return the wipe that shows the original to the left of the mouse, in the window."""
        return Wipe(1 - self._mouse if self._mirror else self._mouse, original_left=not self._mirror)
