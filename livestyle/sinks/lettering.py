"""Lettering: lines of text laid over a picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2

from livestyle.frame import Pixels

FONT = cv2.FONT_HERSHEY_SIMPLEX


def write_lines(pixels: Pixels, lines: Sequence[str]) -> Pixels:
    """Return a copy of *pixels*, (H, W, 3), with *lines* on a darkened panel in its upper left corner.

    The letters grow with the picture, so that they look the same in a window of a given size.
    """
    out = pixels.copy()
    height, width = out.shape[:2]
    scale = min(max(height / 800, 0.3), 0.8 * height / 32 / max(len(lines), 1))
    step = round(32 * scale)
    widest = max(cv2.getTextSize(line, FONT, scale, 1)[0][0] for line in lines)
    panel = out[: min(step * len(lines) + step // 2, height), : min(widest + step, width)]
    panel[:] = panel // 4
    for number, line in enumerate(lines, start=1):
        place = (step // 2, round(step * number))
        cv2.putText(out, line, place, FONT, scale, (255, 255, 255), 1 if scale < 0.8 else 2, cv2.LINE_AA)
    return out
