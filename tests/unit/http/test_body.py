"""The request's body: bounded in size and time, and never half read on a connection that is used again."""

import contextlib

import anyio
import anyio.lowlevel
import pytest

from oss_faces.errors import EntityTooLarge, IncompleteBody
from oss_faces.http.body import DRAIN_BYTES_MAX, ClientGone, RequestBody
from oss_faces.values import WireRequest

pytestmark = pytest.mark.anyio

GONE = {"type": "http.disconnect"}


def messages(*pieces: bytes) -> list[dict]:
    return [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]


LAST = {"type": "http.request", "body": b"", "more_body": False}


class Client:
    """Sends these messages and then nothing more; counts how often it was asked."""

    def __init__(self, *sent: dict) -> None:
        self._sent = list(sent)
        self.asked = 0

    async def __call__(self) -> dict:
        self.asked += 1
        if self._sent:
            return self._sent.pop(0)
        await anyio.sleep_forever()
        raise AssertionError


def body(client: Client, idle_s: float = 30.0, **headers: str) -> RequestBody:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return RequestBody(WireRequest("PUT", "/", "", named), client, idle_s)


@pytest.mark.parametrize("headers", [{}, {"content_length": "0"}])
async def test_request_without_a_body_is_not_asked_for_one(headers: dict[str, str]) -> None:
    """Nothing announced, nothing read; the connection can be used again."""
    client = Client()
    wanted = body(client, **headers)
    assert await wanted.read(10) == b""
    assert await wanted.drain()
    assert client.asked == 0


@pytest.mark.parametrize("headers", [{"content_length": "6"}, {"transfer_encoding": "chunked"}])
async def test_body_comes_in_its_pieces(headers: dict[str, str]) -> None:
    """Pieces are passed on as they come, empty ones are not."""
    client = Client(*messages(b"abc", b"", b"def"), LAST)
    wanted = body(client, **headers)
    assert [piece async for piece in wanted.pieces()] == [b"abc", b"def"]
    assert wanted.is_finished
    assert await wanted.drain()
    assert client.asked == 4


async def test_small_body_is_read_whole_up_to_its_limit() -> None:
    """Exactly the limit fits, one byte more does not."""
    assert await body(Client(*messages(b"abc", b"de"), LAST), content_length="5").read(5) == b"abcde"
    with pytest.raises(EntityTooLarge):
        await body(Client(*messages(b"abc", b"def"), LAST), content_length="6").read(5)


async def test_client_that_leaves_is_gone() -> None:
    """A connection that breaks in mid-body is no error of the request."""
    wanted = body(Client(*messages(b"abc"), GONE), content_length="6")
    with pytest.raises(ClientGone):
        await wanted.read(10)
    assert not wanted.is_finished


async def test_client_that_stalls_is_told_so() -> None:
    """Nothing for too long is an incomplete body."""
    with pytest.raises(IncompleteBody):
        await body(Client(*messages(b"abc")), idle_s=0.01, content_length="6").read(10)


async def test_client_that_stalled_is_not_waited_for_again() -> None:
    """After one stall the answer goes out at once and the connection is closed."""
    client = Client(*messages(b"abc"))
    wanted = body(client, idle_s=0.01, content_length="6")
    with pytest.raises(IncompleteBody):
        await wanted.read(10)
    asked = client.asked
    assert not await wanted.drain()
    assert client.asked == asked


async def test_rest_of_a_body_is_read_and_dropped() -> None:
    """What a refused request still sends does not become the next request."""
    client = Client(*messages(b"abc", b"def"), LAST)
    wanted = body(client, content_length="6")
    with pytest.raises(EntityTooLarge):
        await wanted.read(2)
    assert await wanted.drain()
    assert wanted.is_finished


@pytest.mark.parametrize("text", [str(DRAIN_BYTES_MAX + 1), "9" * 30, "abc", "5,5", "-1", ""])
async def test_body_that_is_announced_too_large_is_not_drained(text: str) -> None:
    """Closing is cheaper than reading on; so it is where the length is no number."""
    client = Client()
    assert not await body(client, content_length=text).drain()
    assert client.asked == 0


async def test_large_body_that_was_read_keeps_the_connection() -> None:
    """A whole upload of any size leaves nothing behind."""
    client = Client(*messages(bytes(DRAIN_BYTES_MAX), b"x"), LAST)
    wanted = body(client, content_length=str(DRAIN_BYTES_MAX + 1))
    assert len(await wanted.read(DRAIN_BYTES_MAX + 1)) == DRAIN_BYTES_MAX + 1
    assert await wanted.drain()


async def test_endless_body_is_not_drained_to_its_end() -> None:
    """A chunked body that goes on is dropped together with its connection."""
    piece = bytes(1024 * 1024)
    client = Client(*messages(*[piece] * 20))
    assert not await body(client, transfer_encoding="chunked").drain()
    assert client.asked == DRAIN_BYTES_MAX // len(piece) + 1


