"""Paints the frames of a file, several at the same time.

What the smoother does to a frame, before and after the network, goes on while that paints others, so that all
cores have work. That would only delay the frames of a camera, of which the newest counts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from livestyle.frame import Frame, Pixels
from livestyle.stylize.cutout.cutout import Cut
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
    begun: deque[tuple[Frame, Future[Cut]]] = deque()

    def oldest() -> tuple[Frame, Frame]:
        frame, painted = begun.popleft()
        return frame, frame.with_pixels(*painted.result())

    with ThreadPoolExecutor(at_once, "painter") as painters, ThreadPoolExecutor(1, "finisher") as finisher:
        for frame in frames:
            draft = stylizer.prepare(frame.pixels, stylizer.tick(frame))
            painting = painters.submit(draft.paint)
            begun.append((frame, finisher.submit(finish, stylizer, draft, painting)))
            while begun and (len(begun) > at_once + 1 or rests(frame)):
                yield oldest()
        while begun:
            yield oldest()


def finish(stylizer: Stylizer, draft: Draft, painting: Future[Pixels | None]) -> Cut:
    """Return the picture of *draft* painted, once *painting* is done."""
    return stylizer.finish(draft, painting.result())
