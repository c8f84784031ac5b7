"""The report of ``livestyle train``: one page of HTML that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import cv2
import numpy as np

from livestyle.frame import Pixels
from livestyle.measure.comparison import Candidate, sum_up
from livestyle.measure.report import STYLE, draw_plot, draw_table, embed

MOST_POINTS = 300
"""Points of a loss curve: more would not be seen."""

PAINTING_SIDE = 480


@dataclass(frozen=True)
class Training:
    """A run that has ended.

    Attributes:
        title: of the page.
        facts: settings and the like, by name.
        painting: uint8 RGB, (H, W, 3).
        photos: pictures it was tried on, uint8 RGB.
        losses: of each step, weighted, by name.
    """

    title: str
    facts: Mapping[str, object]
    painting: Pixels
    photos: Sequence[Pixels]
    losses: Mapping[str, Sequence[float]]


def make_training_report(training: Training, candidate: Candidate, others: Sequence[Candidate]) -> str:
    """Return the page that shows *training*, its result, and the *others* that it is compared with."""
    facts = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
        for name, value in training.facts.items()
        if value not in ("", None)
    )
    pairs = "".join(
        draw_figure(photo, "photo") + draw_figure(painted, candidate.name)
        for photo, painted in zip(training.photos, candidate.painted, strict=True)
    )
    rivals = "".join(draw_figure(other.painted[0], other.name) for other in (candidate, *others))
    figures = {other.name: other.figures for other in (candidate, *others)}
    curves = {name: thin_out(values) for name, values in training.losses.items()}
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(training.title)}</title><style>{STYLE}</style>
<h1>{escape(training.title)}</h1>
<p>{escape(sum_up(candidate, others))}</p>
<h2>Before and after</h2><div class=strip>{draw_figure(fit(training.painting), "the painting")}{pairs}</div>
<h2>Losses</h2>{draw_plot(curves)}
<p class="note">Weighted, as they enter the sum; the weight of the style falls during the first part of the
run. Of {len(next(iter(training.losses.values()), ()))} steps.</p>
<h2>Beside the styles that ship</h2><div class=strip>{rivals}</div>{draw_table(figures)}
<p class="note">Each frame painted by itself; the smoother of <code>livestyle video</code> makes all of them
steadier. Style distance is to this painting, for all of them.</p>
<h2>Settings</h2><table>{facts}</table>
</html>
"""


def draw_figure(pixels: Pixels, caption: str) -> str:
    """Return *pixels* with *caption* below, as HTML."""
    text = escape(caption)
    return f'<figure><img src="{embed(pixels)}" alt="{text}"><figcaption>{text}</figcaption></figure>'


def fit(painting: Pixels) -> Pixels:
    """Return *painting* with at most ``PAINTING_SIDE`` pixels each way."""
    factor = min(1.0, PAINTING_SIDE / max(painting.shape[:2]))
    size = (max(round(painting.shape[1] * factor), 1), max(round(painting.shape[0] * factor), 1))
    return cv2.resize(painting, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def thin_out(values: Sequence[float]) -> list[float]:
    """Return the means of at most ``MOST_POINTS`` stretches of *values*."""
    parts = np.array_split(np.asarray(values, float), min(len(values), MOST_POINTS)) if len(values) else []
    return [float(part.mean()) for part in parts]
