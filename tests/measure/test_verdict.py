"""What is said of a style beside others, in words and in figures."""

from __future__ import annotations

import pytest

from livestyle.measure.comparison import Candidate
from livestyle.measure.verdict import advise, ordinal, say_plainly, sum_up

USUAL = {"style_strength": 2.5, "steadiness": 2.5}


def made(name: str, style: float, content: float, noise: float) -> Candidate:
    figures = {"style_distance": style, "content_distance": content}
    return Candidate(name, {**figures, "still_noise_gain": noise, "pan_error": 1e-3 * noise}, [])


OTHERS = [made("candy", 0.8, 1.0, 0.4), made("scream", 0.9, 2.0, 0.6), made("udnie", 40.0, 1.5, 0.8)]


def test_a_good_style_is_told_so_and_needs_no_advice():
    ours = made("mine", 0.3, 1.4, 0.5)
    assert say_plainly(ours, OTHERS) == (
        "Nearer to your painting than any style that ships; keeps about as much of the photo as udnie; "
        "as steady as most."
    )
    assert advise(ours, OTHERS, USUAL) == ""


def test_what_may_be_wrong_comes_with_what_to_try():
    wild = made("mine", 0.85, 2.5, 0.7)
    assert say_plainly(wild, OTHERS).startswith("Nearer to your painting than 2 of the 3 styles that ship")
    assert say_plainly(wild, OTHERS).endswith("less steady than most.")
    assert advise(wild, OTHERS, USUAL) == (
        "Too wild? Train again with --style-strength 1.5. Flickers? Train again with --steadiness 5."
    )
    assert "--steadiness 2.5" in advise(wild, OTHERS, {**USUAL, "steadiness": 0})
    tame = made("mine", 50.0, 0.2, 0.1)
    assert say_plainly(tame, OTHERS).startswith("Farther from your painting")
    assert advise(tame, OTHERS, USUAL) == "Too tame? Train again with --style-strength 4, or for longer."


def test_nothing_is_advised_that_is_the_most_or_the_least_already():
    most, least = {"style_strength": 10, "steadiness": 10}, {"style_strength": 0.1, "steadiness": 10}
    assert advise(made("mine", 50.0, 0.2, 0.7), OTHERS, most) == "Too tame? Train again for longer."
    assert advise(made("mine", 0.85, 2.5, 0.7), OTHERS, least) == ""
    assert "--style-strength 0.1." in advise(
        made("mine", 0.85, 2.5, 0.7), OTHERS, {**most, "style_strength": 0.15}
    )


def test_the_figures_name_the_place_and_the_median_which_no_outlier_moves():
    assert sum_up(made("mine", 0.3, 1.6, 0.5), OTHERS).startswith(
        "style distance 0.30 (1st of 4, median 0.90), content distance 1.60 (3rd of 4, "
    )


def test_nothing_is_said_of_no_others():
    ours = made("mine", 0.3, 1.6, 0.5)
    assert say_plainly(ours, []) == advise(ours, [], USUAL) == ""
    assert "(" not in sum_up(ours, [])


@pytest.mark.parametrize(
    ("number", "told"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (12, "12th"), (21, "21st")]
)
def test_places_are_spelt(number: int, told: str):
    assert ordinal(number) == told
