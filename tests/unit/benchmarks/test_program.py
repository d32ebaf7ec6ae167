import sys

import pytest

from benchmarks.program import Program, ProgramFailedError

ECHO = (
    "from benchmarks.lines import answer_lines\nprint('noise')\nanswer_lines({'hello': 1}, lambda q: {'got': q['x']})"
)


def test_lines_are_answered():
    """The greeting and each answer come back, whatever else the program prints."""
    noisy = ECHO.replace("lambda q: {'got': q['x']}", "lambda q: print('noise') or {'got': q['x']}")
    with Program([sys.executable, "-c", noisy.replace("print('noise')\n", "")]) as program:
        assert program.greeting == {"hello": 1}
        assert [program.ask({"x": x}, 30.0) for x in (1, "two")] == [{"got": 1}, {"got": "two"}]


def test_a_program_that_ends_is_an_error():
    """Nobody waits for the answer of a program that is gone."""
    with (
        Program([sys.executable, "-c", ECHO.replace("print('noise')\n", "")]) as program,
        pytest.raises(ProgramFailedError, match="status 1"),
    ):
        program.ask({"wrong": 1}, 30.0)


def test_a_program_that_does_not_start_is_an_error():
    """The error names the status."""
    with pytest.raises(ProgramFailedError, match="status 3"):
        Program([sys.executable, "-c", "raise SystemExit(3)"])


def test_noise_before_the_greeting_is_passed_over():
    """Libraries that print while they are imported do no harm."""
    with Program([sys.executable, "-c", ECHO]) as program:
        assert program.greeting == {"hello": 1}
