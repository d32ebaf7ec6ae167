"""A full server: who is refused before anything of a request is known, and how that reads."""

import asyncio
import json
from collections.abc import Callable

import oss2
import pytest
from defusedxml import ElementTree

from oss_faces.access import AccessKey, Authenticator, MemoryKeyRing
from oss_faces.access.authentication import Authenticated
from oss_faces.errors import Overloaded
from oss_faces.grants import EVERYTHING
from oss_faces.http import Edge
from oss_faces.metering import MemoryUsageStore, ServerMetrics
from oss_faces.protocol import Action, AddressingSettings, Secret, SigningSettings
from oss_faces.values import WireRequest
from oss_faces.workers import Door, Workers
from tests.unit.http import imm_calls
from tests.unit.http.conftest import now
from tests.unit.http.full_server import HOST, closed, faces_of, full, send
from tests.unit.http.in_process import (
    ENDPOINT,
    HEADER_ID,
    KEY_ID,
    PICTURE,
    REGION,
    SECRET,
    Exchange,
    InProcess,
    Message,
    body_messages,
    scope,
    signed,
)
from tests.working import inside, settle

pytestmark = pytest.mark.anyio

FACES = {"x-oss-process": "image/faces"}
MakeEdge = Callable[..., Edge]


class CountingAuthenticator(Authenticator):
    """The real one, which remembers how often it was asked."""

    def __init__(self) -> None:
        keys = MemoryKeyRing([AccessKey(KEY_ID, Secret(SECRET), rights=EVERYTHING)])
        super().__init__(keys, AddressingSettings(), SigningSettings(), now)
        self.asked = 0

    async def authenticate(self, request: WireRequest) -> Authenticated:
        self.asked += 1
        return await super().authenticate(request)


@pytest.fixture
def stored(make_edge: MakeEdge) -> None:
    """The picture, put there before the server is full."""
    bucket = oss2.Bucket(oss2.AuthV4(KEY_ID, SECRET), ENDPOINT, "photos", session=InProcess(make_edge()), region=REGION)
    bucket.create_bucket()
    bucket.put_object("dir/photo.jpg", PICTURE)


async def test_refused_before_the_signature_is_looked_at(make_edge: MakeEdge, door: Door, workers: Workers) -> None:
    """As long as the server is full the next one costs no look; afterwards it is looked at like any other."""
    authenticator = CountingAuthenticator()
    edge = make_edge(door=door, authenticator=authenticator)
    async with full(door, workers):
        async with inside(door):
            for target in (faces_of(), "/photos/k?x-oss-process=image/info", "/photos/k?x-oss-process=nonsense"):
                assert (await send(edge, "GET", target)).status == 503
        assert authenticator.asked == 0
    await settle()
    assert (await send(edge, "GET", faces_of("absent"))).status == 404
    assert authenticator.asked == 1


async def test_refusal_reads_like_every_other(make_edge: MakeEdge, door: Door, workers: Workers) -> None:
    """Status, headers and document are those of a request that was looked at and found no room."""

    async def overloaded(_call: object) -> object:
        raise Overloaded(2)

    looked_at = await send(make_edge(handlers=dict.fromkeys(Action, overloaded)), "GET", faces_of())
    edge = make_edge(door=door)
    async with closed(door, workers):
        refused = await send(edge, "GET", faces_of())
    kept = {"x-oss-server-time": "0", "retry-after": "2"}
    assert (refused.status, dict(refused.headers) | kept) == (503, dict(looked_at.headers) | kept)
    assert refused.body == looked_at.body
    assert refused.header("retry-after") in {"1", "2", "3"}
    assert refused.header("x-oss-request-id") == HEADER_ID
    root = ElementTree.fromstring(refused.body)
    assert (root.findtext("Code"), root.findtext("EC")) == ("ServiceUnavailable", "0001-00000503")


