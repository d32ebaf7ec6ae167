"""The official IMM client against a real server: what it gets, and what it raises."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import oss2
import pytest
import requests
from alibabacloud_imm20200930 import models
from alibabacloud_imm20200930.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.utils import Utils
from PIL import Image

from oss_faces.access import AccessKey, DatabaseKeyStore, KeyIssuer
from oss_faces.app import utc_now
from oss_faces.database import open_database
from oss_faces.grants import Grant
from tests.imm_clients import imm
from tests.running import RunningServer, portrait, start_server

SCHEMES = pytest.mark.parametrize("scheme", ["v3", "v2"], ids=["ACS3", "RPC"])
PHOTO = "oss://examplebucket/example.jpg"


def detect(client: Client, uri: str | None = PHOTO, project: str | None = "test-project") -> dict[str, Any]:
    wanted = models.DetectImageFacesRequest(project_name=project, source_uri=uri)
    return client.detect_image_faces(wanted).to_map()


def compare(client: Client, first: str, second: str) -> float:
    source = models.CompareImageFacesRequestSource(uri1=first, uri2=second)
    wanted = models.CompareImageFacesRequest(project_name="test-project", source=source)
    return client.compare_image_faces(wanted).body.similarity


def refused(call: Callable[[], object]) -> tuple[int, str]:
    """Status and code of what the client raises; it must have understood the answer."""
    with pytest.raises(ClientException) as caught:
        call()
    error = caught.value
    assert error.request_id
    assert error.request_id in error.message
    assert set(error.data) >= {"RequestId", "HostId", "Code", "Message", "Recommend"}
    return error.status_code, error.code


# --- DetectImageFaces ---------------------------------------------------------------------------------------------


@SCHEMES
def test_same_faces_as_image_faces(scheme: str, server: RunningServer, bucket: oss2.Bucket) -> None:
    """Whichever way a picture is asked about, the records are the same."""
    answer = detect(imm(server, scheme))
    [face] = answer["body"]["Faces"]
    [figure] = json.loads(bucket.get_object("example.jpg", process="image/faces").read())["Figures"]
    # The client's model adds a polygon that nobody sent.
    assert face["Boundary"].pop("Polygon") == []
    assert face == figure
    assert answer["body"]["RequestId"] == answer["headers"]["x-acs-request-id"]


@SCHEMES
def test_awkward_keys(scheme: str, server: RunningServer, bucket: oss2.Bucket) -> None:
    """The key in the address is raw text."""
    key = "dir//照片 a+b%2F?#&=.jpg"
    bucket.put_object(key, portrait().read_bytes())
    assert len(detect(imm(server, scheme), f"oss://examplebucket/{key}")["body"]["Faces"]) == 1


def test_credential_config_has_no_effect(server: RunningServer, bucket: oss2.Bucket) -> None:
    """What the client sends beside the address does no harm."""
    chain = [models.CredentialConfigChain(role="a", role_type="user", assume_role_for="1")]
    wanted = models.DetectImageFacesRequest(
        project_name="p", source_uri=PHOTO, credential_config=models.CredentialConfig(service_role="r", chain=chain)
    )
    assert len(imm(server).detect_image_faces(wanted).body.faces) == 1


# --- CompareImageFaces --------------------------------------------------------------------------------------------


def test_one_person(server: RunningServer, bucket: oss2.Bucket, tmp_path: Path) -> None:
    """A smaller, mirrored copy of a picture shows the same person, beyond the documented 0.8."""
    with Image.open(portrait()) as picture:
        changed = picture.convert("RGB").resize((300, 300)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    changed.save(tmp_path / "changed.jpg", quality=70)
    bucket.put_object_from_file("changed.jpg", str(tmp_path / "changed.jpg"))
    client = imm(server)
    assert compare(client, PHOTO, PHOTO) > 0.99
    forth = compare(client, PHOTO, "oss://examplebucket/changed.jpg")
    assert forth > 0.8
    assert compare(client, "oss://examplebucket/changed.jpg", PHOTO) == pytest.approx(forth)


@pytest.mark.shared
def test_labelled_pairs(server: RunningServer, bucket: oss2.Bucket, shared: Path) -> None:
    """Of 12 pairs of one person most reach 0.8, of 12 pairs of two people none does."""
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(shared / "data" / "deepface_pairs.parquet").to_pylist()
    pairs = [pair for same in (True, False) for pair in [row for row in table if bool(row["same"]) is same][:12]]
    wanted = {pair[name] for pair in pairs for name in ("id_a", "id_b")}
    file = shared / "data" / "deepface_images.parquet"
    for row in parquet.read_table(file, filters=[("id", "in", list(wanted))]).to_pylist():
        bucket.put_object(f"pairs/{row['id']}", row["image"])
    client = imm(server)
    reached = {True: 0, False: 0}
    for pair in pairs:
        first, second = (f"oss://examplebucket/pairs/{pair[name]}" for name in ("id_a", "id_b"))
        reached[bool(pair["same"])] += compare(client, first, second) >= 0.8
    assert reached[True] >= 9
    assert reached[False] == 0


def test_a_picture_without_a_face(server: RunningServer, bucket: oss2.Bucket, tmp_path: Path) -> None:
    """Detection finds an empty list; a comparison has nothing to compare."""
    Image.new("RGB", (200, 200), "grey").save(tmp_path / "grey.png")
    bucket.put_object_from_file("grey.png", str(tmp_path / "grey.png"))
    client = imm(server)
    assert detect(client, "oss://examplebucket/grey.png")["body"]["Faces"] == []
    assert refused(lambda: compare(client, PHOTO, "oss://examplebucket/grey.png")) == (400, "InvalidArgument")


# --- projects -----------------------------------------------------------------------------------------------------


@SCHEMES
def test_life_of_a_project(scheme: str, server: RunningServer, bucket: oss2.Bucket) -> None:
    """Create, describe, list, update, attach, detach, delete: each as the client knows it."""
    client, name = imm(server, scheme), f"life-{scheme}"
    tag = models.CreateProjectRequestTag(key="k", value="v")
    made = client.create_project(
        models.CreateProjectRequest(project_name=name, description="d", tag=[tag])
    ).body.project
    assert (made.project_name, made.description, made.create_time) == (name, "d", made.update_time)
    again = models.CreateProjectRequest(project_name=name)
    assert refused(lambda: client.create_project(again)) == (409, "ResourceAlreadyExists")
    found = client.get_project(models.GetProjectRequest(project_name=name, with_statistics=True)).body.project
    assert found.to_map() == made.to_map()
    listed = client.list_projects(models.ListProjectsRequest(prefix="life", max_results=200)).body.projects
    assert name in [project.project_name for project in listed]
    changed = client.update_project(models.UpdateProjectRequest(project_name=name, description="e")).body.project
    assert (changed.description, [entry.tag_key for entry in changed.tags]) == ("e", ["k"])
    client.attach_ossbucket(models.AttachOSSBucketRequest(project_name=name, ossbucket="examplebucket"))
    attached = client.get_ossbucket_attachment(models.GetOSSBucketAttachmentRequest(ossbucket="examplebucket")).body
    assert attached.project_name == name
    wanted = models.ListAttachedOSSBucketsRequest(project_name=name)
    [entry] = client.list_attached_ossbuckets(wanted).body.attached_ossbuckets
    assert entry.ossbucket == "examplebucket"
    delete = models.DeleteProjectRequest(project_name=name)
    assert refused(lambda: client.delete_project(delete)) == (409, "ResourceInUse")
    client.detach_ossbucket(models.DetachOSSBucketRequest(ossbucket="examplebucket"))
    client.delete_project(delete)
    assert refused(lambda: client.delete_project(delete)) == (404, "ResourceNotFound")


def test_pages_of_projects(server: RunningServer) -> None:
    """The client's paging reaches every project once."""
    client = imm(server)
    names = [f"page-{number}" for number in range(5)]
    for name in names:
        client.create_project(models.CreateProjectRequest(project_name=name))
    seen, token = [], ""
    while True:
        wanted = models.ListProjectsRequest(prefix="page-", max_results=2, next_token=token)
        page = client.list_projects(wanted).body
        seen += [project.project_name for project in page.projects]
        token = page.next_token
        if not token:
            break
    assert seen == names


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[RunningServer]:
    """A server on which projects must be created and buckets attached."""
    environment = {"OSS_FACES_IMM__AUTO_ATTACH": "false", "OSS_FACES_IMM__AUTO_PROJECT": "false"}
    running = start_server(tmp_path, environment=environment)
    yield running
    assert running.stop() == 0


