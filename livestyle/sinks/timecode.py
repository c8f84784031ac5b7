"""Timecode: what the clock of a recording, as editors read it, says some frames later."""

from __future__ import annotations

import re
from fractions import Fraction

TIMECODE = re.compile(r"(\d+):(\d\d):(\d\d)([:;.])(\d\d+)")
"""Hours, minutes, seconds, and frames, before which ``;`` or ``.`` says that numbers are dropped."""


def later(timecode: str, frames: int, rate: Fraction) -> str:
    """Return *timecode*, ``01:00:00:00``, as it is *frames* later; what has no such form as it is.

    At 29.97 frames a second and its multiples, drop-frame timecode passes over two numbers of 30 at the
    begin of each minute, but of each tenth, so that it tells the time.

    Args:
        timecode: of 24 hours; in the form that comes back.
        frames: at least 0.
        rate: of the picture, in frames per second; the clock counts up to the next whole number.
    """
    told, whole = TIMECODE.fullmatch(timecode), round(rate)
    if not told or not whole:
        return timecode
    hours, minutes, seconds, count = (int(told[number]) for number in (1, 2, 3, 5))
    dropped = whole // 15 if told[4] != ":" and whole % 30 == 0 else 0
    minutes += 60 * hours
    number = (60 * minutes + seconds) * whole + count - dropped * (minutes - minutes // 10) + frames
    tens, rest = divmod(number, 600 * whole - 9 * dropped)
    number += dropped * (9 * tens + max(rest - dropped, 0) // (60 * whole - dropped))
    seconds, count = divmod(number, whole)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours % 24:02}:{minutes:02}:{seconds:02}{told[4]}{count:0{len(told[5])}}"
