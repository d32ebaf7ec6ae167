import pytest

from benchmarks.client import Answered
from benchmarks.overload import rows_of


def _answered(status: int, elapsed_s: float, *, refused: bool = False) -> Answered:
    return Answered(0, 0.0, elapsed_s, status, int(status == 200), connected=False, refused=refused)


def test_answers_refusals_and_losses_are_told_apart():
    """Refusals are timed in milliseconds, answers in seconds; what is neither is lost, a late answer among it."""
    refused = [_answered(503, seconds, refused=True) for seconds in (0.01, 0.03)]
    answers = [_answered(200, 2.0), _answered(200, 4.0), *refused, _answered(0, 60.0), _answered(503, 9.0)]
    rows = {row.metric: row for row in rows_of(answers)}
    assert rows["lost"].value == 2
    assert rows["refused_p50"].value == 20.0
    assert rows["refused_longest"].value == 30.0
    assert rows["answered_longest"].value == 4.0
    assert rows["refused_share"].value == pytest.approx(2 / 3)


def test_nobody_refused_is_told_without_times():
    """There is no quantile of nothing."""
    assert [row.metric for row in rows_of([_answered(200, 1.0)])] == [
        "refused_share",
        "lost",
        "answered_p50",
        "answered_longest",
    ]


def test_those_who_were_connected_are_told_apart():
    """The crowd that connects in the same moment waits for itself; those who come later do not."""
    crowd = Answered(0, 0.0, 0.08, 503, 0, connected=True, refused=True)
    later = [_answered(503, seconds, refused=True) for seconds in (0.01, 0.06, 0.02, 0.03)]
    rows = {row.metric: row.value for row in rows_of([crowd, *later])}
    assert (rows["refused_longest"], rows["refused_longest_kept"]) == (80.0, 60.0)
    assert (rows["refused_within_50ms"], rows["refused_within_50ms_kept"]) == (0.6, 0.75)
