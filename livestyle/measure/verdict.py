"""What a comparison of styles says in plain words, and what to try when one trains again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from livestyle.measure.comparison import Candidate
from livestyle.measure.flicker import FIGURES
from livestyle.settings import TrainSettings

SUMMED_UP = ("style_distance", "content_distance", "still_noise_gain", "pan_error")
CALMER, BOLDER, STEADIER = 0.6, 1.6, 2.0
"""What the settings of a training are multiplied by in advice: from 2.5 to 1.5, 4 and 5."""

LEAST, MOST = 0.1, 10.0
"""Of the strength, and of either; see ``TrainSettings``."""


def say_plainly(candidate: Candidate, others: Sequence[Candidate]) -> str:
    """Say in a sentence how *candidate* compares with *others*, that ship; nothing without any."""
    if not others:
        return ""
    nearer = sum(candidate.figures["style_distance"] < other.figures["style_distance"] for other in others)
    count = f"{nearer} of the {len(others)} styles that ship and were compared"
    likeness = (
        "Nearer to your painting than any style that ships"
        if nearer == len(others)
        else f"Nearer to your painting than {count}"
        if nearer
        else "Farther from your painting than the styles that ship and were compared"
    )
    kept = candidate.figures["content_distance"]
    peer = min(others, key=lambda other: abs(other.figures["content_distance"] - kept))
    return (
        f"{likeness}; keeps about as much of the photo as {peer.name}; {say_how_steady(candidate, others)}."
    )


def say_how_steady(candidate: Candidate, others: Sequence[Candidate]) -> str:
    """Say how many of *others* shimmer less than *candidate*."""
    steadier = sum(is_more(candidate, other, "still_noise_gain") for other in others)
    if not steadier:
        return "steadier than all of them"
    return "as steady as most" if 2 * steadier <= len(others) else "less steady than most"


def advise(candidate: Candidate, others: Sequence[Candidate], training: Mapping[str, float]) -> str:
    """Say what to try when *candidate*, trained with the settings *training*, is no good; may be nothing."""
    strength, steadiness = training["style_strength"], training["steadiness"]
    advice = []
    if others and all(is_more(candidate, other, "content_distance") for other in others):
        if strength > LEAST:
            calmer = max(strength * CALMER, LEAST)
            advice.append(f"Too wild? Train again with --style-strength {calmer:.2g}.")
    elif any(is_more(candidate, other, "style_distance") for other in others):
        bolder = f"with --style-strength {min(strength * BOLDER, MOST):.2g}, or " if strength < MOST else ""
        advice.append(f"Too tame? Train again {bolder}for longer.")
    flickers = 2 * sum(is_more(candidate, other, "still_noise_gain") for other in others) > len(others)
    if flickers and steadiness < MOST:
        more = min(steadiness * STEADIER, MOST) or TrainSettings.steadiness
        advice.append(f"Flickers? Train again with --steadiness {more:.2g}.")
    return " ".join(advice)


def is_more(candidate: Candidate, other: Candidate, name: str) -> bool:
    """Return whether *candidate* has more than *other* of what is called *name* in ``FIGURES``."""
    return candidate.figures[name] > other.figures[name]


def sum_up(candidate: Candidate, others: Sequence[Candidate]) -> str:
    """Return the figures of *candidate* in one line, and which of how many it is by each of them."""
    parts = []
    for name in SUMMED_UP:
        figure, value = FIGURES[name], candidate.figures[name]
        values = [other.figures[name] for other in others]
        place = f"{ordinal(1 + sum(theirs < value for theirs in values))} of {1 + len(values)}"
        usual = f" ({place}, median {figure.tell(median(values))})" if values else ""
        parts.append(f"{figure.title} {figure.tell(value)}{usual}")
    return ", ".join(parts) + "; less is better"


def ordinal(number: int) -> str:
    """Return *number* as in a ranking: 1st, 2nd, 3rd, 4th."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
