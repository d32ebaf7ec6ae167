"""The boundary: authentication, errors as OSS writes them, and connections."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Callable

import anyio
import anyio.lowlevel
import oss2
import pytest
from defusedxml import ElementTree

from oss_faces.errors import AccessDenied, EngineFailed, Overloaded, StorageUnavailable
from oss_faces.http import Edge, ServerSettings
from oss_faces.http.edge import wire_request
from oss_faces.http.object_routes import new_body_request_id
from oss_faces.http.oss_service import OssService, new_header_request_id
from oss_faces.protocol import Action
from oss_faces.storage import MemoryStore, PutSpec
from oss_faces.storage.base import ByteRange
from oss_faces.storage.memory import MemoryObject
from oss_faces.workers import Workers
from tests.unit.http.in_process import (
    HEADER_ID,
    PICTURE,
    Exchange,
    InProcess,
    Message,
    body_messages,
    scope,
    signed,
)

HOST = {"host": "127.0.0.1:9000"}
MakeEdge = Callable[..., Edge]


def failing(error: Exception):
    async def handler(_call: object) -> object:
        raise error

    return dict.fromkeys(Action, handler)


# --- errors -------------------------------------------------------------------------------------------------------


def test_error_is_the_documented_document(bucket: oss2.Bucket, session: InProcess) -> None:
    """Status, type, EC, and one RequestId in header and body."""
    with pytest.raises(oss2.exceptions.NoSuchKey):
        bucket.get_object("absent")
    answered = session.last
    assert answered.status == 404
    assert answered.header("content-type") == "application/xml"
    assert answered.header("server") == "AliyunOSS"
    assert answered.header("x-oss-ec") == "0026-00000001"
    assert answered.header("x-oss-request-id") == HEADER_ID
    assert answered.header("retry-after") is None
    root = ElementTree.fromstring(answered.body)
    assert {element.tag: element.text for element in root} == {
        "Code": "NoSuchKey",
        "Message": "The specified key does not exist.",
        "RequestId": HEADER_ID,
        "HostId": "127.0.0.1:9000",
        "Key": "absent",
        "EC": "0026-00000001",
    }


def test_head_has_its_error_in_a_header(bucket: oss2.Bucket, session: InProcess) -> None:
    """There is no body, so the document travels in `x-oss-err`; without it SDKs report no code."""
    with pytest.raises(oss2.exceptions.NoSuchKey) as caught:
        bucket.head_object("absent")
    assert caught.value.code == "NoSuchKey"
    assert session.last.body == b""
    document = base64.b64decode(session.last.header("x-oss-err") or "")
    assert ElementTree.fromstring(document).findtext("RequestId") == HEADER_ID


def test_error_of_a_get_has_no_such_header(bucket: oss2.Bucket, session: InProcess) -> None:
    """One place for the error, not two."""
    with pytest.raises(oss2.exceptions.NoSuchKey):
        bucket.get_object("absent")
    assert session.last.header("x-oss-err") is None


@pytest.mark.parametrize(
    ("error", "status", "code", "level"),
    [
        (AccessDenied("No."), 403, "AccessDenied", "info"),
        (Overloaded(3, context={"admitted": 5}), 503, "ServiceUnavailable", "error"),
        (EngineFailed(context={"reason": "/opt/models/x.onnx"}), 500, "InternalError", "error"),
    ],
)
def test_known_error_becomes_its_answer_and_its_log_line(
    error: Exception, status: int, code: str, level: str, log: list[Message], make_edge: MakeEdge
) -> None:
    """The client gets code and message, the log also the context; only our own faults are logged as errors."""
    session = InProcess(make_edge(handlers=failing(error)))
    answered = session.exchange("GET", signed("GET", "k"), HOST)
    assert answered.status == status
    assert f"<Code>{code}</Code>".encode() in answered.body
    assert b"/opt" not in answered.body
    assert answered.header("retry-after") == ("3" if status == 503 else None)
    [line] = log
    assert (line["event"], line["log_level"], line["status"], line["code"]) == ("request", level, status, code)
    assert {**line, **error.context} == line  # type: ignore[attr-defined]  # every error above has a context


def test_unforeseen_error_is_a_500_that_tells_nothing(log: list[Message], make_edge: MakeEdge) -> None:
    """No traceback, path, text or library name goes to the client; the log has it all."""
    secret = "/srv/private/models.py: KeyError in onnxruntime"
    session = InProcess(make_edge(handlers=failing(KeyError(secret))))
    answered = session.exchange("GET", signed("GET", "k"), HOST)
    assert answered.status == 500
    assert b"<Code>InternalError</Code>" in answered.body
    shown = answered.body.decode() + str(answered.headers)
    for word in ("KeyError", "srv", "onnx", "Traceback", ".py"):
        assert word not in shown
    assert [line["event"] for line in log] == ["unforeseen", "request"]
    assert log[0]["exc_info"]
    assert (log[1]["status"], log[1]["unforeseen"]) == (500, "KeyError")


@pytest.mark.parametrize(
    ("method", "target", "headers", "status", "code"),
    [
        ("GET", "/", {}, 403, "AccessDenied"),
        ("GET", "/photos/k", {"authorization": "nonsense"}, 400, "InvalidArgument"),
        ("GET", "/photos/k?x-oss-signature=x", {}, 400, "InvalidArgument"),
        ("GET", "/photos/%zz", {}, 400, "InvalidArgument"),
        ("GET", "/photos/%FF", {}, 400, "InvalidObjectName"),
        ("GET", "nonsense", {}, 400, "InvalidArgument"),
        ("PATCH", "/photos/k", {}, 405, "MethodNotAllowed"),
        ("OPTIONS", "*", {}, 400, "InvalidArgument"),
        ("GET", "/photos?lifecycle", {}, 501, "NotImplemented"),
        ("GET", "/photos/k?" + "a=b&" * 300, {}, 400, "InvalidArgument"),
        ("GET", "/absent/k", {}, 404, "NoSuchBucket"),
    ],
)
def test_bad_request_gets_an_error_and_no_crash(
    method: str, target: str, headers: dict[str, str], status: int, code: str, session: InProcess
) -> None:
    """Whatever is wrong with a request, its answer is a documented one."""
    answered = session.exchange(method, target, HOST | headers)
    assert answered.status == status
    assert f"<Code>{code}</Code>".encode() in answered.body


def test_request_without_a_host_is_answered(session: InProcess) -> None:
    """HTTP/1.0 needs none."""
    assert session.exchange("GET", "/absent/k", {}).status == 404


# --- connections --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "headers", "connection"),
    [
        ("1.1", {}, "keep-alive"),
        ("1.1", {"connection": "keep-alive"}, "keep-alive"),
        ("1.1", {"connection": "Close"}, "close"),
        ("1.1", {"connection": "TE, close"}, "close"),
        ("1.0", {}, "close"),
    ],
)
@pytest.mark.anyio
async def test_connection_is_kept_unless_the_client_wants_it_closed(
    version: str, headers: dict[str, str], connection: str, make_edge: MakeEdge
) -> None:
    """The answer says what will happen, and does not contradict the client."""
    exchange = Exchange(body_messages())
    request = scope("GET", "/absent/k", (HOST | headers).items(), version)
    await make_edge()(request, exchange.receive, exchange.send)
    assert exchange.answered.header("connection") == connection


def test_small_unread_body_is_drained(session: InProcess) -> None:
    """A refused upload keeps its connection when the rest is small."""
    answered = session.exchange("PUT", "/photos/k", HOST | {"content-length": "6"}, b"abc", b"def")
    assert (answered.status, answered.header("connection")) == (404, "keep-alive")


def test_large_unread_body_closes_the_connection(session: InProcess) -> None:
    """A refused upload of gigabytes is not read."""
    answered = session.exchange("PUT", "/photos/k", HOST | {"content-length": str(10**10)}, b"abc")
    assert (answered.status, answered.header("connection")) == (404, "close")


def test_refused_client_is_not_told_to_continue(session: InProcess) -> None:
    """A request that waits for 100 Continue gets its error in place of it, and the connection closes."""
    answered = session.exchange("PUT", "/photos/k", HOST | {"content-length": "3", "expect": "100-continue"}, b"abc")
    assert (answered.status, answered.header("connection")) == (404, "close")


def test_accepted_client_is_told_to_continue(bucket: oss2.Bucket, session: InProcess) -> None:
    """Reading the body is what makes the server send 100 Continue; the object is stored, the connection kept."""
    headers = HOST | {"content-length": "3", "expect": "100-continue"}
    answered = session.exchange("PUT", signed("PUT", "new"), headers, b"abc")
    assert (answered.status, answered.header("connection")) == (200, "keep-alive")
    assert bucket.get_object("new").read() == b"abc"


@pytest.mark.anyio
async def test_client_that_leaves_in_mid_body_stores_nothing(
    log: list[Message], make_edge: MakeEdge, store: MemoryStore
) -> None:
    """Half an upload is no object, and nobody is answered."""
    await store.create_bucket("photos", "4711")
    exchange = Exchange([*body_messages(b"half", b"")[:1], {"type": "http.disconnect"}])
    request = scope("PUT", signed("PUT", "k"), (HOST | {"content-length": "8"}).items())
    await make_edge()(request, exchange.receive, exchange.send)
    assert not exchange.answered.status
    assert [line["event"] for line in log] == ["client_gone"]
    with pytest.raises(Exception, match="does not exist"):
        await store.head("photos", "k")


async def overtaken(edge: Edge, target: str) -> Exchange:
    """Upload half a body, and let the server end while it waits for the rest."""
    exchange = Exchange(body_messages(b"half", b"")[:1])
    request = scope("PUT", target, (HOST | {"content-length": "8"}).items())
    serving = asyncio.create_task(edge(request, exchange.receive, exchange.send))
    with anyio.fail_after(30):
        while not exchange.received:
            await anyio.lowlevel.checkpoint()
    for _ in range(10):
        await anyio.lowlevel.checkpoint()
    serving.cancel()
    with anyio.fail_after(30):
        await serving
    return exchange


@pytest.mark.anyio
@pytest.mark.parametrize("status", [503, 403])
async def test_end_of_the_server_is_an_answer(
    status: int, log: list[Message], make_edge: MakeEdge, store: MemoryStore
) -> None:
    """Who is cut off when the grace is over, in the work or while its refused body is drained, gets an answer."""
    await store.create_bucket("photos", "4711")
    target = signed("PUT", "k") if status == 503 else "/photos/k"
    answered = (await overtaken(make_edge(), target)).answered
    assert (answered.status, answered.header("connection")) == (status, "close")
    assert answered.header("retry-after") == ("1" if status == 503 else None)
    assert (len(log), log[0].get("reason")) == (1, "the server stopped" if status == 503 else None)


@pytest.mark.anyio
@pytest.mark.parametrize(("method", "target"), [("POST", "/photos?delete"), ("PUT", "/new-photos")])
async def test_document_of_who_may_not_write_is_not_understood(
    method: str, target: str, make_edge: MakeEdge, store: MemoryStore
) -> None:
    """A stranger hears AccessDenied whatever the document says: nobody has looked into it."""
    await store.create_bucket("photos", "4711")
    exchange = Exchange(body_messages(b"no document"))
    request = scope(method, target, (HOST | {"content-length": "11"}).items())
    await make_edge()(request, exchange.receive, exchange.send)
    assert exchange.answered.status == 403


@pytest.mark.anyio
async def test_nobody_waits_for_a_place_for_a_client_that_left(
    log: list[Message], make_edge: MakeEdge, store: MemoryStore, workers: Workers
) -> None:
    """image/faces is given up when its client is gone; the place in the line is free for the next."""
    await store.create_bucket("photos", "4711")

    async def picture() -> AsyncIterator[bytes]:
        yield PICTURE

    await store.put("photos", "k", picture(), PutSpec())
    target = signed("GET", "k", params={"x-oss-process": "image/faces"})
    edge = make_edge()
    async with workers.place():
        exchange = Exchange([*body_messages(), {"type": "http.disconnect"}])
        await edge(scope("GET", target, HOST.items()), exchange.receive, exchange.send)
    assert not exchange.answered.status
    assert [line["event"] for line in log] == ["client_gone"]


@pytest.mark.anyio
async def test_client_that_stalls_is_answered(make_edge: MakeEdge, store: MemoryStore) -> None:
    """Nothing for too long ends the request with IncompleteBody and the connection with it."""
    await store.create_bucket("photos", "4711")
    exchange = Exchange(body_messages(b"half", b"")[:1])
    request = scope("PUT", signed("PUT", "k"), (HOST | {"content-length": "8"}).items())
    with anyio.fail_after(30):
        await make_edge(body_idle_s=0.02)(request, exchange.receive, exchange.send)
    assert exchange.answered.status == 400
    assert b"<Code>IncompleteBody</Code>" in exchange.answered.body
    assert exchange.answered.header("connection") == "close"


@pytest.mark.anyio
async def test_body_that_ends_too_early_stores_nothing(make_edge: MakeEdge, store: MemoryStore) -> None:
    """Fewer bytes than announced are refused."""
    await store.create_bucket("photos", "4711")
    exchange = Exchange(body_messages(b"half"))
    request = scope("PUT", signed("PUT", "k"), (HOST | {"content-length": "8"}).items())
    await make_edge()(request, exchange.receive, exchange.send)
    assert b"<Code>IncompleteBody</Code>" in exchange.answered.body


class _Failing(MemoryObject):
    """An object on a disk that breaks after some pieces."""

    closed = 0
    pieces = (b"first", b"second")

    async def chunks(self, byte_range: ByteRange | None = None) -> AsyncIterator[bytes]:
        assert byte_range is None
        for piece in self.pieces:
            yield piece
        raise StorageUnavailable(context={"reason": "disk"})

    async def aclose(self) -> None:
        type(self).closed += 1


class _FailingStore(MemoryStore):
    async def open(self, bucket: str, key: str) -> MemoryObject:
        return _Failing((await super().open(bucket, key))._stored, 4)


@pytest.mark.anyio
async def test_answer_that_breaks_off_is_logged_and_left_incomplete(
    log: list[Message], make_edge: MakeEdge, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk fails in mid-answer the client must see a broken connection, and the log one line that says why."""
    await store.create_bucket("photos", "4711")
    edge = make_edge(body_idle_s=1.0)
    put = Exchange(body_messages(b"content"))
    await edge(scope("PUT", signed("PUT", "k"), (HOST | {"content-length": "7"}).items()), put.receive, put.send)
    store.__class__ = _FailingStore
    exchange = Exchange(body_messages())
    monkeypatch.setattr(_Failing, "closed", 0)
    await edge(scope("GET", signed("GET", "k"), HOST.items()), exchange.receive, exchange.send)
    assert exchange.answered.status == 200
    assert not exchange.answered.is_complete
    assert _Failing.closed == 1
    line = log[-1]
    assert (line["event"], line["log_level"]) == ("broken_off", "error")
    assert (line["code"], line["reason"], line["key"]) == ("ServiceUnavailable", "disk", "k")


