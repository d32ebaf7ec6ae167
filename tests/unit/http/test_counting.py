"""Every answer is counted before it ends, as what it was and for whom."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime

import anyio
import oss2
import pytest

from oss_faces.errors import EngineFailed, MeteringUnavailable, Overloaded
from oss_faces.http import Edge
from oss_faces.metering import MemoryUsageStore, Outcome, ServerMetrics, UsageCounts, UsageKey
from oss_faces.metering.report import kind_of
from oss_faces.protocol import Action
from oss_faces.storage import MemoryStore
from oss_faces.storage.base import ByteRange
from oss_faces.storage.memory import MemoryObject
from tests.unit.http.in_process import (
    ENDPOINT,
    KEY_ID,
    PICTURE,
    REGION,
    SECRET,
    TEMPORARY_ID,
    TEMPORARY_SECRET,
    TOKEN,
    Exchange,
    InProcess,
    Message,
    body_messages,
    scope,
)

HOST = {"host": "127.0.0.1:9000"}
MakeEdge = Callable[..., Edge]


def signed(method: str, key: str, **options) -> str:
    """A presigned target that the test's key may use."""
    bucket = oss2.Bucket(oss2.AuthV4(KEY_ID, SECRET), ENDPOINT, "photos", region=REGION)
    return bucket.sign_url(method, key, 60, **options).removeprefix(ENDPOINT)


def counted(
    usage: MemoryUsageStore, operation: str, outcome: Outcome = Outcome.SUCCEEDED, bucket: str = "photos", key=KEY_ID
) -> UsageCounts:
    """What was counted today under this operation and outcome; nothing when there is no such row."""
    rows = dict(usage.rows())
    return rows.get(UsageKey(datetime.now(UTC).date(), key, bucket, operation, outcome), UsageCounts())


def total(usage: MemoryUsageStore) -> int:
    return sum(counts.requests for _, counts in usage.rows())


class BrokenUsageStore(MemoryUsageStore):
    """A disk that is full, until it is not."""

    is_full = True

    def add(self, batch: Mapping[UsageKey, UsageCounts]) -> None:
        if self.is_full:
            raise MeteringUnavailable(context={"reason": "full"})
        super().add(batch)


# --- what succeeded -----------------------------------------------------------------------------------------------


def test_reading_counts_the_bytes_that_went_out(bucket: oss2.Bucket, usage: MemoryUsageStore) -> None:
    """Whole objects and parts of them: body bytes out, and as many read from the store."""
    bucket.get_object("dir/photo.jpg").read()
    bucket.get_object("dir/photo.jpg", byte_range=(2, 4)).read()
    size = len(PICTURE) + 3
    assert counted(usage, "oss:GetObject") == UsageCounts(2, bytes_out=size, source_bytes=size)


def test_heads_have_no_body_to_count(bucket: oss2.Bucket, usage: MemoryUsageStore) -> None:
    """The length that a HEAD tells went nowhere."""
    bucket.head_object("dir/photo.jpg")
    bucket.get_object_meta("dir/photo.jpg")
    assert counted(usage, "oss:HeadObject") == UsageCounts(1)
    assert counted(usage, "oss:GetObjectMeta") == UsageCounts(1)


@pytest.mark.parametrize(
    ("process", "operation"),
    [("image/faces", "oss:ProcessImage"), ("image/expressions", "oss:ProcessImageExpressions")],
)
def test_analysis_is_one_detection_however_many_faces(
    bucket: oss2.Bucket, session: InProcess, usage: MemoryUsageStore, process: str, operation: str
) -> None:
    """An analysis counts one ImageDetect, the bytes of its JSON out and of the picture read, and as a GET request."""
    bucket.get_object("dir/photo.jpg", process=process).read()
    expected = UsageCounts(1, len(session.last.body), len(PICTURE), image_detect=1)
    assert counted(usage, operation) == expected
    assert kind_of(operation) == "get_requests"


def test_temporary_credentials_count_for_the_key_behind_them(
    bucket: oss2.Bucket, connect, usage: MemoryUsageStore
) -> None:
    """Else there would be a row for each hour of a client that renews them."""
    connect(auth=oss2.StsAuth(TEMPORARY_ID, TEMPORARY_SECRET, TOKEN, auth_version="v4")).get_object("dir/photo.jpg")
    assert counted(usage, "oss:GetObject").requests == 1


