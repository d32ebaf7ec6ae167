from collections.abc import Sequence

import numpy as np
import pytest

from evaluation.attributes_figures import age_rows, emotion_rows, glasses_rows, grouped_rows, number_row, two_sided_rows
from evaluation.attributes_labels import any_facial_hair, labels_of
from evaluation.attributes_seen import Seen
from evaluation.rows import Row
from oss_faces.analysis.reading import EMOTIONS
from oss_faces.values import Age, Box, Emotion, Face, Label


def face(**attributes: object) -> Face:
    return Face(Box(0, 0, 10, 10), 0.9, np.zeros((5, 2), np.float32), **attributes)  # type: ignore[arg-type]


def value(rows: Sequence[Row], metric: str) -> float:
    (found,) = [row.value for row in rows if row.metric == metric]
    return found


def test_missed_face_is_a_wrong_answer() -> None:
    """Two right answers and one missed face are two thirds right, and the worst rank."""
    seen = [
        Seen("a", {"gender": 1.0}, face(gender=Label("male", 0.9))),
        Seen("b", {"gender": 0.0}, face(gender=Label("female", 0.8))),
        Seen("c", {"gender": 1.0}, None),
    ]
    rows = two_sided_rows("x", seen, "gender", ["accuracy", "auc"])
    assert value(rows, "accuracy") == pytest.approx(2 / 3)
    assert value(rows, "auc") == pytest.approx(0.5)
    assert value(rows, "missed") == pytest.approx(1 / 3)


def test_faces_without_the_label_are_left_out() -> None:
    """A set that does not tell an attribute gives no row of it."""
    assert two_sided_rows("x", [Seen("a", {}, face())], "hat", ["auc"]) == []
    assert age_rows("x", [Seen("a", {}, face())]) == []


def test_age_rows_tell_error_and_coverage() -> None:
    """Errors of 1 and 5 years at sd 2 are 3 on average, half within one sd; the child is told alone."""
    seen = [Seen("a", {"age": 10.0}, face(age=Age(11, 2))), Seen("b", {"age": 40.0}, face(age=Age(35, 2)))]
    rows = age_rows("x", seen)
    assert value(rows, "mae") == pytest.approx(3)
    assert value(rows, "mae_under13") == pytest.approx(1)
    assert value(rows, "cover_1sd") == pytest.approx(0.5)
    assert value(rows, "cover_2sd") == pytest.approx(0.5)


def test_glasses_of_unknown_kind_count_for_the_curve_only() -> None:
    """Label 3 is "glasses of some kind": it orders faces, and is no class of its own."""
    seen = [
        Seen("a", {"glasses": 0.0}, face(glasses=Label("none", 0.9))),
        Seen("b", {"glasses": 3.0}, face(glasses=Label("sunglasses", 0.9))),
        Seen("c", {"glasses": 1.0}, face(glasses=Label("none", 0.6))),
    ]
    rows = glasses_rows("x", seen)
    assert value(rows, "auc") == pytest.approx(1)
    assert value(rows, "balanced_accuracy") == pytest.approx(0.5)


def test_emotion_rows_name_the_strongest() -> None:
    """The strongest share is the answer; a missed face is wrong."""
    happy = Emotion({name: 0.7 if name == "happy" else 0.05 for name in EMOTIONS})
    place = float(EMOTIONS.index("happy"))
    seen = [
        Seen("a", {"emotion": place}, face(emotion=happy)),
        Seen("b", {"emotion": 0.0}, face(emotion=happy)),
        Seen("c", {"emotion": 0.0}, None),
        Seen("d", {"emotion": place}, face(emotion=happy)),
    ]
    assert value(emotion_rows("x", seen, EMOTIONS), "accuracy") == pytest.approx(0.5)


def test_emotions_of_found_faces_are_told_apart_from_missed_ones() -> None:
    """A missed face is wrong for the service, and says nothing of the network that reads emotions."""
    happy = Emotion({name: 0.7 if name == "happy" else 0.05 for name in EMOTIONS})
    angry = Emotion({name: 0.7 if name == "angry" else 0.05 for name in EMOTIONS})
    places = {name: float(EMOTIONS.index(name)) for name in ("happy", "angry")}
    seen = [
        Seen("a", {"emotion": places["happy"]}, face(emotion=happy)),
        Seen("b", {"emotion": places["angry"]}, face(emotion=angry)),
        Seen("c", {"emotion": places["happy"]}, None),
    ]
    rows = emotion_rows("x", seen, EMOTIONS)
    assert (value(rows, "auc_happiness"), value(rows, "auc_happiness_found")) == (0.5, 1.0)
    assert (value(rows, "accuracy"), value(rows, "accuracy_found")) == (pytest.approx(2 / 3), 1.0)


def test_groups_are_judged_alone() -> None:
    """Each group has a row of its own, named after it."""
    seen = [
        Seen("a", {"gender": 1.0}, face(gender=Label("male", 0.9)), {"race": "Asian"}),
        Seen("b", {"gender": 1.0}, face(gender=Label("female", 0.9)), {"race": "White"}),
    ]
    rows = grouped_rows("x", seen, "gender", "accuracy")
    assert {row.metric: row.value for row in rows} == {"accuracy[race=Asian]": 1, "accuracy[race=White]": 0}


def test_missed_number_is_the_average() -> None:
    """Without a face the guess is the mean of the set."""
    row = number_row(("pose", "x", "mae_yaw"), [0.0, 10.0], [0.0, None], "degrees")
    assert row.value == pytest.approx(2.5)


@pytest.mark.parametrize(
    ("labels", "hair"),
    [((1, 0, 0), False), ((0, 0, 0), True), ((1, 1, 0), True), ((1, 0, 1), True)],
)
def test_any_facial_hair_is_a_beard(labels: tuple[int, int, int], hair: bool) -> None:
    """A beard, stubble, a goatee or a moustache alone: all count."""
    names = ("No_Beard", "Goatee", "Mustache")
    assert any_facial_hair(dict(zip(names, labels, strict=True))) is hair


def test_a_wrongly_worn_mask_is_no_mask() -> None:
    """The label follows how the mask is worn, not whether there is one."""
    assert labels_of("mask_maskedfacenet", {"worn_correctly": 0})["mask"] == 0


def test_an_emotion_that_this_project_does_not_know_has_no_label() -> None:
    """CK+ knows contempt; its other words are translated."""
    assert labels_of("ckplus48", {"emotion": "contempt"}) == {}
    assert labels_of("ckplus48", {"emotion": "anger"}) == {"emotion": 0.0}