@pytest.mark.anyio
async def test_object_that_cannot_be_read_at_all_is_a_clean_error(
    log: list[Message], make_edge: MakeEdge, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing is out, there is room for the documented answer."""
    await store.create_bucket("photos", "4711")
    edge = make_edge()
    put = Exchange(body_messages(b"content"))
    await edge(scope("PUT", signed("PUT", "k"), (HOST | {"content-length": "7"}).items()), put.receive, put.send)
    store.__class__ = _FailingStore
    monkeypatch.setattr(_Failing, "pieces", ())
    monkeypatch.setattr(_Failing, "closed", 0)
    exchange = Exchange(body_messages())
    await edge(scope("GET", signed("GET", "k"), HOST.items()), exchange.receive, exchange.send)
    assert exchange.answered.status == 503
    assert exchange.answered.is_complete
    assert b"<Code>ServiceUnavailable</Code>" in exchange.answered.body
    assert _Failing.closed == 1
    assert (log[-1]["event"], log[-1]["reason"], log[-1]["status"]) == ("request", "disk", 503)


class _Endless(MemoryObject):
    """An object that never comes to its end."""

    async def chunks(self, byte_range: ByteRange | None = None) -> AsyncIterator[bytes]:
        assert byte_range is None
        while True:
            await anyio.lowlevel.checkpoint()
            yield b"more"


class _EndlessStore(MemoryStore):
    async def open(self, bucket: str, key: str) -> MemoryObject:
        return _Endless((await super().open(bucket, key))._stored, 4)


@pytest.mark.anyio
async def test_object_is_not_read_for_who_has_left(log: list[Message], make_edge: MakeEdge, store: MemoryStore) -> None:
    """When the client goes, the reading ends; without that this object would be read for ever."""
    await store.create_bucket("photos", "4711")
    edge = make_edge()
    put = Exchange(body_messages(b"content"))
    await edge(scope("PUT", signed("PUT", "k"), (HOST | {"content-length": "7"}).items()), put.receive, put.send)
    store.__class__ = _EndlessStore
    exchange = Exchange([{"type": "http.request"}, {"type": "http.disconnect"}])
    with anyio.fail_after(30):
        await edge(scope("GET", signed("GET", "k"), HOST.items()), exchange.receive, exchange.send)
    assert exchange.received == 2
    assert not exchange.answered.is_complete
    assert (log[-1]["event"], log[-1]["action"], log[-1]["key"]) == ("client_gone", "get_object", "k")


# --- small parts --------------------------------------------------------------------------------------------------


def test_request_is_taken_as_it_came() -> None:
    """Raw path, raw query, every header in order, the method in upper case."""
    made = wire_request(scope("get", "/b/%2F..//\xe4?a=%2f&b", [("X-A", "1"), ("x-a", "\xff")]))
    assert (made.method, made.path, made.query) == ("GET", "/b/%2F..//\xe4", "a=%2f&b")
    assert made.headers == (("x-a", "1"), ("x-a", "\xff"))


def test_request_ids_have_their_documented_forms() -> None:
    """24 upper-case hexadecimal digits in the header, an upper-case UUID in the body, never the same twice."""
    assert re.fullmatch(r"[0-9A-F]{24}", new_header_request_id())
    assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", new_body_request_id())
    assert new_header_request_id() != new_header_request_id()
    assert new_body_request_id() != new_body_request_id()


def test_action_without_a_handler_is_found_at_start(make_edge: MakeEdge) -> None:
    """A table with a hole never reaches a client."""
    complete = make_edge()._services.oss
    assert isinstance(complete, OssService)
    with pytest.raises(AssertionError, match="without a handler"):
        OssService(complete._authenticator, {})


def test_default_idle_time_is_shorter_than_any_sdk_waits() -> None:
    """A stalled upload is answered before its client gives up."""
    assert ServerSettings().body_idle_s < 60
