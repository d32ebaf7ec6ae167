import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evaluation.identity import evaluate_identity, evaluate_reference
from evaluation.sets import SetFolder
from evaluation.task import Task
from oss_faces.config import Settings
from tests.unit.evaluation.world import task_on, write_set


@pytest.fixture
def judge(tmp_path):
    """Judge a world in which the two pictures of person N have these seeds."""

    def run(*seeds: tuple[int, int]) -> dict[str, float]:
        write_world(tmp_path, seeds)
        return {row.metric: row.value for row in evaluate_identity(task_on(tmp_path))}

    return run


def write_world(folder, seeds) -> None:
    write_set(folder, "lfw_images", {f"p{n}": both for n, both in enumerate(seeds)})
    count = len(seeds)
    same = [(f"p{n}_0", f"p{n}_1", 1, n % 2 + 1) for n in range(count)]
    other = [(f"p{n}_0", f"p{(n + 1) % count}_1", 0, n % 2 + 1) for n in range(count)]
    columns = zip(*same, *other, strict=True)
    pairs = dict(zip(("id_a", "id_b", "same", "fold"), columns, strict=True))
    pq.write_table(pa.table(pairs), folder / "lfw_pairs.parquet")


def test_persons_whose_pictures_are_alike_are_told_apart(judge):
    """Where both pictures of each person give one vector and strangers give others, every answer is right."""
    rows = judge(*((seed, seed) for seed in range(1, 9)))
    assert rows["accuracy"] == 1
    assert rows["true_match[false_match=0.001]"] == 1
    assert rows["missed"] == 0
    assert rows["false_non_match[similarity=0.8]"] == 0


def test_picture_without_a_face_is_an_error(judge):
    """A person of eight with a black picture: the pair is no match, and both pairs with that picture are wrong."""
    rows = judge(*((seed, seed) for seed in range(1, 8)), (8, 0))
    assert rows["missed"] == pytest.approx(1 / 16)
    assert rows["true_match[false_match=0.001]"] == pytest.approx(7 / 8)
    assert rows["accuracy"] == pytest.approx(14 / 16)


def test_persons_whose_pictures_differ_are_not_recognised(judge):
    """Unlike pictures of one person lie as far apart as strangers."""
    rows = judge(*((seed, seed + 100) for seed in range(1, 9)))
    assert rows["true_match[false_match=0.001]"] < 0.3
    assert rows["false_non_match[similarity=0.8]"] == 1


def test_sets_that_are_not_there_give_no_row(tmp_path):
    """Without the pairs nothing is judged and no model is loaded."""
    task = Task(SetFolder(tmp_path), Settings(), lambda _: None, lambda _: None, tmp_path)
    assert evaluate_identity(task) == []


def test_reference_is_judged_by_the_same_rules(tmp_path):
    """Vectors that another program made of the same pictures give rows of their own, one `what` for each variant."""
    write_world(tmp_path, [(seed, seed) for seed in range(1, 9)])
    people = np.repeat(np.eye(8), 2, axis=0) * 1.4
    said = {
        "ids": [f"p{n}_{k}" for n in range(8) for k in range(2)],
        "identities": np.repeat(np.arange(8), 2).astype(str),
    }
    blind = people.copy()
    blind[0] = np.nan
    np.savez(tmp_path / "said.npz", variants=["sees", "blind"], sees=people, blind=blind, **said)
    rows = {
        (row.what, row.metric): row.value
        for row in evaluate_reference(task_on(tmp_path, reference=tmp_path / "said.npz"))
    }
    assert rows["same_person_dlib[sees]", "accuracy"] == 1
    assert rows["same_person_dlib[sees]", "distance[false_match=0.01]"] == pytest.approx(1.4 * 2**0.5)
    assert rows["same_person_dlib[blind]", "missed"] == pytest.approx(1 / 16)
    assert rows["same_person_dlib[blind]", "accuracy"] == pytest.approx(14 / 16)


def test_without_a_reference_nothing_is_said_about_it(tmp_path):
    """Who has not asked dlib gets no rows of it."""
    write_world(tmp_path, [(1, 1), (2, 2)])
    assert evaluate_reference(task_on(tmp_path)) == []
