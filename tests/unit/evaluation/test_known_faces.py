import numpy as np
import pytest

from evaluation.known_faces import know
from evaluation.sets import SetFolder
from oss_faces.recognition import FixedEmbedder
from tests.unit.evaluation.world import BrightDetector, task_on, write_set


@pytest.fixture
def detector():
    return BrightDetector()


def test_every_picture_is_known_in_the_order_of_the_set(tmp_path):
    """Vectors of found faces have length 1; a picture without a face is nan throughout."""
    write_set(tmp_path, "some", {"ann": (1, 2), "bob": (0,)})
    known = know(task_on(tmp_path), FixedEmbedder(), "some", set())
    assert known.ids.tolist() == ["ann_0", "ann_1", "bob_0"]
    assert known.identities.tolist() == ["ann", "ann", "bob"]
    assert known.found.tolist() == [True, True, False]
    assert np.linalg.norm(known.vectors[:2], axis=1) == pytest.approx(np.ones(2), abs=1e-6)
    assert known.boxes[0].tolist() == [4, 4, 28, 28]
    assert np.isnan(known.boxes[2]).all()
    assert np.isnan(known.qualities[2])


def test_what_was_seen_is_kept_and_used_again(tmp_path, detector):
    """The second run looks at no picture and knows the same."""
    write_set(tmp_path, "some", {"ann": (1, 0)})
    task = task_on(tmp_path, detector, vectors=tmp_path / "kept")
    first = know(task, FixedEmbedder(), "some", set())
    again = know(task, FixedEmbedder(), "some", set())
    assert detector.shown == 2
    assert np.array_equal(first.vectors, again.vectors, equal_nan=True)
    assert first.ids.tolist() == again.ids.tolist()


def test_what_was_kept_of_other_pictures_or_another_space_is_not_used(tmp_path, detector):
    """A changed set and another embedder are looked at again."""
    write_set(tmp_path, "some", {"ann": (1,)})
    task = task_on(tmp_path, detector, vectors=tmp_path / "kept")
    know(task, FixedEmbedder(), "some", set())
    know(task, FixedEmbedder("other@1"), "some", set())
    write_set(tmp_path, "some", {"ann": (2,)})
    know(task, FixedEmbedder("other@1"), "some", set())
    assert detector.shown == 3


def test_quick_run_looks_at_a_few_pictures_and_keeps_nothing(tmp_path, detector):
    """Only the named pictures are looked at, and no file is left."""
    write_set(tmp_path, "some", {"ann": (1, 2), "bob": (3,)})
    task = task_on(tmp_path, detector, vectors=tmp_path / "kept")
    quick = type(task)(SetFolder(tmp_path, quick=True), *(getattr(task, name) for name in type(task).__slots__[1:]))
    assert know(quick, FixedEmbedder(), "some", {"bob_0"}).ids.tolist() == ["bob_0"]
    assert detector.shown == 1
    assert not (tmp_path / "kept").exists()
