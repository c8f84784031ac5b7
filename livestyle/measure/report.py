"""The report of ``livestyle flicker``: one page of HTML that needs nothing but itself."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape

import cv2
import numpy as np

from livestyle.frame import Pixels
from livestyle.measure.flicker import FIGURES, Figure, Track
from livestyle.measure.trial import Trial

COLOURS = ("#8a8a8a", "#c8452c", "#1f6fb2", "#2c8a4b", "#8a4fb5", "#c98a1b", "#111111", "#12b5c9")
"""Of curves: a training has seven."""

AMPLIFIED = 4
STRIP = 6
"""Pictures in a film strip."""

PLOT_WIDTH, PLOT_HEIGHT, MARGIN = 900, 240, 48

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; } td, th { padding: .25rem .8rem; border-bottom: 1px solid #ddd; }
th { text-align: left; } td.number { text-align: right; font-variant-numeric: tabular-nums; }
td.good { background: #e3f3e6; } td.poor { background: #fbe6e1; } td.words, p.note { color: #666; }
.strip { display: flex; gap: 3px; overflow-x: auto; } figure { margin: 0; flex: 1 0 9rem; }
.strip img { width: 100%; display: block; } figcaption { font-size: 12px; color: #666; }
svg { width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: #444; }
"""


def make_report(trial: Trial) -> str:
    """Return the page that shows *trial*."""
    plotted = {name: [error * 1000 for error in track.errors] for name, track in trial.tracks.items()}
    strips = "".join(draw_strips(name, track) for name, track in trial.tracks.items())
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(trial.title)}</title><style>{STYLE}</style>
<h1>{escape(trial.title)}</h1><p>{escape(trial.facts)}</p>
<h2>Figures</h2>{draw_table(trial.figures)}
<p class="note">Less is steadier. Sharpness and contrast stand beside it because blur is steady, too.</p>
<h2>Error of each frame</h2>{draw_plot(plotted)}
<p class="note">E_warp ×1e-3: mean squared difference of a frame and the next one, the motion of the source
undone, where both show the same thing. Peaks at cuts belong to the clip.</p>
<h2>Film strips</h2>
<p class="note">Below each frame: how it differs from the next one once motion is undone, {AMPLIFIED} times
brighter. Black is steady.</p>{strips}
</html>
"""


def draw_table(figures: Mapping[str, Mapping[str, float]]) -> str:
    """Return the table of figures as HTML."""
    heads = "".join(f"<th>{escape(name)}</th>" for name in figures)
    rows = []
    for name, figure in FIGURES.items():
        if not any(name in column for column in figures.values()):
            continue
        cells = "".join(draw_cell(figure, column.get(name)) for column in figures.values())
        good = "" if figure.good is None else f"≤ {figure.good:g}"
        rows.append(
            f"<tr><th>{escape(figure.title)}</th>{cells}<td class=number>{good}</td>"
            f"<td class=words>{escape(figure.meaning)}</td></tr>"
        )
    return f"<table><tr><th></th>{heads}<th>good</th><th></th></tr>{''.join(rows)}</table>"


def draw_cell(figure: Figure, value: float | None) -> str:
    """Return the *value* of one figure as a cell of the table."""
    told = figure.tell(value)
    if value is None or not told:
        return "<td></td>"
    verdict = "" if figure.good is None else " good" if value * figure.scale <= figure.good else " poor"
    return f'<td class="number{verdict}">{told}</td>'


def draw_plot(lines: Mapping[str, Sequence[float]]) -> str:
    """Return *lines*, values per frame by name, as an SVG picture with a linear scale from 0."""
    finite = np.array([value for values in lines.values() for value in values if np.isfinite(value)])
    top = nice_top(float(np.percentile(finite, 99))) if finite.size else 1.0
    count = max(len(values) for values in lines.values())
    parts = [f'<svg viewBox="0 0 {PLOT_WIDTH} {PLOT_HEIGHT + 24}" role="img">']
    for tick in np.linspace(0, top, 5):
        y = PLOT_HEIGHT - tick / top * (PLOT_HEIGHT - 16)
        parts.append(f'<line x1="{MARGIN}" x2="{PLOT_WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:.3g}</text>')
    for number, (name, values) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(
            f"{MARGIN + (PLOT_WIDTH - MARGIN) * index / max(count - 1, 1):.1f},"
            f"{PLOT_HEIGHT - min(value / top, 1.05) * (PLOT_HEIGHT - 16):.1f}"
            for index, value in enumerate(values)
            if np.isfinite(value)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        x = MARGIN + 8 + number * min((PLOT_WIDTH - MARGIN) // len(lines), 200)
        parts.append(f'<rect x="{x}" y="{PLOT_HEIGHT + 8}" width="14" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{x + 20}" y="{PLOT_HEIGHT + 14}">{escape(name)}</text>')
    return "".join((*parts, "</svg>"))


def nice_top(value: float) -> float:
    """Return the next of 1, 2, 4, 8 × 10ⁿ that is not below *value*."""
    if value <= 0:
        return 1.0
    power = 10 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 2, 4, 8, 10) if step * power >= value))


def draw_strips(name: str, track: Track) -> str:
    """Return frames of *track*, and below each how it differs from the next, as HTML."""
    step = max(1, -(-len(track.moments) // STRIP))
    cells = "".join(
        f'<figure><img src="{embed(picture)}" alt="frame {index}">'
        f'<img src="{embed(brighten(difference))}" alt="difference">'
        f"<figcaption>frame {index}</figcaption></figure>"
        for index, picture, difference in track.moments[::step]
    )
    return f"<h3>{escape(name)}</h3><div class=strip>{cells}</div>"


def brighten(difference: Pixels) -> Pixels:
    """Return *difference*, ``AMPLIFIED`` times as bright."""
    return cv2.convertScaleAbs(difference, alpha=AMPLIFIED).astype(np.uint8, copy=False)


def embed(pixels: Pixels) -> str:
    """Return *pixels*, uint8 RGB, as a data URL."""
    _, encoded = cv2.imencode(".jpg", np.ascontiguousarray(pixels[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 88])
    return "data:image/jpeg;base64," + base64.b64encode(encoded.tobytes()).decode()