def test_projects_and_attachments_can_be_required(strict: RunningServer, tmp_path: Path) -> None:
    """With both switches off, IMM needs the project and image/faces needs the attachment, also after a new start."""
    client, bucket = imm(strict), strict.bucket()
    bucket.create_bucket()
    bucket.put_object("example.jpg", portrait().read_bytes())
    assert refused(lambda: detect(client)) == (404, "ResourceNotFound")
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        bucket.get_object("example.jpg", process="image/faces")
    assert (caught.value.status, caught.value.code) == (400, "Imm Client")
    assert "not attached to any IMM project" in caught.value.message
    client.create_project(models.CreateProjectRequest(project_name="test-project"))
    assert len(detect(client)["body"]["Faces"]) == 1
    client.attach_ossbucket(models.AttachOSSBucketRequest(project_name="test-project", ossbucket="examplebucket"))
    assert b"Figures" in bucket.get_object("example.jpg", process="image/faces").read()


# --- errors -------------------------------------------------------------------------------------------------------


@SCHEMES
@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        (lambda client: detect(client, project=None), (400, "MissingProjectName")),
        (lambda client: detect(client, uri=None), (400, "MissingSourceURI")),
        (lambda client: detect(client, uri="example.jpg"), (400, "InvalidArgument")),
        (lambda client: detect(client, project="not a name"), (400, "InvalidArgument")),
        (lambda client: detect(client, uri="oss://examplebucket/absent.jpg"), (404, "ResourceNotFound")),
        (lambda client: detect(client, uri="oss://no-such-bucket/a.jpg"), (404, "ResourceNotFound")),
        (lambda client: detect(client, uri="oss://examplebucket/text"), (400, "InvalidArgument")),
        (lambda client: compare(client, PHOTO, "oss://examplebucket/absent.jpg"), (404, "ResourceNotFound")),
        (
            lambda client: client.compare_image_faces(models.CompareImageFacesRequest(project_name="p")),
            (400, "MissingSource.URI1"),
        ),
        (
            lambda client: client.get_project(models.GetProjectRequest(project_name="absent")),
            (404, "ResourceNotFound"),
        ),
        (
            lambda client: client.attach_ossbucket(models.AttachOSSBucketRequest(project_name="p", ossbucket="absent")),
            (404, "ResourceNotFound"),
        ),
        (
            lambda client: client.create_story(models.CreateStoryRequest(project_name="p", dataset_name="d")),
            (404, "InvalidAction.NotFound"),
        ),
    ],
)
def test_what_is_wrong_with_a_request(
    scheme: str, call: Callable[[Client], object], outcome: tuple[int, str], server: RunningServer, bucket: oss2.Bucket
) -> None:
    """Each mistake has its class, status and code."""
    bucket.put_object("text", b"no picture")
    client = imm(server, scheme)
    assert refused(lambda: call(client)) == outcome


