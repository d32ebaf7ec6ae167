import numpy as np
import pytest

from evaluation.attributes_cost import BATCH, REPEATS, time_faces
from oss_faces.analysis import AnalysisSettings, AttributeAnalyser
from oss_faces.analysis.reading import EMOTIONS, OUTPUTS
from tests.clock import Clock

SIZES = {"age": 2, "emotion": len(EMOTIONS), "glasses": 3, "pose": 3}


class CountedNetwork:
    """Says the same of every face, and keeps how many faces each run had."""

    def __init__(self) -> None:
        self.runs: list[int] = []

    def run(self, inputs):
        counts = {len(array) for array in inputs.values()}
        self.runs += counts
        return [np.full((count, SIZES.get(name, 1)), 0.5, np.float32) for name in OUTPUTS for count in counts]


class TimedNetwork(CountedNetwork):
    """Takes a millisecond, and every third time ten."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def run(self, inputs):
        answers = super().run(inputs)
        self._clock.now += 0.010 if len(self.runs) % 3 == 0 else 0.001
        return answers


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
        ("cost", "synthetic", metric + suffix)
        for metric in ("ms_per_face", "ms_per_face_openvino", "ms_per_face_with_cutting")
        for suffix in ("", "_undisturbed")
    ]
    assert alone.runs == [BATCH] * (1 + 3 + REPEATS)
    assert other.runs == served.runs == [BATCH] * (3 + REPEATS)
    assert [row.n for row in rows] == [REPEATS] * 6
    assert 0 < rows[0].value < rows[4].value


def test_undisturbed_is_the_time_of_the_quickest_calls(served):
    """Every third call meets somebody else on the core, and takes ten times as long: the mean shows it alone."""
    clock = Clock()
    analyser = AttributeAnalyser(served, AnalysisSettings())
    mean, undisturbed, *_ = time_faces({"onnxruntime": TimedNetwork(clock)}, analyser, warming=0, clock=clock)
    assert undisturbed.value == pytest.approx(1.0 / BATCH, rel=1e-6)
    assert mean.value == pytest.approx(4.0 / BATCH, rel=0.02)
