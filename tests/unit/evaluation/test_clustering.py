from dataclasses import replace

import numpy as np
import pytest

from evaluation import clustering
from evaluation.clustering import evaluate_clustering
from oss_faces.analysis import FixedAnalyser
from oss_faces.values import HeadPose
from tests.unit.evaluation.world import task_on, write_set

AT = "similarity=0.9"


@pytest.fixture
def judge(tmp_path, monkeypatch):
    """Judge the clusters of persons whose pictures have these seeds; each face is frontal and good."""
    monkeypatch.setattr(clustering, "RESAMPLES", 20)
    monkeypatch.setattr(clustering, "CALLS", 3)

    def run(people, name: str = "celeba10k") -> dict[str, float]:
        write_set(tmp_path, name, people)
        task = task_on(tmp_path)
        frontal = FixedAnalyser({"quality": 0.9, "pose": HeadPose(0, 0, 0)})
        pipeline = replace(task.build(task.settings), analyser=frontal)
        rows = evaluate_clustering(replace(task, build=lambda _: pipeline))
        return {row.metric: row.value for row in rows}

    return run


def test_persons_with_pictures_alike_are_found(judge):
    """Everything right; who has one picture is in no cluster, and the order of arrival does not matter."""
    rows = judge({"ann": (1,) * 4, "bob": (2,) * 3, "cy": (3,), "di": (4,)})
    assert rows[f"clusters[{AT}]"] == 2
    assert rows[f"pair_precision[{AT}]"] == rows[f"pair_recall[{AT}]"] == 1
    assert rows["order_f1[calls=3]"] == 1


def test_two_persons_in_one_cluster_cost_precision(judge):
    """Three pairs of one person, three of two, and one of the other."""
    rows = judge({"ann": (1,) * 3, "bob": (1,)})
    assert rows[f"pair_precision[{AT}]"] == 0.5
    assert rows[f"pair_recall[{AT}]"] == 1


def test_pictures_without_a_face_and_persons_with_two_cost_recall(judge):
    """Ann has six pairs, of which three are found; Bob's one pair counts where all persons do."""
    rows = judge({"ann": (1, 1, 1, 0), "bob": (2, 2)})
    assert rows[f"pair_recall[{AT}]"] == pytest.approx(3 / 7)
    assert rows[f"pair_recall_of_three[{AT}]"] == pytest.approx(3 / 6)


def test_small_faces_begin_no_cluster_where_size_is_asked_for(judge):
    """The faces of these pictures are 24 pixels wide; without clusters there is no precision."""
    rows = judge({"ann": (1,) * 4}, "lfw_images")
    assert rows[f"clusters[{AT}]"] == 0
    assert np.isnan(rows[f"pair_precision[{AT}]"])
    assert rows[f"pair_recall[{AT}]"] == 0
