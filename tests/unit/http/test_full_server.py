"""Whom a full server looks at: those to whom it may be able to give what needs no worker."""

from collections.abc import Callable

import oss2
import pytest

from oss_faces.http import Edge
from oss_faces.operations import CacheSettings, ResultCache
from oss_faces.workers import Door, Workers
from tests.unit.http import imm_calls
from tests.unit.http.full_server import faces_of, full, send
from tests.unit.http.in_process import (
    ENDPOINT,
    KEY_ID,
    NOBODY_ID,
    NOBODY_SECRET,
    PICTURE,
    REGION,
    SECRET,
    TEMPORARY_ID,
    TEMPORARY_SECRET,
    TOKEN,
    InProcess,
)
from tests.working import inside

pytestmark = pytest.mark.anyio

MakeEdge = Callable[..., Edge]
OLD = oss2.Auth(KEY_ID, SECRET)
NOBODY = oss2.AuthV4(NOBODY_ID, NOBODY_SECRET)
TEMPORARY = oss2.StsAuth(TEMPORARY_ID, TEMPORARY_SECRET, TOKEN)


@pytest.fixture
def results() -> ResultCache:
    """They are kept, as by a server that is set up by default."""
    return ResultCache(CacheSettings())


@pytest.fixture
def edge(make_edge: MakeEdge, door: Door) -> Edge:
    """Two pictures are stored, and the faces of the first were asked for."""
    made = make_edge(door=door)
    bucket = oss2.Bucket(oss2.AuthV4(KEY_ID, SECRET), ENDPOINT, "photos", session=InProcess(made), region=REGION)
    bucket.create_bucket()
    for name in ("known.jpg", "new.jpg"):
        bucket.put_object(name, PICTURE)
    bucket.get_object("known.jpg", process="image/faces").read()
    return made


@pytest.mark.parametrize("process", ["image/faces", "image/expressions"])
async def test_result_that_is_kept_is_given_by_a_full_server(process: str, edge: Edge, workers: Workers) -> None:
    """Signed anew, told in the other form, with whatever parameter beside it."""
    plain = (await send(edge, "GET", faces_of("known.jpg", process))).body
    async with full(edge._door, workers):
        answered = await send(edge, "GET", faces_of("known.jpg", process))
        assert (answered.status, answered.body) == (200, plain)
        older = await send(edge, "GET", f"{faces_of('known.jpg', auth=OLD)}&_=1")
        assert older.status == 200


async def test_what_is_not_kept_is_refused_unseen(edge: Edge, workers: Workers) -> None:
    """Another picture, known to be there or not, most likely needs a worker; nothing else is said about it."""
    async with full(edge._door, workers):
        refused = [await send(edge, "GET", faces_of(key)) for key in ("new.jpg", "absent.jpg")]
        assert [one.status for one in refused] == [503, 503]


async def test_strangers_do_not_learn_what_was_asked(edge: Edge, workers: Workers) -> None:
    """Whoever was not told himself gets the same answer about every picture: unsigned, unknown, without rights."""
    unknown = oss2.AuthV4("AKIDUNKNOWN", NOBODY_SECRET)
    async with full(edge._door, workers):
        for key in ("known.jpg", "new.jpg", "absent.jpg"):
            unsigned = f"/photos/{key}?x-oss-process=image/faces"
            for target in (unsigned, faces_of(key, auth=unknown), faces_of(key, auth=NOBODY)):
                assert (await send(edge, "GET", target)).status == 503


async def test_each_key_is_known_by_what_it_was_told(edge: Edge, workers: Workers) -> None:
    """Another key that may see the picture is looked at when it got the result once."""
    async with full(edge._door, workers):
        assert (await send(edge, "GET", faces_of("known.jpg", auth=TEMPORARY))).status == 503
    assert (await send(edge, "GET", faces_of("known.jpg", auth=TEMPORARY))).status == 200
    async with full(edge._door, workers):
        assert (await send(edge, "GET", faces_of("known.jpg", auth=TEMPORARY))).status == 200


async def test_who_claims_the_key_is_judged_as_ever(edge: Edge, workers: Workers) -> None:
    """That the key was told gives nobody a right who has not its secret."""
    async with full(edge._door, workers):
        assert (await send(edge, "GET", faces_of("known.jpg", auth=oss2.AuthV4(KEY_ID, NOBODY_SECRET)))).status == 403


@pytest.mark.parametrize(
    ("name", "status"),
    [("if-none-match", 304), ("if-unmodified-since", 412), ("x-if-none-match", 503)],
)
async def test_condition_is_looked_at(name: str, status: int, edge: Edge, workers: Workers) -> None:
    """It may spare the work."""
    value = "*" if "match" in name else "Thu, 01 Jan 1970 00:00:00 GMT"
    async with full(edge._door, workers):
        assert (await send(edge, "GET", faces_of("new.jpg"), {name: value})).status == status


async def test_looks_are_as_few_as_ever(edge: Edge, workers: Workers) -> None:
    """While one is looked at the next one is refused, whatever it asks."""
    async with full(edge._door, workers), inside(edge._door):
        assert (await send(edge, "GET", faces_of("known.jpg"))).status == 503


async def test_condition_means_nothing_to_imm(edge: Edge, workers: Workers) -> None:
    """It has none, and the nonce of a request that is looked at is spent."""
    request, _ = imm_calls.signed("DetectImageFaces")
    headers = dict(request.headers)
    async with full(edge._door, workers):
        assert (await send(edge, request.method, "/", headers | {"if-none-match": "*"})).status == 503
    assert (await send(edge, request.method, "/", headers)).status == 400


async def test_query_without_end_is_nobodys_work(edge: Edge, workers: Workers) -> None:
    """It is refused for its length; it is not searched for parameters first."""
    async with full(edge._door, workers):
        assert (await send(edge, "GET", "/photos/k?x-oss-process=image/faces" + "&" * 100_000)).status == 400


async def test_a_request_that_cannot_be_read_needs_no_look(edge: Edge, workers: Workers) -> None:
    """A full server says that it is full."""
    async with full(edge._door, workers):
        assert (await send(edge, "GET", "/photos/%?x-oss-process=image/faces")).status == 503
        assert (await send(edge, "GET", "/photos/k?x-oss-process=image/faces&x-oss-signature=a")).status == 503