def test_each_write_is_counted_once(bucket: oss2.Bucket, usage: MemoryUsageStore) -> None:
    """Puts and copies; a copy reads its source."""
    bucket.copy_object("photos", "dir/photo.jpg", "copy.jpg")
    assert counted(usage, "oss:PutBucket").requests == 1
    assert counted(usage, "oss:PutObject") == UsageCounts(1)
    copied = counted(usage, "oss:CopyObject")
    assert (copied.requests, copied.source_bytes) == (1, len(PICTURE))


def test_copy_that_is_current_is_counted_apart(bucket: oss2.Bucket, usage: MemoryUsageStore) -> None:
    """304 is neither a success that sent something nor a failure."""
    with pytest.raises(oss2.exceptions.NotModified):
        bucket.get_object("dir/photo.jpg", headers={"If-None-Match": "*"})
    assert counted(usage, "oss:GetObject", Outcome.NOT_MODIFIED) == UsageCounts(1)


# --- what failed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("error", "outcome"), [(Overloaded(), Outcome.FAILED), (EngineFailed(), Outcome.FAILED)])
def test_our_own_failures_are_no_detections(
    error: Exception, outcome: Outcome, bucket: oss2.Bucket, make_edge: MakeEdge, usage: MemoryUsageStore
) -> None:
    """5xx: the request is counted as failed, and nothing of what it was for."""

    async def handler(_call: object) -> object:
        raise error

    session = InProcess(make_edge(handlers={Action.DETECT_FACES: handler}))
    # Another meter: it knows the bucket once it has seen it at work.
    assert session.exchange("GET", signed("GET", "dir/photo.jpg"), HOST).status == 200
    answered = session.exchange(
        "GET", signed("GET", "dir/photo.jpg", params={"x-oss-process": "image/faces"}, slash_safe=True), HOST
    )
    assert counted(usage, "oss:ProcessImage", outcome) == UsageCounts(1, bytes_out=len(answered.body))


def test_failures_are_told_apart(bucket: oss2.Bucket, session: InProcess, usage: MemoryUsageStore) -> None:
    """Missing, denied and refused requests, each under the key that signed, a stranger's under none."""
    with pytest.raises(oss2.exceptions.NoSuchKey):
        bucket.get_object("absent")
    assert counted(usage, "oss:GetObject", Outcome.MISSING).requests == 1
    session.exchange("GET", "/photos/dir/photo.jpg", HOST)
    assert counted(usage, "oss:GetObject", Outcome.DENIED, key="").requests == 1
    with pytest.raises(oss2.exceptions.OssError):
        bucket.get_object("dir/photo.jpg", process="image/nonsense")
    assert counted(usage, "", Outcome.REFUSED).requests == 1


def test_forged_requests_are_nobodys(bucket: oss2.Bucket, session: InProcess, usage: MemoryUsageStore) -> None:
    """A wrong signature counts neither for the key it names nor for the bucket it is about."""
    wrong = oss2.Bucket(oss2.AuthV4(KEY_ID, "wrong"), ENDPOINT, "photos", session=session, region=REGION)
    with pytest.raises(oss2.exceptions.SignatureDoesNotMatch):
        wrong.get_object("dir/photo.jpg")
    assert counted(usage, "", Outcome.DENIED, bucket="", key="").requests == 1


def test_invented_buckets_make_no_rows(session: InProcess, usage: MemoryUsageStore) -> None:
    """Who asks for a thousand buckets that do not exist fills one row."""
    for number in range(5):
        session.exchange("GET", f"/invented-{number}/k", HOST)
    assert [(key.bucket, counts.requests) for key, counts in usage.rows()] == [("", 5)]


# --- what broke off -----------------------------------------------------------------------------------------------


class _Slow(MemoryObject):
    """An object in pieces of one byte; the client leaves while it is sent."""

    async def chunks(self, byte_range: ByteRange | None = None) -> AsyncIterator[bytes]:
        assert byte_range is None
        for _ in range(100):
            await anyio.lowlevel.checkpoint()
            yield b"x"


class _SlowStore(MemoryStore):
    async def open(self, bucket: str, key: str) -> MemoryObject:
        return _Slow((await super().open(bucket, key))._stored, 1)


@pytest.mark.anyio
async def test_client_that_leaves_pays_for_what_it_took(
    make_edge: MakeEdge, store: MemoryStore, usage: MemoryUsageStore
) -> None:
    """Bytes that were never sent are not counted; the request is."""
    await store.create_bucket("photos", "4711")
    edge = make_edge()
    put = Exchange(body_messages(bytes(100)))
    await edge(scope("PUT", signed("PUT", "k"), (HOST | {"content-length": "100"}).items()), put.receive, put.send)
    store.__class__ = _SlowStore
    left = anyio.Event()
    taken = 0

    async def receive() -> Message:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal taken
        taken += len(message.get("body", b""))
        if taken == 40:
            left.set()

    await edge(scope("GET", signed("GET", "k"), HOST.items()), receive, send)
    assert taken < 100
    counts = counted(usage, "oss:GetObject")
    assert counts.requests == 1
    assert 39 <= counts.bytes_out <= taken


