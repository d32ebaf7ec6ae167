import json
import time
from pathlib import Path

import pytest

from benchmarks.first_answer import Facts
from benchmarks.gallery import SPACE, fill, make_gallery
from benchmarks.vectors import _start, set_names
from oss_faces.vectors import FileVectorIndexes, VectorSettings


def test_a_start_is_measured_from_its_beginning(tmp_path: Path):
    """A process of its own opens the index and answers; its time and memory are plausible."""
    indexes = FileVectorIndexes(tmp_path, VectorSettings())
    gallery = make_gallery(500, None)
    fill(indexes.open("benchmark", SPACE, gallery.vectors.shape[1]), gallery.vectors)
    indexes.close()
    begin = time.monotonic()
    facts = _start(tmp_path)
    assert 0 < facts.opening_s < facts.first_answer_s <= time.monotonic() - begin
    assert 0 < facts.processor_s < 60
    assert facts.private_bytes > 1024**2
    assert facts.mapped_bytes > 1024**2


def test_moments_become_a_duration():
    """What the program wrote is counted from the moment at which it was started."""
    told = {"first_answer_s": 105.5, "processor_s": 0.5, "opening_s": 0.1, "private_bytes": 1, "mapped_bytes": 2}
    assert Facts.read(json.dumps(told), 104.0) == Facts(1.5, 0.5, 0.1, 1, 2)


@pytest.mark.parametrize(("is_real", "name"), [(True, "1m"), (False, "1m_random")])
def test_the_name_says_whether_vectors_are_real(is_real: bool, name: str):
    """A report without real vectors cannot be taken for one with them."""
    assert set_names(is_real=is_real)[-1] == (name, 1_000_000)
