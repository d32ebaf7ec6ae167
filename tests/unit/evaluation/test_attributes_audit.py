import numpy as np

from evaluation.attributes_audit import Correction, audited, read_corrections
from evaluation.attributes_seen import Seen
from oss_faces.values import Box, Face

FACE = Face(Box(0, 0, 10, 10), 0.9, np.zeros((5, 2), np.float32))


def test_labels_are_put_right_and_left_out_by_set_and_id():
    """Only the label that a correction names changes, only in its set."""
    seen = [Seen("1.jpg", {"beard": 1.0, "hat": 1.0, "gender": 1.0}, FACE), Seen("2.jpg", {"beard": 1.0}, FACE)]
    corrections = [
        Correction("celeba10k", "1.jpg", "beard", 0, "shaven"),
        Correction("celeba10k", "1.jpg", "gender", None, "another face"),
        Correction("celeba_wild", "2.jpg", "beard", 0, "of another set"),
    ]
    first, second = audited("celeba10k", seen, corrections)
    assert first.labels == {"beard": 0, "hat": 1.0}
    assert second.labels == {"beard": 1.0}
    assert seen[0].labels["beard"] == 1.0


def test_committed_list_is_readable_and_says_why():
    """Every correction has a reason, and none stands twice."""
    corrections = read_corrections()
    assert corrections
    assert all(one.reason for one in corrections)
    keys = [(one.set, one.id, one.attribute) for one in corrections]
    assert len(set(keys)) == len(keys)
