import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers.__main__ import ask_fields, choose, measure, plain_reason
from benchmarks.peers.boxed import detections_of, precision_row
from benchmarks.peers.contenders import OURS, OURS_FAST, Contender, Running, contenders, running
from benchmarks.peers.ours import FAST
from evaluation.precision import judge
from oss_faces.detection import DetectionSettings

FAKE = """
from benchmarks.peers.answering import Peer, answer_as
answer_as(Peer("1", lambda f: [[0, 0, 5, 5, .5]], lambda f: [[0, 0, 5, 5, .5]], {record}))
"""


def _fake(record: str) -> Contender:
    return Contender("fake", [sys.executable, "-c", FAKE.format(record=record)])


def _ask(record: str, folder: Path) -> dict:
    with running([_fake(record)], processes=1) as (started, _):
        return ask_fields(started[0], folder)


def test_fields_that_are_empty_are_not_given(tmp_path: Path):
    """What a peer names but leaves empty is none of its fields."""
    told = _ask("lambda f: [{'age': 3, 'gender': None}]", tmp_path)
    assert told == {"version": "1", "fields": ["age"]}


def test_a_peer_without_a_record_gives_its_box(tmp_path: Path):
    """Detection alone is a record of a box."""
    assert _ask("None", tmp_path)["fields"] == ["box"]


def test_what_goes_wrong_is_told(tmp_path: Path):
    """The reason stands where the fields would, without addresses."""
    told = _ask("lambda f: 1 / 0", tmp_path)
    assert told["fields"] == []
    assert told["trouble"].startswith("ZeroDivisionError")
    assert plain_reason("no \u26d3 https://example.com/x.bin.") == "no  (address)"


def test_turns_are_taken(tmp_path: Path):
    """Records and detection are asked for a while."""
    with running([_fake("None")], processes=1) as (started, _):
        turn = started[0].programs[0].ask({"task": "records", "files": ["a", "b"], "seconds": 0.0}, 30.0)
    assert turn["done"] == 1


def test_who_cannot_be_started_is_listed():
    """The others run all the same."""
    absent = Contender("absent", ["/nowhere/python"])
    with running([absent, _fake("None")], processes=1) as (started, troubles):
        assert [one.name for one in started] == ["fake"]
        assert set(troubles) == {"absent"}
        assert isinstance(started[0], Running)


def test_ours_comes_first(tmp_path: Path):
    """It is what the others are measured against, and each has a name of its own."""
    names = [one.name for one in contenders(tmp_path)]
    assert names[0] == "oss-faces"
    assert len(set(names)) == len(names)


def test_ours_stands_beside_whoever_is_named(tmp_path: Path):
    """With some peers only, both of ours are still measured; without names all are."""
    everyone = contenders(tmp_path)
    assert [one.name for one in choose(everyone, ["human"])] == [OURS, OURS_FAST, "human"]
    assert choose(everyone, None) == list(everyone)


def test_peers_are_told_against_both_of_ours():
    """Each ratio names its side, so that the thorough and the fast one cannot be taken for each other."""
    ours, fast, peer = (replace(_fake("None"), name=name) for name in (OURS, OURS_FAST, "human"))
    with running([ours, fast, peer], processes=1) as (started, _):
        rows = list(measure(started, {("records", "portrait"): ["a"]}, 1, 0.05))
    metrics = [row.metric for row in rows]
    assert {metric for metric in metrics if metric.endswith("[human]")} == {
        "records_per_s[human]",
        "records_ours_over[human]",
        "records_cpu_over_ours[human]",
        "records_fast_over[human]",
        "records_cpu_over_fast[human]",
    }
    assert f"records_ours_over[{OURS_FAST}]" in metrics
    assert not [metric for metric in metrics if "over" in metric and metric.endswith(f"[{OURS}]")]
    rates = {row.metric: row.value for row in rows}
    told = rates["records_fast_over[human]"]
    assert told == pytest.approx(rates[f"records_per_s[{OURS_FAST}]"] / rates["records_per_s[human]"], rel=1e-3)


def test_the_fast_settings_are_those_of_the_page():
    """What is measured beside the peers is what the manual recommends."""
    page = (Path(__file__).parents[3] / "docs" / "performance.md").read_text(encoding="utf-8")
    block = page.split("```toml\n", 1)[1].split("```", 1)[0]
    assert DetectionSettings(**tomllib.loads(block)["detection"]) == FAST


def test_boxes_are_judged_by_their_scores():
    """Order is that of the scores, whatever their range; empty boxes are none."""
    found = detections_of([[0, 0, 10, 10, -1.0], [20, 20, 30, 30, 7.0], [5, 5, 5, 9, 9.0]])
    assert found.boxes.tolist() == [[20, 20, 30, 30], [0, 0, 10, 10]]
    assert (np.diff(found.scores) < 0).all()


@pytest.mark.parametrize(("edge", "value"), [(10.0, 1.0), (1.0, 0.0)])
def test_average_precision_of_a_peer(edge: float, value: float):
    """A box that fits is found, one that does not is not."""
    labelled = np.array([[0, 0, 10, 10]], np.float32)
    verdict = judge(detections_of([[0, 0, edge, edge, 1.0]]), labelled, 1.0)
    row = precision_row("fake", [verdict, replace(verdict)])
    assert (row.metric, row.value, row.n) == ("ap[fake]", value, 2)
