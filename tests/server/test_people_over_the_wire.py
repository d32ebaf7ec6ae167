"""The operations of ours against a real server with the real networks, called as any program can."""

import hashlib
import json
from pathlib import Path
from typing import Any

import oss2
import pytest
from alibabacloud_tea_openapi import models as open_api
from alibabacloud_tea_util import models as util
from click.testing import CliRunner, Result
from PIL import Image as Pillow

from oss_faces.cli.commands import cli
from tests.imm_clients import imm
from tests.running import REGION, RunningServer, portrait, start_server

NAME = "Ada Lovelace"
WHERE = {"ProjectName": "people", "DatasetName": "people"}
PICTURE = "oss://photos/turned.jpg"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    """A server whose bucket has a picture of somebody, and whose data folder knows who that is."""
    running = start_server(tmp_path_factory.mktemp("wire"))
    try:
        picture = Pillow.open(portrait()).convert("RGB").crop((100, 0, 400, 300))
        folder = tmp_path_factory.mktemp("photos")
        for name, shape in (("plain", picture), ("small", picture.resize((180, 180))), ("turned", picture.rotate(15))):
            shape.save(folder / f"{name}.jpg", quality=80)
        photos = running.bucket("photos")
        photos.create_bucket()
        photos.put_object_from_file("turned.jpg", str(folder / "turned.jpg"))
        enrolled = run(running, "people", "enrol", NAME, str(folder / "plain.jpg"), str(folder / "small.jpg"), "--json")
        assert enrolled.exit_code == 0
        yield running
    finally:
        assert running.stop() == 0


def run(server: RunningServer, *arguments: str) -> Result:
    """Run a command on the data folder of the server."""
    return CliRunner().invoke(cli, [*arguments, "--data", str(server.data)], catch_exceptions=False)


def call(server: RunningServer, action: str, **query: str) -> dict[str, Any]:
    """Call an operation of which the official client has no method of its own."""
    params = open_api.Params(
        action=action,
        version="2020-09-30",
        protocol="HTTP",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    request = open_api.OpenApiRequest(query={**WHERE, **query})
    return dict(imm(server).call_api(params, request, util.RuntimeOptions())["body"])


def ask(server: RunningServer, what: str, **parameters: str) -> Any:
    service = oss2.Service(server.auth(), server.endpoint, region=REGION)
    return json.loads(service._do("GET", "", "", params={"x-oss-faces": what, **parameters}).read())


def everything_in(data: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(data.rglob("*")) if file.is_file())


def test_person_is_identified_and_forgotten_over_the_wire(server: RunningServer) -> None:
    """Found again with the error to expect; then gone from every file, and unknown."""
    (face,) = call(server, "IdentifyFigures", SourceURI=PICTURE)["Figures"]
    near = face["Candidates"][0]
    assert (near["Name"], near["IsMatch"], face["Match"]) == (NAME, True, near["ObjectId"])
    assert 0 < near["ExpectedFalsePositives"] < 0.01
    assert near["ExpectedFalsePositives"] == pytest.approx(2 * near["FalseMatchRate"], rel=0.01)
    shown = call(server, "ListClusterFigures", ObjectId=near["ObjectId"])["Figures"]
    assert len(shown) == 2
    assert all(one["URI"].startswith("file:") and one["IsPinned"] for one in shown)
    before = everything_in(server.data)
    assert NAME.encode() in before

    gone = call(server, "ForgetFigureCluster", ObjectId=near["ObjectId"])
    receipt = gone["Receipt"]
    assert (receipt["FigureCount"], receipt["FileCount"], gone["StoredURIs"]) == (2, 2, [])
    assert receipt["Search"]["FoundIn"] == 0
    assert receipt["Search"]["FileCount"] > 3
    after = everything_in(server.data)
    assert NAME.encode() not in after
    for one in shown:
        digest = one["URI"].removeprefix("file:").encode()
        assert digest in before
        assert digest not in after
    (unknown,) = call(server, "IdentifyFigures", SourceURI=PICTURE)["Figures"]
    assert ("Match" in unknown, unknown["Candidates"]) == (False, [])
    (entry,) = call(server, "ListErasures")["Erasures"]
    assert (entry["Subjects"], entry["Digest"]) == ([near["ObjectId"]], receipt["LogEntry"]["Digest"])
    assert run(server, "people", "audit", "--check").exit_code == 0
    assert all(len(digest) == hashlib.sha256().digest_size * 2 for digest in receipt["VectorDigests"])


def test_usage_is_that_of_the_command(server: RunningServer) -> None:
    """The same rows with the same numbers, but for the question itself."""
    server.bucket("photos").get_object("turned.jpg", process="image/faces").read()
    told = [row for row in ask(server, "usage", by="operation")["rows"] if row["operation"] != "faces:GetUsage"]
    counted = json.loads(run(server, "usage", "--by", "operation", "--json").stdout)
    assert told == [row for row in counted if row["operation"] != "faces:GetUsage"]
    detections = {row["operation"]: row["image_detect"] for row in told}
    assert detections["oss:ProcessImage"] == 1


def test_system_knows_what_was_done(server: RunningServer) -> None:
    """It is ready, its networks have their cards, and the stages of the pictures so far have their times."""
    server.bucket("photos").get_object("turned.jpg", process="image/faces").read()
    told = ask(server, "system")
    assert told["health"] == {"ready": True, "checks": {"serving": "ok", "metering": "ok", "objects": "ok"}}
    assert {"centerface", "attributes", "dlib-recognition"} <= {model["name"] for model in told["models"]}
    assert all(model["card"]["text"] for model in told["models"])
    stages = {stage["name"]: stage for stage in told["stages"]}
    assert stages["detect"]["count"] >= 1
    assert stages["detect"]["mean_ms"] > 0
    assert "oss:ProcessImage" in {operation["name"] for operation in told["operations"]}
    assert told["limits"]["decoding"]["size_bytes_max"] == 20 * 1024 * 1024
    assert server.access_key_secret not in json.dumps(told)
    assert str(server.data) not in json.dumps(told)
