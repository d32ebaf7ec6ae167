"""Keys with few rights, temporary credentials, and changes while the server runs, through the official SDK."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import anyio
import oss2
import pytest
import requests
from click.testing import CliRunner

from oss_faces.access import AccessKey, DatabaseKeyStore, KeyIssuer
from oss_faces.app import utc_now
from oss_faces.cli.commands import cli
from oss_faces.database import open_database
from oss_faces.grants import Grant
from tests.running import REGION, RunningServer, portrait, start_server

FACES = "oss:GetObject,oss:ProcessImm,imm:DetectImageFaces:photos"
Keys = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with one bucket, in which two folders hold the portrait."""
    running = start_server(tmp_path_factory.mktemp("keys"))
    owned = running.bucket("photos")
    owned.create_bucket()
    for key in ("2024/a.jpg", "2025/a.jpg"):
        owned.put_object_from_file(key, str(portrait()))
    yield running
    assert running.stop() == 0


@pytest.fixture
def keys(server: RunningServer) -> Keys:
    """Run `oss-faces keys ...` on the data folder of the running server."""

    def run(command: str, *arguments: str) -> dict[str, str]:
        shown = ["--json"] if command in ("create", "assume") else []
        result = CliRunner().invoke(
            cli, ["keys", command, *arguments, *shown, "--data", str(server.data)], catch_exceptions=False
        )
        return json.loads(result.stdout) if shown else {}

    return run


def client(server: RunningServer, key: dict[str, str], version: str = oss2.AUTH_VERSION_4) -> oss2.Bucket:
    if "security_token" in key:
        auth = oss2.StsAuth(key["access_key_id"], key["access_key_secret"], key["security_token"], auth_version=version)
    else:
        auth = oss2.make_auth(key["access_key_id"], key["access_key_secret"], version)
    return oss2.Bucket(auth, server.endpoint, "photos", region=REGION)


def refused(call: Callable[[], object]) -> tuple[str, str, str]:
    """Make a call that must be refused; give code, message and EC."""
    with pytest.raises(oss2.exceptions.ServerError) as caught:
        call()
    assert caught.value.status == 403
    return caught.value.code, caught.value.message, caught.value.ec


def faces(bucket: oss2.Bucket, key: str = "2024/a.jpg") -> list[dict[str, object]]:
    figures = json.loads(bucket.get_object(key, process="image/faces").read())["Figures"]
    assert len(figures) >= 1
    return figures


def test_a_key_that_reads_one_folder(server: RunningServer, keys: Keys) -> None:
    """GetObject on one prefix opens that folder, and nothing beside it or on it."""
    bucket = client(server, keys("create", "--grant", "oss:GetObject:photos/2024/"))
    assert bucket.get_object("2024/a.jpg").read() == portrait().read_bytes()
    assert bucket.head_object("2024/a.jpg").content_length == portrait().stat().st_size
    calls: dict[str, Callable[[], object]] = {
        "oss:GetObject": lambda: bucket.get_object("2025/a.jpg"),
        "oss:ListObjects": lambda: bucket.list_objects("2024/"),
        "oss:PutObject": lambda: bucket.put_object("2024/b.jpg", b"x"),
        "oss:DeleteObject": lambda: bucket.delete_object("2024/a.jpg"),
        "oss:ProcessImm": lambda: bucket.get_object("2024/a.jpg", process="image/faces"),
        "oss:GetBucketInfo": bucket.get_bucket_info,
        "oss:ListBuckets": lambda: oss2.Service(bucket.auth, server.endpoint, region=REGION).list_buckets(),
    }
    for needed, call in calls.items():
        with pytest.raises(oss2.exceptions.AccessDenied) as denied:
            call()
        assert (denied.value.code, denied.value.ec) == ("AccessDenied", "0003-00000001")
        assert denied.value.details["AuthAction"] == needed
    with pytest.raises(oss2.exceptions.ServerError) as head:
        bucket.head_object("2025/a.jpg")
    assert (head.value.status, head.value.code) == (403, "AccessDenied")


def test_faces_need_three_permissions(server: RunningServer, keys: Keys) -> None:
    """With all of them a key gets the same faces as the root key, in every form of the signature."""
    key = keys("create", "--name", "faces", "--grant", FACES)
    expected = faces(server.bucket("photos"))
    assert faces(client(server, key)) == expected
    assert faces(client(server, key, oss2.AUTH_VERSION_1)) == expected
    url = client(server, key).sign_url("GET", "2024/a.jpg", 60, params={"x-oss-process": "image/faces"})
    assert requests.get(url, timeout=60).json()["Figures"] == expected