@pytest.mark.parametrize("last", [GONE, None])
async def test_drain_gives_up_when_nothing_more_comes(last: dict | None) -> None:
    """A client that leaves or stalls while its rest is read has no use for the connection."""
    client = Client(*messages(b"abc"), *([last] if last else []))
    assert not await body(client, idle_s=0.01, content_length="6").drain()


async def test_body_that_drips_is_not_drained_for_ever() -> None:
    """A refused client that sends a byte now and then, each in time, does not keep its connection with that."""

    async def drip() -> dict:
        await anyio.sleep(0.02)
        return messages(b"x")[0]

    request = WireRequest("PUT", "/", "", (("content-length", "1000000"),))
    with anyio.fail_after(30):
        assert not await RequestBody(request, drip, 0.1).drain()


async def test_client_that_waits_for_a_go_ahead_is_not_given_one_to_be_dropped() -> None:
    """Asking for a body means 100 Continue; a refused request gets its error instead, and its connection closed."""
    client = Client(*messages(b"abc"), LAST)
    assert not await body(client, content_length="3", expect="100-Continue").drain()
    assert client.asked == 0


async def test_client_that_was_given_a_go_ahead_is_drained() -> None:
    """Once the body has begun to come, its rest is read like any other."""
    client = Client(*messages(b"abc", b"def"), LAST)
    wanted = body(client, content_length="6", expect="100-continue")
    with pytest.raises(EntityTooLarge):
        await wanted.read(2)
    assert await wanted.drain()


async def sent_through(wanted: RequestBody, count: int = 3) -> int:
    """Send some messages through the guard; tell how many got through."""
    sent: list[object] = []

    async def send(message: object) -> None:
        sent.append(message)
        await anyio.lowlevel.checkpoint()

    with contextlib.suppress(ClientGone):
        async with wanted.guard(send) as guarded:
            for _ in range(count):
                await guarded({"type": "http.response.body"})
    return len(sent)


async def test_client_that_stays_gets_everything() -> None:
    """As long as nobody leaves, the guard lets all through and then stops waiting."""
    assert await sent_through(body(Client())) == 3


async def test_nothing_is_sent_to_a_client_that_has_left() -> None:
    """The first message after the departure is not sent any more; other messages are no departure."""
    assert await sent_through(body(Client(LAST, GONE)), count=100) < 100


async def test_message_that_finds_nobody_any_more_is_not_sent() -> None:
    """Who leaves while the connection waits for it to read has not got that message, though nothing was raised."""
    returned = 0

    async def send(_message: object) -> None:
        for _ in range(20):
            await anyio.lowlevel.checkpoint()

    with contextlib.suppress(ClientGone):
        async with body(Client(LAST, GONE)).guard(send) as guarded:
            await guarded({"type": "http.response.body"})
            returned += 1
    assert returned == 0


async def test_unread_body_is_no_departure() -> None:
    """While a body is left unread its pieces are not taken for news of the client."""
    client = Client(*messages(b"abc"), GONE)
    assert await sent_through(body(client, content_length="6")) == 3
    assert client.asked == 0


async def result_of(wanted: RequestBody, *, work_ends: bool) -> tuple[str, list[str]]:
    """Do work unless the client leaves; tell its result and what became of it."""
    seen: list[str] = []

    async def work() -> str:
        try:
            if not work_ends:
                await anyio.sleep_forever()
            await anyio.lowlevel.checkpoint()
        except BaseException:
            seen.append("stopped")
            raise
        return "done"

    try:
        return await wanted.unless_gone(work()), seen
    except ClientGone:
        return "gone", seen


async def test_work_is_done_for_a_client_that_waits() -> None:
    """Whoever stays gets the result."""
    assert await result_of(body(Client(LAST)), work_ends=True) == ("done", [])


async def test_work_is_stopped_when_its_client_leaves() -> None:
    """Nothing is worked out for nobody."""
    assert await result_of(body(Client(LAST, GONE)), work_ends=False) == ("gone", ["stopped"])


async def test_body_that_is_still_to_come_is_not_taken_for_a_sign() -> None:
    """While a body is unread nobody looks for the client's departure: its bytes are the body's."""
    client = Client(*messages(b"abc"), GONE)
    assert await result_of(body(client, content_length="3"), work_ends=True) == ("done", [])
    assert client.asked == 0


async def test_error_of_the_work_is_its_own() -> None:
    """What the work raises is raised."""

    async def fail() -> None:
        raise LookupError("of the work")

    with pytest.raises(LookupError, match="of the work"):
        await body(Client(LAST)).unless_gone(fail())
