"""What gradient descent shows while it runs, where there is no terminal."""

from __future__ import annotations

import pytest

from livestyle.cli.steps import StepReporter
from livestyle.train.trainer import Progress


def test_elsewhere_than_on_a_terminal_there_are_lines_alone(capfd: pytest.CaptureFixture[str]):
    with StepReporter("kept in a folder") as reporter:
        assert capfd.readouterr().err == ""  # what cannot start is told without
        for step in (1, 2):
            reporter.show(Progress(step, 2, {"style": 0.5}, 0.5))
    first, *lines = capfd.readouterr().err.splitlines()
    assert first == "kept in a folder"
    assert [line.split("  ")[0] for line in lines] == ["step 1/2", "step 2/2"]


def test_the_opening_is_said_before_what_follows_training_that_was_done(capfd: pytest.CaptureFixture[str]):
    with StepReporter("kept in a folder") as reporter:
        reporter.say("settling")
        reporter.show(Progress(1, 4, {"settle": 0.5}, 0.5))
    assert [line.split("  ")[0] for line in capfd.readouterr().err.splitlines()] == [
        "kept in a folder",
        "settling",
        "step 1/4",
    ]


def test_what_follows_the_last_step_is_told_and_counts_anew(capfd: pytest.CaptureFixture[str]):
    with StepReporter() as reporter:
        for step in range(1, 101):
            reporter.show(Progress(step, 100, {"style": 0.5}, 0.5))
        reporter.say("settling")
        for step in (1, 2):
            reporter.show(Progress(step, 4, {"settle": 0.5}, 0.5))
    *_, last, said, again, next_one = capfd.readouterr().err.splitlines()
    assert last.startswith("step 99/100")
    assert said == "settling"
    assert again.startswith("step 1/4  2.00/s  ?:?? left  settle 0.500")
    assert next_one.startswith("step 2/4") and "?:??" not in next_one


def test_slow_steps_are_told_by_their_seconds_and_of_many_losses_the_first_two(
    capfd: pytest.CaptureFixture[str],
):
    with StepReporter() as reporter:
        reporter.show(Progress(1, 2, {"style": 0.5, "content": 0.4, "lattice": 0.3}, 10.0))
    line = capfd.readouterr().err
    assert line == "step 1/2  10.0 s a step  ?:?? left  style 0.500  content 0.400\n"
