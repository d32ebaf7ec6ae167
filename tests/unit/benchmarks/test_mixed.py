import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from benchmarks.client import Answered
from benchmarks.mixed import forge, kinds, mix
from benchmarks.process_tree import Memory
from benchmarks.running import Server, ask_faces
from benchmarks.soak import Chunk, count_outcomes, rows_of


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """A server that nobody asks: its key is enough to sign."""
    (tmp_path / "data").mkdir()
    key = {"access_key_id": "LTAIexample", "access_key_secret": "secret"}
    (tmp_path / "data" / "root-key.json").write_text(json.dumps(key))
    with subprocess.Popen([sys.executable, "-c", ""], text=True) as process:
        return Server(process, "http://127.0.0.1:9000", tmp_path)


def test_the_weights_are_percent():
    """The kinds together are the whole mixture."""
    assert sum(kind.weight for kind in kinds().values()) == 100


def test_a_mixture_is_the_same_for_the_same_seed(server: Server):
    """What is sent follows from the seed; every kind occurs about as often as it says."""
    first, again = (mix(server, 500, seed=3) for _ in range(2))
    assert first.kinds == again.kinds
    counts = Counter(first.kinds)
    assert set(counts) == set(kinds())
    assert counts["get"] == pytest.approx(100, abs=30)
    lines = [wire.partition(b"\r\n")[0] for wire in first.plan.wires]
    assert lines == [wire.partition(b"\r\n")[0] for wire in again.plan.wires]
    assert all(
        (b"x-oss-process=image%2Ffaces" in line) == (kind in ("faces", "odd", "missing", "forged"))
        for line, kind in zip(lines, first.kinds, strict=True)
    )


def test_a_forged_request_differs_in_its_signature(server: Server):
    """One digit of the signature, and nothing else."""
    wire = server.plan([ask_faces("a.jpg")]).wires[0]
    forged = forge(wire)
    places = [place for place in range(len(wire)) if wire[place] != forged[place]]
    assert len(places) == 1
    assert wire[: places[0]].endswith(b"Signature=")


def test_puts_carry_their_bodies(server: Server):
    """The whole body follows the headers, with its length announced."""
    wire = server.plan([kinds()["put"].make(np.random.default_rng(0))]).wires[0]
    head, _, body = wire.partition(b"\r\n\r\n")
    assert body.startswith(b"\xff\xd8")
    assert f"content-length: {len(body)}".encode() in head.lower()


def test_growth_is_of_the_medians_of_five_looks():
    """About the first 2,000 requests and at the end: a worker that has just given memory back decides nothing."""
    used = [50] * 2 + [100, 100, 60, 100, 100] + [500] * 3 + [110, 50, 110, 120, 110]
    chunks = [Chunk(Memory(one, one, one, 3), Counter({("get", 200): 400}), 400) for one in used]
    rows = {row.metric: row for row in rows_of(chunks)}
    assert rows["proportional_end_over_after_2000"].value == pytest.approx(1.1)
    assert rows["resident_after_2000"].value * 1024**2 == pytest.approx(100)
    growth = rows["resident_end_over_after_2000"]
    assert (growth.value, growth.low, growth.high) == (pytest.approx(1.1), pytest.approx(0.5), pytest.approx(1.2))


def test_the_report_tells_losses():
    """Answers of a wrong status and none at all are told."""
    outcomes = [
        Counter({("get", 200): 8, ("put", 200): 2}),
        Counter({("get", 500): 1, ("faces", 0): 1, ("put", 200): 8}),
    ]
    chunks = [Chunk(Memory(100, 90, 80, 3), one, 10) for one in (*outcomes, *[Counter[tuple[str, int]]()] * 5)]
    rows = {row.metric: row for row in rows_of(chunks)}
    assert rows["answered_wrong"].value == pytest.approx(0.1)
    assert rows["answered_5xx"].value == pytest.approx(0.05)
    assert rows["lost"].value == pytest.approx(0.05)
    assert rows["lost"].n == 20


def test_outcomes_are_counted_by_kind(server: Server):
    """The place in the plan says what a request was."""
    mixture = mix(server, 4, seed=0)
    answers = [Answered(place, 0.0, 0.1, 200, 0, connected=False) for place in (0, 1, 2, 3, 3)]
    assert count_outcomes(mixture, answers)[(mixture.kinds[3], 200)] >= 2
