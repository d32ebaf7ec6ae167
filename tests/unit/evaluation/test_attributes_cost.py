import numpy as np
import pytest

from evaluation.attributes_cost import BATCH, REPEATS, time_faces
from oss_faces.analysis import AnalysisSettings, AttributeAnalyser
from oss_faces.analysis.reading import EMOTIONS, OUTPUTS

SIZES = {"age": 2, "emotion": len(EMOTIONS), "glasses": 3, "pose": 3}


class CountedNetwork:
    """Says the same of every face, and keeps how many faces each run had."""

    def __init__(self) -> None:
        self.runs: list[int] = []

    def run(self, inputs):
        counts = {len(array) for array in inputs.values()}
        self.runs += counts
        return [np.full((count, SIZES.get(name, 1)), 0.5, np.float32) for name in OUTPUTS for count in counts]


@pytest.fixture
def alone() -> CountedNetwork:
    return CountedNetwork()


@pytest.fixture
def other() -> CountedNetwork:
    return CountedNetwork()


@pytest.fixture
def served() -> CountedNetwork:
    return CountedNetwork()


def test_the_network_is_timed_alone_and_with_all_around_it(alone, other, served):
    """A row for each engine, eight faces a run, and one for the whole analyser; runs to warm up do not count."""
    analyser = AttributeAnalyser(served, AnalysisSettings())
    rows = time_faces({"onnxruntime": alone, "openvino": other}, analyser, warming=3)
    assert [row.key for row in rows] == [
        ("cost", "synthetic", "ms_per_face"),
        ("cost", "synthetic", "ms_per_face_openvino"),
        ("cost", "synthetic", "ms_per_face_with_cutting"),
    ]
    assert alone.runs == [BATCH] * (1 + 3 + REPEATS)
    assert other.runs == served.runs == [BATCH] * (3 + REPEATS)
    assert [row.n for row in rows] == [REPEATS] * 3
    assert 0 < rows[0].value < rows[2].value
