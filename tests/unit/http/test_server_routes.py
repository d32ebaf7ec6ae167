"""What the server tells about itself, and to whom."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import anyio
import oss2
import pytest

from oss_faces.errors import InvalidArgument
from oss_faces.grants import EVERYTHING
from oss_faces.http import model_facts, recognition_facts
from oss_faces.inference import ModelSettings, list_models, read_cards
from oss_faces.metering import MemoryUsageStore, Outcome, UsageCounts, UsageKey
from oss_faces.operations import UsageTeller
from oss_faces.recognition import DLIB_CALIBRATION, DecisionSettings
from oss_faces.request.server import ReadUsage
from oss_faces.values import Principal
from tests.unit.http.in_process import KEY_ID, NOBODY_ID, NOBODY_SECRET, SECRET, InProcess

Connect = Callable[..., oss2.Bucket]
DAY = date(2026, 11, 28)


def ask(connect: Connect, what: str, auth: Any = None, **parameters: str) -> Any:
    """Ask as any signed program can; give the answer's body."""
    service = connect(auth=auth)
    return service._do("GET", "", "", params={"x-oss-faces": what, **parameters}).read()


@pytest.fixture
def counted(usage: MemoryUsageStore) -> MemoryUsageStore:
    """Two keys, two buckets, two days."""
    usage.add(
        {
            UsageKey(DAY, KEY_ID, "photos", "oss:GetObject", Outcome.SUCCEEDED): UsageCounts(3, 30, 300),
            UsageKey(DAY, KEY_ID, "photos", "oss:ProcessImage", Outcome.SUCCEEDED): UsageCounts(2, 20, 200, 2),
            UsageKey(DAY, "OSSFother", "films", "oss:PutObject", Outcome.SUCCEEDED): UsageCounts(1),
            UsageKey(date(2026, 11, 27), KEY_ID, "", "", Outcome.DENIED): UsageCounts(4, 40),
        }
    )
    return usage


def test_usage_is_what_was_counted(connect: Connect, counted: MemoryUsageStore) -> None:
    """Rows by the names that were asked for, and everything together."""
    answer = json.loads(ask(connect, "usage", **{"from": "2026-11-27", "to": "2026-11-28", "by": "day,bucket"}))
    assert (answer["from"], answer["to"], answer["by"]) == ("2026-11-27", "2026-11-28", ["day", "bucket"])
    rows = [(row["day"], row["bucket"], row["get_requests"], row["denied"]) for row in answer["rows"]]
    assert rows == [("2026-11-27", "", 0, 4), ("2026-11-28", "films", 0, 0), ("2026-11-28", "photos", 5, 0)]
    assert answer["total"]["get_requests"] == 5
    assert answer["total"]["put_requests"] == 1
    assert answer["total"]["image_detect"] == 2
    assert answer["total"]["bytes_out"] == 90


def test_usage_of_one_key_and_one_bucket(connect: Connect, counted: MemoryUsageStore) -> None:
    """Nothing of others is in it."""
    span = {"from": "2026-11-27", "to": "2026-11-28", "by": "key"}
    answer = json.loads(ask(connect, "usage", **span, key=KEY_ID, bucket="photos"))
    assert [(row["access_key_id"], row["get_requests"]) for row in answer["rows"]] == [(KEY_ID, 5)]
    assert answer["total"]["denied"] == 0


def test_csv_has_the_same_numbers(connect: Connect, counted: MemoryUsageStore, session: InProcess) -> None:
    """Column by column, under the same names."""
    span = {"from": "2026-11-27", "to": "2026-11-28", "by": "day,key"}
    rows = json.loads(ask(connect, "usage", **span))["rows"]
    text = ask(connect, "usage", **span, format="csv").decode()
    assert session.last.header("content-type") == "text/csv; charset=utf-8"
    read = list(csv.DictReader(io.StringIO(text)))
    assert read == [{name: str(value) for name, value in row.items()} for row in rows]


def test_question_is_counted_itself(connect: Connect, usage: MemoryUsageStore) -> None:
    """Under its own name, of the key that asked; it is no request of the bill."""
    ask(connect, "usage")
    answer = json.loads(ask(connect, "usage", by="operation"))
    assert [(row["operation"], row["other_requests"]) for row in answer["rows"]] == [("faces:GetUsage", 1)]
    assert {(key.access_key_id, key.operation) for key, _ in usage.rows()} == {(KEY_ID, "faces:GetUsage")}