@SCHEMES
def test_wrong_secret(scheme: str, server: RunningServer, bucket: oss2.Bucket) -> None:
    """The answer says what should have been signed."""
    with pytest.raises(ClientException) as caught:
        detect(imm(server, scheme, access_key_secret="wrong"))
    assert (caught.value.status_code, caught.value.code) == (400, "SignatureDoesNotMatch")
    assert caught.value.data["StringToSign"]


@SCHEMES
def test_unknown_key(scheme: str, server: RunningServer) -> None:
    """A key that this server has not given out."""
    assert refused(lambda: detect(imm(server, scheme, access_key_id="nobody"))) == (404, "InvalidAccessKeyId.NotFound")


@SCHEMES
def test_no_key(scheme: str, server: RunningServer) -> None:
    """A request without a signature is never anonymous."""
    headers = {"x-acs-action": "ListProjects", "x-acs-version": "2020-09-30"}
    parameters = {"Action": "ListProjects", "Version": "2020-09-30"} if scheme == "v2" else {}
    answer = requests.post(
        f"{server.endpoint}/", headers={} if scheme == "v2" else headers, params=parameters, timeout=20
    )
    assert (answer.status_code, answer.json()["Code"]) == (400, "MissingAccessKeyId")


# --- temporary credentials ----------------------------------------------------------------------------------------


def issue(server: RunningServer, *grants: str) -> tuple[AccessKey, AccessKey]:
    """Make a key with these grants, and temporary credentials with it, beside the running server."""
    database = open_database(server.data)

    async def make() -> tuple[AccessKey, AccessKey]:
        issuer = KeyIssuer(DatabaseKeyStore(database), utc_now)
        key = await issuer.create("test", [Grant.parse(grant) for grant in grants])
        return key, await issuer.assume(key.access_key_id, timedelta(minutes=5), [])

    try:
        return anyio.run(make)
    finally:
        database.close()


def holder(server: RunningServer, key: AccessKey, scheme: str = "v3", **changes: Any) -> Client:
    token = {"security_token": key.token.reveal()} if key.token else {}
    values = {"access_key_id": key.access_key_id, "access_key_secret": key.secret.reveal(), **token, **changes}
    return imm(server, scheme, **values)


@SCHEMES
def test_temporary_credentials(scheme: str, server: RunningServer, bucket: oss2.Bucket) -> None:
    """They work with their token, and not with another one."""
    _, temporary = issue(server, "imm:DetectImageFaces,oss:GetObject:examplebucket")
    assert len(detect(holder(server, temporary, scheme))["body"]["Faces"]) == 1
    other = holder(server, temporary, scheme, security_token="t" * 64)
    assert refused(lambda: detect(other)) == (400, "InvalidSecurityToken.MismatchWithAccessKey")


def test_grants(server: RunningServer, bucket: oss2.Bucket) -> None:
    """A key may do what it was granted; the refusal names what is missing."""
    key, _ = issue(server, "imm:DetectImageFaces,oss:GetObject:examplebucket")
    client = holder(server, key)
    assert len(detect(client)["body"]["Faces"]) == 1
    assert refused(lambda: compare(client, PHOTO, PHOTO)) == (403, "NoPermission")
    with pytest.raises(ClientException) as caught:
        client.list_projects(models.ListProjectsRequest())
    assert caught.value.access_denied_detail["AuthAction"] == "imm:ListProjects"


# --- the clock ----------------------------------------------------------------------------------------------------


@SCHEMES
def test_skewed_clock(scheme: str, server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client whose clock is an hour ahead is told so."""

    def ahead() -> str:
        return f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"

    monkeypatch.setattr(Utils, "get_timestamp", staticmethod(ahead))
    assert refused(lambda: detect(imm(server, scheme))) == (400, "InvalidTimeStamp.Expired")
