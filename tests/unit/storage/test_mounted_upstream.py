"""What a service can do wrong, and what callers are told: against a service that does as a test says."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from oss_faces.errors import NoSuchKey, StorageUnavailable, UpstreamDenied
from oss_faces.protocol import Secret
from oss_faces.storage import ListQuery, MountSettings, MountsSettings, StorageLimits
from oss_faces.storage.mounted_key import Credentials
from oss_faces.storage.mounted_remote import RemoteStore, etag_of
from oss_faces.storage.mounted_upstream import open_upstream
from oss_faces.values import ObjectMeta

pytestmark = pytest.mark.anyio

SECRET = "hidden-upstream-secret"
ETAG = '"9a0364b9e99bb480dd25e1f0284c8555"'
CONTENT = b"content"


class Service:
    """A service that answers every request as it is told, and remembers the requests."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = whole
        self.is_over = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                service.requests.append(f"{self.command} {self.path}")
                service.answer(self)

            do_GET = do_HEAD = do_PUT = do_DELETE = handle_any  # noqa: N815  names of the standard library

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self.is_over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def whole(handler: BaseHTTPRequestHandler, **headers: str) -> None:
    """Answer like a service that has the object."""
    facts = {"ETag": ETAG, "Last_Modified": "Sat, 05 Dec 2015 11:10:29 GMT", "Content_Type": "image/png", **headers}
    if handler.headers["Range"] is None:
        send(handler, 200, CONTENT, **facts)
        return
    first, last = (int(edge) for edge in handler.headers["Range"].removeprefix("bytes=").split("-"))
    part = CONTENT[first : last + 1]
    send(handler, 206, part, Content_Range=f"bytes {first}-{last}/{len(CONTENT)}", **facts)


@pytest.fixture
def service() -> Iterator[Service]:
    running = Service()
    yield running
    running.close()


@pytest.fixture(params=["s3", "oss"])
def store(request, service) -> RemoteStore:
    return store_of(service, request.param)


def store_of(service: Service, kind: str = "s3", **settings: float) -> RemoteStore:
    mount = MountSettings(kind=kind, endpoint=service.endpoint, region="r", bucket="bucket", prefix="below/")
    mounts = MountsSettings(**{"attempt_s": 5.0, "call_s": 10.0, "retries": 1, **settings})
    upstream = open_upstream(mount, Credentials("key-id", Secret(SECRET)), mounts)
    return RemoteStore(upstream, mounts, StorageLimits())


CALLS = {
    "head": lambda store: store.head("photos", "key"),
    "read": lambda store: store.read("photos", "key", 100),
    "list": lambda store: store.list("photos", ListQuery()),
    "list folded": lambda store: store.list("photos", ListQuery(delimiter="/")),
    "delete": lambda store: store.delete("photos", "key"),
}


async def test_good_service_is_read(store):
    """Facts and content come through; an MD5 is told in upper case, a checksum not at all."""
    meta, content = await store.read("photos", "key", 100)
    assert (content, meta.etag, meta.crc64) == (CONTENT, "9A0364B9E99BB480DD25E1F0284C8555", None)
    assert (meta.size_bytes, meta.content_type, meta.last_modified.year) == (7, "image/png", 2015)
    await store.aclose()


@pytest.mark.parametrize("call", CALLS)
async def test_refusal_is_told_without_the_key(store, service, call, caplog):
    """403 from the service is our own 403; neither its words nor our key reach the caller or the log."""
    service.answer = lambda handler: send(handler, 403, b"<Error><Code>AccessDenied</Code></Error>")
    with pytest.raises(UpstreamDenied) as caught:
        await CALLS[call](store)
    assert "does not let this server in" in caught.value.message
    said = f"{caught.value.message} {caught.value.context} {caplog.text}"
    assert SECRET not in said
    assert "uthorization" not in said


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_failing_service_is_unavailable(store, service, call, status):
    """Errors of the service are 503, which SDKs retry, after as many attempts as the settings say."""
    service.answer = lambda handler: send(handler, status)
    with pytest.raises(StorageUnavailable):
        await CALLS[call](store)
    assert len(service.requests) == 2


@pytest.mark.parametrize("call", CALLS)
async def test_hanging_service_is_unavailable_in_time(service, call):
    """A service that takes a request and never answers costs no more than the time of one attempt."""
    service.answer = lambda _: service.is_over.wait(60)
    with pytest.raises(StorageUnavailable):
        await CALLS[call](store_of(service, attempt_s=0.1, call_s=5.0, retries=0))