async def test_refusal_is_counted_for_nobody_and_in_the_metrics(
    make_edge: MakeEdge, door: Door, workers: Workers, usage: MemoryUsageStore, log: list[Message]
) -> None:
    """No key is known, so none is charged; the metrics have a number of their own for it, the log its line."""
    metrics = ServerMetrics("0")
    edge = make_edge(door=door, metrics=metrics)
    async with closed(door, workers):
        for _ in range(3):
            await send(edge, "GET", faces_of())
    assert list(usage.rows()) == []
    shown = metrics.render()[0].decode()
    assert "oss_faces_refused_at_door_total 3.0" in shown
    assert 'oss_faces_requests_total{operation="unknown",status="503"} 3.0' in shown
    await asyncio.sleep(0.1)  # lines come after the crowd: this timer is due after theirs
    assert [(line["status"], line["code"], line["access_key_id"]) for line in log] == [
        (503, "ServiceUnavailable", "")
    ] * 3


async def test_ordinary_refusals_are_no_refusals_at_the_door(make_edge: MakeEdge, usage: MemoryUsageStore) -> None:
    """They are counted for the key that asked, and not in that number."""

    async def overloaded(_call: object) -> object:
        raise Overloaded

    metrics = ServerMetrics("0")
    await send(make_edge(handlers=dict.fromkeys(Action, overloaded), metrics=metrics), "GET", faces_of())
    assert [key.access_key_id for key, _ in usage.rows()] == [KEY_ID]
    assert "oss_faces_refused_at_door_total 0.0" in metrics.render()[0].decode()


@pytest.mark.parametrize(
    ("method", "params", "status"),
    [
        ("GET", {}, 200),
        ("GET", {"acl": ""}, 200),
        ("HEAD", {}, 200),
        ("HEAD", FACES, 200),
        ("PUT", {}, 200),
        ("DELETE", {}, 204),
    ],
)
@pytest.mark.usefixtures("stored")
async def test_what_needs_no_worker_is_answered(
    method: str, params: dict[str, str], status: int, make_edge: MakeEdge, door: Door, workers: Workers
) -> None:
    """However full the server is for pictures, it reads, stores and deletes."""
    edge = make_edge(door=door)
    async with closed(door, workers):
        target = signed(method, "dir/photo.jpg", params=params)
        body = b"another picture" if method == "PUT" else b""
        assert (await send(edge, method, target, body=body)).status == status


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [("GET", "/photos?prefix=x-oss-process", 404), ("OPTIONS", "/photos/k?x-oss-process=image/faces", 405)],
)
async def test_word_alone_asks_for_no_work(
    method: str, target: str, status: int, make_edge: MakeEdge, door: Door, workers: Workers
) -> None:
    """As a prefix of keys, or where nobody reads anything: such a request is judged by what it is."""
    edge = make_edge(door=door)
    async with closed(door, workers):
        assert (await send(edge, method, target)).status == status


@pytest.mark.usefixtures("stored")
async def test_those_that_are_looked_at_get_what_needs_no_worker(
    make_edge: MakeEdge, door: Door, workers: Workers
) -> None:
    """A condition that spares the work is answered by a full server; who has none is not looked at."""
    authenticator = CountingAuthenticator()
    edge = make_edge(door=door, authenticator=authenticator)
    async with full(door, workers):
        assert (await send(edge, "GET", faces_of(), {"if-none-match": "*"})).status == 304
        refused = await send(edge, "GET", faces_of())
        assert (refused.status, door.examined, authenticator.asked) == (503, 0, 1)


@pytest.mark.parametrize(("announced", "connection"), [("3", "keep-alive"), (str(10**10), "close")])
async def test_connection_is_used_again(
    announced: str, connection: str, make_edge: MakeEdge, door: Door, workers: Workers
) -> None:
    """The body of a refused GET is read and dropped, unless it is too long for that."""
    edge = make_edge(door=door)
    async with closed(door, workers):
        exchange = Exchange(body_messages(b"abc"))
        headers = HOST | {"content-length": announced}
        await edge(scope("GET", faces_of(), headers.items()), exchange.receive, exchange.send)
    assert (exchange.answered.status, exchange.answered.header("connection")) == (503, connection)