def test_answer_has_a_limit(counted: MemoryUsageStore) -> None:
    """Too many rows are refused with what to do about it."""
    want = ReadUsage(date(2026, 11, 27), DAY, ("day",), "", "", "json")
    caller = Principal(KEY_ID, rights=EVERYTHING)
    assert len(anyio.run(UsageTeller(counted, groups_max=2).tell, caller, want).groups) == 2
    with pytest.raises(InvalidArgument, match="fewer days"):
        anyio.run(UsageTeller(counted, groups_max=1).tell, caller, want)


@pytest.mark.parametrize("what", ["usage", "system"])
def test_others_are_told_nothing(connect: Connect, what: str) -> None:
    """A key without the grant learns which it lacks; nobody is not asked who they are."""
    with pytest.raises(oss2.exceptions.AccessDenied) as refused:
        ask(connect, what, oss2.AuthV4(NOBODY_ID, NOBODY_SECRET))
    assert refused.value.details["AuthAction"] == f"faces:Get{what.capitalize()}"
    with pytest.raises(oss2.exceptions.AccessDenied):
        ask(connect, what, oss2.AnonymousAuth())


def test_question_must_be_signed_with_v1_too(connect: Connect) -> None:
    """V1 leaves parameters open; nobody makes this question of a listing that somebody has signed."""
    with pytest.raises(oss2.exceptions.SignatureDoesNotMatch):
        ask(connect, "usage", oss2.Auth(KEY_ID, SECRET))


def test_system_tells_how_the_server_is(connect: Connect, session: InProcess) -> None:
    """Version, time since the start, health, and what has been done so far; nobody keeps it."""
    connect().create_bucket()
    answer = json.loads(ask(connect, "system"))
    assert session.last.header("cache-control") == "no-store"
    assert answer["version"] == "0"
    started = datetime.fromisoformat(answer["started"])
    assert 0 <= (datetime.now(UTC) - started).total_seconds() < 600
    assert 0 <= answer["uptime_s"] < 600
    assert answer["health"] == {"ready": False, "checks": {"serving": "starting or stopping"}}
    assert answer["pictures"] == {"running": 0, "waiting": 0}
    assert answer["limits"] == {"server": {"connections_max": 5}}
    assert answer["stages"] == []
    (operation,) = answer["operations"]
    assert (operation["name"], operation["count"], operation["errors"]) == ("oss:PutBucket", 1, 0)
    assert 0 <= operation["mean_ms"] < 10_000


def test_every_network_has_its_card() -> None:
    """Each network of the catalogue is described with digest and licence, and its card says what the manual says."""
    facts = model_facts(list_models(ModelSettings()), read_cards())
    assert len(facts) >= 4
    for model in facts:
        assert all(model[name] for name in ("name", "version", "sha256", "licence", "origin", "input", "output"))
        card = model["card"]
        assert isinstance(card, dict)
        assert str(model["name"]) in card["title"]
        assert len(card["text"]) > 500


def test_figures_are_those_of_the_readme() -> None:
    """Each field has what is measured about it, with its interval."""
    fields = {entry["name"]: entry for entry in read_cards().fields}
    assert {"Age", "Gender", "Glasses", "HeadPose", "FaceQuality"} <= set(fields)
    for figure in (figure for entry in fields.values() for figure in entry["figures"]):
        assert figure["low"] <= figure["value"] <= figure["high"]
        assert figure["n"] > 0
        assert figure["unit"] in ("fraction", "years", "degrees")


def test_similarities_come_with_their_error() -> None:
    """The rates ascend to the similarity, fall with it, and pass through what was measured."""
    facts = recognition_facts("space@1", DLIB_CALIBRATION, DecisionSettings())
    assert (facts["space"], facts["similarity_min"]) == ("space@1", 0.8)
    pairs = facts["false_match_rates"]
    assert isinstance(pairs, list)
    rates = dict(pairs)
    assert rates[0.8] == pytest.approx(1e-3)
    assert rates[0.5] == pytest.approx(1e-2)
    assert [rate for _, rate in pairs] == sorted((rate for _, rate in pairs), reverse=True)
