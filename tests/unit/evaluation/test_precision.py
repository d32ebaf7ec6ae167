import numpy as np
import pytest

from evaluation.precision import average_precision, heights, judge, precision_recall
from oss_faces.values import Detections


def boxes(*rows):
    return np.array(rows, np.float32).reshape(-1, 4)


def found(*rows: tuple[float, float, float, float, float]) -> Detections:
    table = np.array(rows, np.float32).reshape(-1, 5)
    return Detections(table[:, :4].copy(), table[:, 4].copy(), np.zeros((len(table), 5, 2), np.float32))


FACE = (0, 0, 100, 100)
SMALL = (200, 200, 205, 205)


def test_nothing_found_and_nothing_there():
    """An empty picture gives an empty verdict."""
    verdict = judge(found(), boxes(), 10)
    assert (len(verdict.scores), verdict.faces) == (0, 0)


def test_each_face_is_hit_once():
    """The second detection of a face is a false one."""
    verdict = judge(found((*FACE, 0.9), (*FACE, 0.8)), boxes(FACE), 10)
    assert verdict.hits.tolist() == [True, False]


def test_loose_box_is_no_hit():
    """Overlap below 0.4 does not count."""
    verdict = judge(found((0, 0, 39, 100, 0.9)), boxes(FACE), 10)
    assert verdict.hits.tolist() == [False]


def test_small_labelled_face_is_not_asked_for_and_not_false():
    """A labelled face below the size counts neither when found nor when missed."""
    verdict = judge(found((*SMALL, 0.9)), boxes(FACE, SMALL), 10)
    assert (len(verdict.scores), verdict.faces) == (0, 1)


def test_size_may_mean_the_height():
    """A narrow tall face counts by its height, and not by its shorter side."""
    narrow = (0, 0, 8, 30)
    assert judge(found(), boxes(narrow), 10).faces == 0
    assert judge(found(), boxes(narrow), 10, heights).faces == 1


def test_small_detection_of_nothing_does_not_count():
    """Below the size, a detection without a label is passed over; above it, it is false."""
    assert len(judge(found((*SMALL, 0.9)), boxes(FACE), 10).scores) == 0
    assert judge(found((200, 200, 220, 220, 0.9)), boxes(FACE), 10).hits.tolist() == [False]


def test_average_precision_of_a_known_ranking():
    """Right, wrong, right of two faces: 1/2 x 1 + 1/2 x 2/3."""
    scores, hits = np.array([0.9, 0.8, 0.7], np.float32), np.array([True, False, True])
    assert average_precision(*precision_recall(scores, hits, 2)) == pytest.approx(0.5 + 0.5 * 2 / 3)


def test_missed_faces_cap_the_area():
    """Half of the faces, found without error, are an average precision of one half."""
    assert average_precision(*precision_recall(np.array([0.9], np.float32), np.array([True]), 2)) == 0.5


def test_no_detection_no_area():
    """Without detections the area is 0."""
    nothing = np.zeros(0, np.float32), np.zeros(0, np.bool_)
    assert average_precision(*precision_recall(*nothing, 3)) == 0


def test_weights_count_like_copies():
    """A detection of weight 2 counts as two."""
    scores, hits = np.array([0.9, 0.8], np.float32), np.array([True, False])
    precision, recall = precision_recall(scores, hits, 4, np.array([2.0, 1.0]))
    assert precision.tolist() == pytest.approx([1, 2 / 3])
    assert recall.tolist() == pytest.approx([0.5, 0.5])
