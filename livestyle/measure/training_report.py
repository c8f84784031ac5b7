"""The report of ``livestyle train``: one page of HTML that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape

import cv2
import numpy as np

from livestyle.frame import Pixels
from livestyle.measure.comparison import Candidate
from livestyle.measure.flicker import FIGURES
from livestyle.measure.report import STYLE, draw_plot, embed
from livestyle.measure.verdict import advise, say_plainly
from livestyle.styles.store import call_by
from livestyle.styles.style import Style

MOST_POINTS = 300
"""Points of a loss curve: more would not be seen."""

PAINTING_SIDE = 480

GRID = """
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 3px; }
.grid img { width: 100%; display: block; } tr.new { background: #fff6d8; }
"""


@dataclass(frozen=True)
class Training:
    """A run that has ended.

    Attributes:
        style: what came of it.
        painting: uint8 RGB, (H, W, 3).
        photos: pictures it was tried on, uint8 RGB.
        losses: of each step, weighted, by name.
    """

    style: Style
    painting: Pixels
    photos: Sequence[Pixels]
    losses: Mapping[str, Sequence[float]]


def make_training_report(training: Training, candidate: Candidate, others: Sequence[Candidate]) -> str:
    """Return the page that shows *training*, its result, and the *others* that it is compared with."""
    style, title = training.style, escape(f"Training of {training.style.name}")
    facts = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
        for name, value in {**asdict(style.credits), **style.training}.items()
        if value not in ("", None)
    )
    pairs = "".join(
        draw_figure(photo, "photo") + draw_figure(painted, candidate.name)
        for photo, painted in zip(training.photos, candidate.painted, strict=True)
    )
    rivals = "".join(draw_figure(other.painted[0], other.name) for other in (candidate, *others))
    curves = {name: thin_out(values) for name, values in training.losses.items()}
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>{STYLE}{GRID}</style>
<h1>{title}</h1>
<p>{escape(say_plainly(candidate, others))}</p><p>{escape(advise(candidate, others, style.training))}</p>
<h2>Before and after</h2><div class=strip>{draw_figure(fit(training.painting), "the painting")}{pairs}</div>
<h2>Use it, share it</h2>{draw_use(style)}
<h2>Losses</h2>{draw_plot(curves)}
<p class="note">Weighted, as they enter the sum; the weight of the style falls during the first part of the
run. Of {len(next(iter(training.losses.values()), ()))} steps.</p>
<h2>Beside the styles that ship</h2><div class=grid>{rivals}</div>{draw_ranking(candidate, others)}
<p class="note">Style distance is to this painting, for all of them. Each frame is painted by itself; the
smoother of <code>livestyle video</code> makes all of them steadier.</p>
<h2>Settings</h2><table>{facts}</table>
</html>
"""


def draw_ranking(candidate: Candidate, others: Sequence[Candidate]) -> str:
    """Return a table with a line for each style, the new one first, and what its columns mean, as HTML."""
    names = [name for name in FIGURES if name in candidate.figures]
    heads = "".join(f"<th>{escape(FIGURES[name].title)}</th>" for name in names)
    rows = []
    for style in (candidate, *others):
        told = (FIGURES[name].tell(style.figures.get(name)) for name in names)
        cells = "".join(f"<td class=number>{text}</td>" for text in told)
        kind = " class=new" if style is candidate else ""
        rows.append(f"<tr{kind}><th>{escape(style.name)}</th>{cells}</tr>")
    meanings = "; ".join(f"{FIGURES[name].title}: {FIGURES[name].meaning}" for name in names)
    return (
        f"<table><tr><th></th>{heads}</tr>{''.join(rows)}</table>"
        f'<p class="note">{escape(meanings[:1].upper() + meanings[1:])}.</p>'
    )


def draw_use(style: Style) -> str:
    """Return how to paint with *style*, and what to give to friends, as HTML."""
    call, path = escape(call_by(style)), escape(str(style.path))
    return (
        f"<p>To paint a video with it: <code>livestyle video in.mp4 out.mp4 --style {call}</code></p>"
        f"<p>To share it, give this one file, and nothing else: <code>{path}</code><br>Who gets it says "
        f"<code>livestyle styles add {escape(style.path.name)}</code></p>"
    )


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