@pytest.mark.parametrize("version", [oss2.AUTH_VERSION_4, oss2.AUTH_VERSION_1])
def test_temporary_credentials(server: RunningServer, keys: Keys, version: str) -> None:
    """Id, secret and token open what the key opens, by header and in a URL, and no more."""
    key = keys("create", "--grant", FACES)
    bucket = client(server, keys("assume", key["access_key_id"], "--duration", "1h"), version)
    assert faces(bucket) == faces(server.bucket("photos"))
    url = bucket.sign_url("GET", "2025/a.jpg", 60)
    assert requests.get(url, timeout=60).content == portrait().read_bytes()
    assert refused(lambda: bucket.put_object("x", b"x"))[0] == "AccessDenied"
    narrow = keys("assume", key["access_key_id"], "--grant", "oss:*:photos/2024/")
    within = client(server, narrow, version)
    within.get_object("2024/a.jpg").read()
    for call in (lambda: within.get_object("2025/a.jpg"), lambda: within.put_object("2024/x", b"x")):
        assert refused(call)[0] == "AccessDenied"
    assert refused(lambda: faces(within))[0] == "AccessDenied"


def test_wrong_tokens(server: RunningServer, keys: Keys) -> None:
    """Each mistake with a token has the code that the real service gives it."""
    key = keys("create", "--grant", FACES)
    one, other = (keys("assume", key["access_key_id"]) for _ in range(2))
    lost = {name: one[name] for name in ("access_key_id", "access_key_secret")}
    cases = {
        ("AccessKeyIdAndSecurityTokenNotMatch", "0002-00000004"): {**one, "security_token": other["security_token"]},
        ("InvalidSecurityToken", "0002-00000006"): {**one, "security_token": "CAISnonsense"},
        ("InvalidAccessKeyId", "0002-00000003"): lost,
        ("InvalidAccessKeyId", "0002-00000002"): {**key, "security_token": one["security_token"]},
        ("SignatureDoesNotMatch", "0002-00000201"): {**one, "access_key_secret": other["access_key_secret"]},
    }
    for (code, ec), credentials in cases.items():
        bucket = client(server, credentials)
        got = refused(lambda bucket=bucket: bucket.get_object("2024/a.jpg"))
        assert (got[0], got[2]) == (code, ec)


def test_changes_count_at_once(server: RunningServer, keys: Keys) -> None:
    """A key is switched off, on and removed between one request and the next, with what was made with it."""
    key = keys("create", "--grant", FACES)
    buckets = [client(server, key), client(server, keys("assume", key["access_key_id"]))]
    url = buckets[0].sign_url("GET", "2024/a.jpg", 60)
    for bucket in buckets:
        bucket.get_object("2024/a.jpg").read()
    keys("disable", key["access_key_id"])
    for bucket in buckets:
        code, message, _ = refused(lambda bucket=bucket: bucket.get_object("2024/a.jpg"))
        assert (code, message) == ("InvalidAccessKeyId", "The OSS Access Key Id you provided is disabled.")
    assert requests.get(url, timeout=60).status_code == 403
    keys("enable", key["access_key_id"])
    for bucket in buckets:
        bucket.get_object("2024/a.jpg").read()
    keys("delete", key["access_key_id"])
    for bucket in buckets:
        code, message, _ = refused(lambda bucket=bucket: bucket.get_object("2024/a.jpg"))
        assert code == "InvalidAccessKeyId"
        assert "does not exist in our records" in message


def test_credentials_end(server: RunningServer, keys: Keys) -> None:
    """After their time they are SecurityTokenExpired, in a URL that would still hold as well."""
    lasting = keys("create", "--grant", FACES)
    database = open_database(server.data)
    earlier = KeyIssuer(DatabaseKeyStore(database), lambda: utc_now() - timedelta(hours=1, seconds=2))

    async def assume() -> AccessKey:
        return await earlier.assume(lasting["access_key_id"], timedelta(hours=1), [Grant(("*",))])

    key = anyio.run(assume)
    database.close()
    assert key.token is not None
    ended = {
        "access_key_id": key.access_key_id,
        "access_key_secret": key.secret.reveal(),
        "security_token": key.token.reveal(),
    }
    bucket = client(server, ended)
    expected = ("SecurityTokenExpired", "The security token you provided has expired.", "0002-00000007")
    assert refused(lambda: bucket.get_object("2024/a.jpg")) == expected
    answer = requests.get(bucket.sign_url("GET", "2024/a.jpg", 3600), timeout=60)
    assert (answer.status_code, answer.headers["x-oss-ec"]) == (403, "0002-00000007")


def test_the_log_names_keys_and_tells_no_secret(server: RunningServer, keys: Keys) -> None:
    """Who asked is written; secret and token are not, whatever went wrong."""
    key = keys("create", "--grant", FACES)
    lent = keys("assume", key["access_key_id"])
    client(server, lent).get_object("2024/a.jpg").read()
    refused(lambda: client(server, {**lent, "security_token": "x"}).get_object("2024/a.jpg"))
    refused(lambda: client(server, lent).put_object("x", b"x"))
    log = server.log.read_text()
    assert lent["access_key_id"] in log
    for text in (key["access_key_secret"], lent["access_key_secret"], lent["security_token"]):
        assert text not in log