@pytest.mark.parametrize("call", CALLS)
async def test_whole_call_has_a_limit_too(service, call):
    """However many attempts are allowed, the call ends in its own time."""
    service.answer = lambda _: service.is_over.wait(60)
    with pytest.raises(StorageUnavailable):
        await CALLS[call](store_of(service, attempt_s=600.0, call_s=0.1))


async def test_one_failure_is_tried_again(store, service):
    """A single hiccup is not seen by anyone."""

    def once(handler: BaseHTTPRequestHandler) -> None:
        service.answer = whole
        send(handler, 503)

    service.answer = once
    assert isinstance(await store.head("photos", "key"), ObjectMeta)


async def test_absent_object_and_absent_bucket(store, service):
    """An object that is not there is NoSuchKey; a listing of a bucket that is not there is no empty page."""
    service.answer = lambda handler: send(handler, 404, b"<Error><Code>NoSuchBucket</Code></Error>")
    with pytest.raises(NoSuchKey):
        await store.head("photos", "key")
    with pytest.raises(StorageUnavailable):
        await store.list("photos", ListQuery())


async def test_object_replaced_between_looking_and_reading(store, service):
    """The read asks for the very ETag that was told; a content that is another by then is never sent under it."""

    def replaced(handler: BaseHTTPRequestHandler) -> None:
        if handler.command == "HEAD":
            whole(handler)
        elif handler.headers["If-Match"] == ETAG:
            send(handler, 412, b"<Error><Code>PreconditionFailed</Code></Error>")

    service.answer = replaced
    async with await store.open("photos", "key") as opened:
        with pytest.raises(StorageUnavailable, match="replaced"):
            _ = [chunk async for chunk in opened.chunks()]
    with pytest.raises(StorageUnavailable, match="replaced"):
        await store.read("photos", "key", 100)


async def test_object_deleted_between_looking_and_reading(store, service):
    """An object that goes away while it is read is not said never to have been there."""
    service.answer = lambda handler: whole(handler) if handler.command == "HEAD" else send(handler, 404)
    async with await store.open("photos", "key") as opened:
        with pytest.raises(StorageUnavailable, match="replaced"):
            _ = [chunk async for chunk in opened.chunks()]


async def test_content_that_is_too_short_is_not_taken(store, service):
    """A service that breaks off in the middle makes an error, not a shorter object."""

    def short(handler: BaseHTTPRequestHandler) -> None:
        if handler.command == "HEAD":
            whole(handler)
            return
        handler.send_response(206)
        handler.send_header("Content-Length", "7")
        handler.send_header("Content-Range", "bytes 0-6/7")
        handler.end_headers()
        handler.wfile.write(b"con")
        handler.close_connection = True

    service.answer = short
    with pytest.raises(StorageUnavailable):
        await store.read("photos", "key", 100)


@pytest.mark.parametrize("body", [b"", b"no XML", b"<html><body>a proxy's page</p>"])
async def test_listing_that_cannot_be_read_is_no_empty_page(store, service, body):
    """A page of something else in between is an error, and not a bucket without objects."""
    service.answer = lambda handler: send(handler, 200, body)
    with pytest.raises(StorageUnavailable):
        await store.list("photos", ListQuery())


UNREACHABLE = ["..", "../other/secret", "a/../../secret", "a//b", "/a", "a/", "a/./b", " a", "a ", "\ta"]


@pytest.mark.parametrize("key", UNREACHABLE)
async def test_keys_that_the_library_would_change_ask_for_nothing(store, service, key):
    """A key that would be read as another one, or climb out of the bucket, is not there, and no request is sent."""
    with pytest.raises(NoSuchKey):
        await store.head("photos", key)
    with pytest.raises(NoSuchKey):
        await store.open("photos", key)
    await store.delete_many("photos", [key])
    assert service.requests == []


@pytest.mark.parametrize("prefix", ["../", "a/../b", "a//", "/", " a", "./"])
async def test_prefixes_of_unreachable_keys_ask_for_nothing(store, service, prefix):
    """Nothing that can be read begins like this: the page is empty."""
    page = await store.list("photos", ListQuery(prefix=prefix))
    assert (page.objects, page.common_prefixes, service.requests) == ((), (), [])


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ('"9a0364b9e99bb480dd25e1f0284c8555"', "9A0364B9E99BB480DD25E1F0284C8555"),
        ('"9a0364b9e99bb480dd25e1f0284c8555-2"', "9A0364B9E99BB480DD25E1F0284C8555-2"),
        ('W/"abc"', "abc"),
        ('"Mixed-Case_Tag"', "Mixed-Case_Tag"),
        ("", ""),
    ],
)
def test_etags_of_services(sent, told):
    """An MD5 is told in the upper case of OSS, anything else as it came, always without quotes."""
    assert etag_of(sent) == told
