from collections.abc import Callable
from functools import partial

from benchmarks.engines import compare


def test_every_side_is_compared_with_the_first() -> None:
    """A row for each of the others, by name, from calls made in turn."""
    calls: list[str] = []
    works: dict[str, Callable[[], object]] = {side: partial(calls.append, side) for side in ("onnxruntime", "other")}
    [row] = compare("network_1x1", works, 3)
    assert (row.what, row.set, row.metric) == ("engines", "network_1x1", "other_over_onnxruntime")
    assert (row.n, row.unit) == (3, "ratio")
    assert calls.count("onnxruntime") == calls.count("other") > 3
