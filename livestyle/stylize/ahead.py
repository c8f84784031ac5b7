"""Paints the frames of a file, several at the same time.

What the smoother does to a frame goes on while the network paints the ones before, so that all cores have
work. That would only delay the frames of a camera, of which the newest counts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from livestyle.frame import Frame, Pixels
from livestyle.stylize.stylizer import Draft, Stylizer

AT_ONCE = 2
"""Frames that are painted at the same time: few, as each needs memory for all layers of the network."""


def paint_ahead(
    stylizer: Stylizer, frames: Iterable[Frame], rests: Callable[[Frame], bool] = lambda frame: False
) -> Iterator[tuple[Frame, Frame]]:
    """Yield each of *frames*, in order, and what *stylizer* paints of it.

    Args:
        stylizer: paints, as if it was given the frames one by one.
        frames: of a file.
        rests: tells of a frame whether nothing shall be begun before it is yielded: what the stylizer
            remembers is then that of this frame.
    """
    at_once = stylizer.widen(AT_ONCE)
    begun: deque[tuple[Frame, Draft, Future[Pixels | None]]] = deque()

    def finish() -> tuple[Frame, Frame]:
        frame, draft, styled = begun.popleft()
        return frame, frame.with_pixels(*stylizer.finish(draft, styled.result()))

    with ThreadPoolExecutor(at_once, "painter") as painters:
        for frame in frames:
            draft = stylizer.prepare(frame.pixels, stylizer.tick(frame))
            begun.append((frame, draft, painters.submit(draft.paint)))
            while begun and (len(begun) > at_once or rests(frame)):
                yield finish()
        while begun:
            yield finish()
