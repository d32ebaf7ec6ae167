import pytest

from evaluation.baseline import expect, find_drops, read_baseline, write_baseline
from evaluation.rows import Row


def row(metric: str, value: float, spread: float = 0.04, of: str = "faces") -> Row:
    return Row("detection", of, metric, value, value - spread, value + spread, 100, "fraction")


def test_same_run_is_no_drop():
    """A run compared with itself is as good as itself."""
    rows = [row("ap", 0.9), row("false_face", 0.01)]
    assert find_drops(expect(rows), rows) == []


@pytest.mark.parametrize(("value", "drops"), [(0.95, 0), (0.89, 0), (0.87, 1)])
def test_figure_may_fall_within_its_noise(value, drops):
    """Half of the distance to the end of the interval is allowed, here 0.02."""
    assert len(find_drops(expect([row("ap", 0.9)]), [row("ap", value)])) == drops


@pytest.mark.parametrize(
    ("metric", "value", "drops"),
    [
        ("mae", 6.0, 1),
        ("mae", 4.0, 0),
        ("mae[age=under13]", 6.0, 1),
        ("mae[age=under13]", 4.0, 0),
        ("mae_under13", 6.0, 1),
        ("false_face", 5.5, 1),
    ],
)
def test_errors_must_not_grow(metric, value, drops):
    """Of errors, less is better, of a group's too."""
    assert len(find_drops(expect([row(metric, 5.0)]), [row(metric, value)])) == drops


def test_figure_that_became_no_number_is_a_drop():
    """A figure that can no longer be computed is worse than any."""
    assert len(find_drops(expect([row("ap", 0.9)]), [row("ap", float("nan"))])) == 1


def test_times_and_absent_sets_are_not_compared():
    """Times are the machine's; a subset may be run."""
    assert expect([row("ms_per_face", 3.0)]) == []
    assert find_drops(expect([row("ap", 0.9, of="absent")]), [row("ap", 0.1)]) == []


def test_sentence_names_the_figure():
    """Who reads the log sees what fell, and from where."""
    [sentence] = find_drops(expect([row("ap", 0.9)]), [row("ap", 0.5)])
    assert sentence.startswith("detection/faces/ap: 0.5000, was 0.9000")


def test_baseline_reads_back(tmp_path):
    """What is written is what later runs are held to."""
    baseline = expect([row("ap", 0.9), row("false_face", 0.01)])
    write_baseline(tmp_path / "baseline.json", baseline)
    assert read_baseline(tmp_path / "baseline.json") == baseline


def test_pixels_may_differ_by_half_of_one():
    """Machines round differently; a shift is no drop before it can be seen."""
    shift = Row("detection", "faces", "shift_max", 0.7, 0.1, 0.7, 6, "px")
    assert find_drops(expect([shift]), [Row("detection", "faces", "shift_max", 1.1, 0.1, 1.1, 6, "px")]) == []


def test_figure_that_falls_by_exactly_its_noise_is_no_drop():
    """One of 31 pairs is worth .0322580...; that it is kept with six digits makes no drop of it."""
    one_pair = 1 / 31
    kept = expect([row("true_match", 1 - one_pair, spread=2 * one_pair)])
    assert find_drops(kept, [row("true_match", 1 - 2 * one_pair)]) == []
    assert len(find_drops(kept, [row("true_match", 1 - 3 * one_pair)])) == 1