# --- when counting fails ------------------------------------------------------------------------------------------


def test_nothing_is_answered_uncounted(make_edge: MakeEdge, log: list[Message]) -> None:
    """While counts cannot be kept every answer is 503, which no SDK takes for success; then all is as before."""
    usage = BrokenUsageStore()
    session = InProcess(make_edge(usage=usage))
    listing = oss2.Service(oss2.AuthV4(KEY_ID, SECRET), ENDPOINT, session=session, region=REGION)
    with pytest.raises(oss2.exceptions.ServerError):
        listing.list_buckets()
    answered = session.last
    assert answered.status == 503
    assert answered.header("retry-after") == "1"
    assert b"<EC>0001-00000504</EC>" in answered.body
    assert total(usage) == 0
    assert [line["requests"] for line in log if line["event"] == "not_counted"] == [1]
    usage.is_full = False
    listing.list_buckets()
    assert total(usage) == 1


@pytest.mark.anyio
async def test_long_answer_that_cannot_be_counted_never_ends(
    make_edge: MakeEdge, store: MemoryStore, log: list[Message]
) -> None:
    """Its last piece stays here: the client sees a connection that broke, not an object."""
    usage = BrokenUsageStore()
    usage.is_full = False
    await store.create_bucket("photos", "4711")
    edge = make_edge(usage=usage)
    put = Exchange(body_messages(bytes(100)))
    await edge(scope("PUT", signed("PUT", "k"), (HOST | {"content-length": "100"}).items()), put.receive, put.send)
    store.__class__ = _SlowStore
    usage.is_full = True
    exchange = Exchange(body_messages())
    await edge(scope("GET", signed("GET", "k"), HOST.items()), exchange.receive, exchange.send)
    assert exchange.answered.status == 200
    assert len(exchange.answered.body) == 99
    assert not exchange.answered.is_complete
    assert log[-1]["event"] == "broken_off"
    assert total(usage) == 1


# --- metrics ------------------------------------------------------------------------------------------------------


def test_metrics_see_what_the_meter_counts(make_edge: MakeEdge, usage: MemoryUsageStore) -> None:
    """Requests, bytes, detections and each stage of the one picture."""
    metrics = ServerMetrics("1")
    session = InProcess(make_edge(metrics=metrics))
    photos = oss2.Bucket(oss2.AuthV4(KEY_ID, SECRET), ENDPOINT, "photos", session=session, region=REGION)
    photos.create_bucket()
    photos.put_object("photo.jpg", PICTURE)
    photos.get_object("photo.jpg", process="image/faces").read()
    with pytest.raises(oss2.exceptions.NoSuchKey):
        photos.get_object("absent")
    lines = metrics.render()[0].decode().splitlines()
    assert 'oss_faces_requests_total{operation="oss:PutObject",status="200"} 1.0' in lines
    assert 'oss_faces_requests_total{operation="oss:GetObject",status="404"} 1.0' in lines
    assert "oss_faces_image_detect_total 1.0" in lines
    assert "oss_faces_faces_found_total 1.0" in lines
    assert f"oss_faces_source_bytes_total {float(len(PICTURE))}" in lines
    assert f"oss_faces_body_bytes_out_total {float(sum(counts.bytes_out for _, counts in usage.rows()))}" in lines
    for stage in ("queue", "read", "decode", "detect", "analyse", "render"):
        assert f'oss_faces_stage_seconds_count{{stage="{stage}"}} 1.0' in lines


@pytest.mark.anyio
async def test_departed_client_is_seen(make_edge: MakeEdge, store: MemoryStore, usage: MemoryUsageStore) -> None:
    """Who leaves before any answer is in the metrics, and counted for nobody."""
    await store.create_bucket("photos", "4711")
    metrics = ServerMetrics("1")
    exchange = Exchange([{"type": "http.disconnect"}])
    request = scope("PUT", signed("PUT", "k"), (HOST | {"content-length": "8"}).items())
    await make_edge(metrics=metrics)(request, exchange.receive, exchange.send)
    assert "oss_faces_clients_gone_total 1.0" in metrics.render()[0].decode().splitlines()
    assert total(usage) == 0