@pytest.mark.parametrize(
    "action", ["DetectImageFaces", "CompareImageFaces", "SearchImageFigureCluster", "IdentifyFigures"]
)
async def test_operations_of_imm_are_refused_as_imm_does(
    action: str, make_edge: MakeEdge, door: Door, workers: Workers, usage: MemoryUsageStore
) -> None:
    """JSON with the same code, before the nonce is remembered: the same request may come again."""
    edge = make_edge(door=door)
    request, _ = imm_calls.signed(action)
    async with full(door, workers):
        async with inside(door):
            answered = await send(edge, request.method, "/", dict(request.headers))
        assert (answered.status, json.loads(answered.body)["Code"]) == (503, "ServiceUnavailable")
        assert answered.header("retry-after") in {"1", "2", "3"}
        assert list(usage.rows()) == []
    await settle()
    assert (await send(edge, request.method, "/", dict(request.headers))).status == 400


async def test_other_operations_of_imm_are_answered(make_edge: MakeEdge, door: Door, workers: Workers) -> None:
    """Whatever needs no worker."""
    edge = make_edge(door=door)
    async with closed(door, workers):
        request, _ = imm_calls.signed("ListProjects")
        assert (await send(edge, request.method, "/", dict(request.headers))).status == 200


async def test_form_of_imm_takes_no_turn(make_edge: MakeEdge, door: Door, workers: Workers) -> None:
    """Its client may send it as slowly as he likes, and keeps nobody out."""
    edge = make_edge(door=door)
    exchange = Exchange([])
    request, _ = imm_calls.signed("DetectImageFaces", b"a=b")
    headers = (*request.headers, ("content-length", "3"))
    task = asyncio.create_task(edge(scope("POST", "/", headers), exchange.receive, exchange.send))
    for _ in range(5):
        await asyncio.sleep(0)
    assert door.examined == 0
    task.cancel()
    await asyncio.wait([task])


async def test_who_waits_at_the_door_is_answered_when_the_server_stops(make_edge: MakeEdge, door: Door) -> None:
    """Like whoever finds no room, and with its line in the log; nobody stands before the door any more."""
    edge = make_edge(door=door)
    exchange = Exchange([])
    async with inside(door):
        task = asyncio.create_task(edge(scope("GET", faces_of(), HOST.items()), exchange.receive, exchange.send))
        while not door.waiting:  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    assert (exchange.answered.status, exchange.answered.is_complete) == (503, True)
    assert (door.examined, door.waiting) == (0, 0)


@pytest.mark.parametrize("way", ["error", "gone", "stopped"])
@pytest.mark.usefixtures("stored")
async def test_turn_is_given_back_however_a_request_ends(
    way: str, make_edge: MakeEdge, door: Door, workers: Workers
) -> None:
    """An unforeseen error, a client that leaves, the end of the server: afterwards the next one is looked at."""
    began = asyncio.Event()

    async def work(_call: object) -> object:
        if way == "error":
            raise KeyError("unforeseen")
        began.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def until_gone(call) -> object:
        return await call.body.unless_gone(work(call))

    edge = make_edge(door=door, handlers=dict.fromkeys(Action, until_gone))
    exchange = Exchange([{"type": "http.disconnect"}] if way == "gone" else [])
    task = asyncio.create_task(edge(scope("GET", faces_of(), HOST.items()), exchange.receive, exchange.send))
    if way == "stopped":
        await began.wait()
        assert door.examined == 1
        task.cancel()
    await asyncio.wait([task])
    assert task.exception() is None
    assert (door.examined, door.waiting) == (0, 0)
    async with full(door, workers):
        assert (await send(make_edge(door=door), "GET", faces_of(), {"if-none-match": "*"})).status == 304
