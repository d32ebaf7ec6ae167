import json

import numpy as np
import pytest

from evaluation.rows import Row, interval, mean_row, read_rows, write_rows


def test_mean_comes_with_its_interval():
    """The interval holds the mean and is narrower for more values."""
    few = mean_row("detection", "a", "found", [0.0, 1.0] * 10)
    many = mean_row("detection", "a", "found", [0.0, 1.0] * 1000)
    assert few.value == many.value == 0.5
    assert few.low < many.low < 0.5 < many.high < few.high
    assert (few.n, few.unit) == (20, "fraction")


def test_interval_repeats():
    """The same values give the same interval on every run."""
    values = np.arange(50.0)
    once, again = (interval(50, lambda places: float(values[places].mean())) for _ in range(2))
    assert once == again


def test_resamples_without_a_figure_are_left_out():
    """A statistic that is never a number has no interval."""
    assert np.isnan(interval(3, lambda _: float("nan"))).all()


def test_report_reads_back(tmp_path):
    """Rows survive the file; a figure that is not a number is null there."""
    rows = [Row("age", "utkface", "mae", 5.25, 5.0, 5.5, 100, "years"), Row("a", "b", "c", float("nan"), 0, 0, 0, "")]
    write_rows(tmp_path / "deep" / "report.json", rows)
    raw = json.loads((tmp_path / "deep" / "report.json").read_text())
    assert raw[0] == {
        "what": "age", "set": "utkface", "metric": "mae", "value": 5.25, "low": 5.0, "high": 5.5, "n": 100,
        "unit": "years",
    }  # fmt: skip
    assert raw[1]["value"] is None
    back = read_rows(tmp_path / "deep" / "report.json")
    assert back[0] == rows[0]
    assert np.isnan(back[1].value)


def test_bad_statistic_is_not_hidden():
    """An error inside a figure reaches the caller."""
    with pytest.raises(ZeroDivisionError):
        interval(1, lambda _: 1 / 0)
