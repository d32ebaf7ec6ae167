import numpy as np
import pytest

from evaluation import identification
from evaluation.identification import evaluate_identification
from evaluation.other_people import evaluate_other_people
from tests.unit.evaluation.world import task_on, write_set


@pytest.fixture
def judge(tmp_path, monkeypatch):
    """Judge galleries of ten among twenty persons, whose two pictures have these seeds each."""
    monkeypatch.setattr(identification, "GALLERIES", (10,))
    monkeypatch.setattr(identification, "ENROLLED", 200)
    monkeypatch.setattr(identification, "RESAMPLES", 20)

    def run(people) -> dict[str, float]:
        write_set(tmp_path, "lfw_images", people)
        return {row.metric: row.value for row in evaluate_identification(task_on(tmp_path))}

    return run


def test_persons_with_pictures_alike_get_their_name_and_strangers_none(judge, tmp_path):
    """Right at every threshold, and the plot is there."""
    rows = judge({f"p{n}": (n, n) for n in range(1, 21)})
    assert rows["rank1[gallery=10]"] == 1
    assert rows["false_negative[gallery=10,similarity=0.99]"] == 0
    assert rows["false_positive[gallery=10,similarity=0.8]"] == 0
    assert rows["false_candidates[gallery=10,similarity=0.8]"] == 0
    assert (tmp_path / "identity_1n.png").read_bytes().startswith(b"\x89PNG")


def test_persons_with_pictures_unlike_stay_unknown(judge):
    """A second picture that resembles nobody is a false negative, and no false name."""
    rows = judge({f"p{n}": (n, 100 + n) for n in range(1, 21)})
    assert rows["false_negative[gallery=10,similarity=0.8]"] == 1
    assert rows["false_name[gallery=10,similarity=0.8]"] == 0
    assert rows["false_positive[gallery=10,similarity=0.8]"] == 0


def test_strangers_who_look_like_the_enrolled_get_their_names(judge):
    """Of twenty persons who all look alike, each stranger matches all ten of the gallery."""
    rows = judge({f"p{n}": (1, 1) for n in range(1, 21)})
    assert rows["false_positive[gallery=10,similarity=0.99]"] == 1
    assert rows["false_candidates[gallery=10,similarity=0.99]"] == 10


def test_picture_without_a_face_is_never_enrolled_and_never_recognised(judge):
    """A person whose other picture is black is enrolled with the good one, and asking with the black one fails."""
    people = {f"p{n}": (n, n) for n in range(1, 21)} | {f"q{n}": (n, 0) for n in range(21, 41)}
    rows = judge(people)
    assert rows["rank1[gallery=10]"] == pytest.approx(0.5, abs=0.15)
    assert rows["false_name[gallery=10,similarity=0.8]"] == 0
    assert rows["false_positive[gallery=10,similarity=0.8]"] == 0


def test_other_people_are_counted_by_sex_as_well(tmp_path, monkeypatch):
    """Where all men look alike and no two women do, men match always, women never."""
    people = {f"m{n}": (1, 1) for n in range(8)} | {f"w{n}": (10 + n, 10 + n) for n in range(8)}
    write_set(tmp_path, "celeba10k", people, Male=[1] * 16 + [0] * 16)
    rows = {row.metric: row.value for row in evaluate_other_people(task_on(tmp_path))}
    assert rows["false_match[similarity=0.8,men]"] == 1
    assert rows["false_match[similarity=0.8,women]"] == 0
    assert 0.1 < rows["false_match[similarity=0.8]"] < 0.5
    assert rows["false_non_match[similarity=0.8]"] == 0
    assert rows["missed"] == 0


def test_sets_that_are_not_there_give_no_row(tmp_path):
    """Nothing is judged, and no model is loaded."""
    task = task_on(tmp_path)
    assert evaluate_identification(task) == []
    assert evaluate_other_people(task) == []
    assert not np.any([path.suffix == ".png" for path in tmp_path.iterdir()])
