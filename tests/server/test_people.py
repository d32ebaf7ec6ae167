"""The commands for people with the real networks, on the data folder of a running server."""

import hashlib
import io
import json
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from click.testing import CliRunner, Result
from PIL import Image as Pillow

from oss_faces.app import build_vectors, open_faces, open_state
from oss_faces.cli.commands import cli
from oss_faces.config import Settings
from oss_faces.datasets import DatasetRef
from oss_faces.operations.people import People
from oss_faces.storage import StorageSettings
from tests.running import RunningServer, portrait, start_server

NAME = "Ada Lovelace"
REF = DatasetRef("people", "people")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = start_server(tmp_path_factory.mktemp("people"))
    yield running
    assert running.stop() == 0


@pytest.fixture
def run(server: RunningServer):
    """Run `oss-faces people ...` beside the server."""

    def invoke(*arguments: str) -> Result:
        command = ["people", *arguments, "--data", str(server.data)]
        return CliRunner().invoke(cli, command, catch_exceptions=False)

    return invoke


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> dict[str, str]:
    """The portrait as it comes: small and compressed, turned, blurred, tiny, twice in one picture."""
    folder = tmp_path_factory.mktemp("photos")
    picture = Pillow.open(portrait()).convert("RGB").crop((100, 0, 400, 300))
    twice = Pillow.new("RGB", (600, 300))
    twice.paste(picture, (0, 0))
    twice.paste(picture, (300, 0))
    shapes = {
        "plain": picture,
        "small": picture.resize((180, 180)),
        "turned": picture.rotate(15, expand=True),
        "tiny": picture.resize((45, 45)),
        "blurred": picture.resize((30, 30)).resize((300, 300)),
        "twice": twice,
        "empty": Pillow.open(portrait().with_name("coffee.png")).convert("RGB"),
    }
    for name, shape in shapes.items():
        shape.save(folder / f"{name}.jpg", quality=80)
    return {name: str(folder / f"{name}.jpg") for name in shapes}


def kept_vectors(data: Path) -> list[bytes]:
    """Read the vectors of the person behind the back of the commands."""
    settings = Settings(storage=StorageSettings(data_dir=data))

    async def read(faces) -> list[bytes]:
        person = await People(faces, REF).find(NAME)
        figures = await faces.figures(REF, person.cluster_id)
        return [vector.tobytes() for vector in await faces.vectors(REF, [figure.number for figure in figures])]

    with (
        closing(open_state(settings)) as database,
        open_faces(settings, database, build_vectors(settings, {}, database)) as faces,
    ):
        return anyio.run(read, faces)


def everything_in(data: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(data.rglob("*")) if file.is_file())


def test_from_enrolment_to_erasure(run, server: RunningServer, photos: dict[str, str], tmp_path: Path) -> None:
    """A person is enrolled, recognised in other pictures, and erased: vector, name and URI are in no file any more."""
    done = run("enrol", NAME, photos["plain"], photos["small"], "--json")
    assert (done.exit_code, json.loads(done.stdout)["person"]["faces"]) == (0, 2)
    for name in ("turned", "small"):
        found = run("identify", photos[name], "--json")
        assert found.exit_code == 0
        (face,) = json.loads(found.stdout)["faces"]
        assert face["match"]["name"] == NAME
        assert 0 < face["match"]["expected_false_positives"] < 0.01
    assert run("verify", photos["plain"], photos["turned"]).exit_code == 0

    vectors = kept_vectors(server.data)
    uris = [hashlib.sha256(Path(photos[name]).read_bytes()).hexdigest().encode() for name in ("plain", "small")]
    secrets = [NAME.encode(), *uris, *(vector[:64] for vector in vectors), *(vector[-64:] for vector in vectors)]
    before = everything_in(server.data)
    assert len(vectors) == 2
    assert all(secret in before for secret in secrets)

    receipt = tmp_path / "receipt.json"
    gone = run("forget", NAME, "--yes", "--receipt", str(receipt))
    assert gone.exit_code == 0
    proof = json.loads(receipt.read_text())
    assert sorted(proof["vectors_sha256"]) == sorted(hashlib.sha256(vector).hexdigest() for vector in vectors)
    assert proof["searched"]["files"] > 3
    assert proof["searched"]["found_in"] == 0
    after = everything_in(server.data)
    assert [secret for secret in secrets if secret in after] == []
    assert run("identify", photos["plain"]).exit_code == 1
    assert run("audit", "--check").exit_code == 0
    acts = [json.loads(line)["act"] for line in run("audit", "--json").stdout.splitlines()]
    assert acts == ["enrol", "search", "search", "compare", "erase_begun", "erase", "search"]


def test_poor_pictures_are_refused(run, photos: dict[str, str]) -> None:
    """Each with its reason, and nothing of them is kept."""
    names = ("tiny", "blurred", "twice", "empty")
    done = run("enrol", "Nobody", *(photos[name] for name in names), "--json")
    assert done.exit_code == 1
    document = json.loads(done.stdout)
    assert document["person"] is None
    reasons = {Path(one["source"]).stem: " ".join(one["reasons"]) for one in document["pictures"]}
    assert "too few pixels" in reasons["tiny"]
    assert "blurred" in reasons["blurred"]
    assert "several faces" in reasons["twice"]
    assert "no face" in reasons["empty"]


def test_a_picture_that_is_none_is_one_line(run, tmp_path: Path) -> None:
    """What cannot be decoded is told as such, and the rest of an enrolment goes on."""
    file = tmp_path / "text.jpg"
    file.write_bytes(b"no picture")
    done = run("enrol", "Nobody", str(file), "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["pictures"][0]["is_enrolled"] is False


def test_both_write_at_the_same_time(run, server: RunningServer, photos: dict[str, str]) -> None:
    """The server goes on answering while people are enrolled."""
    bucket = server.bucket("people-photos")
    bucket.create_bucket()
    buffer = io.BytesIO(Path(photos["plain"]).read_bytes())
    bucket.put_object("a.jpg", buffer)
    run("enrol", "Grace", photos["plain"])
    answer = json.loads(bucket.get_object("a.jpg", process="image/faces").read())
    assert len(answer["Figures"]) == 1
    assert run("forget", "Grace", "--yes").exit_code == 0
