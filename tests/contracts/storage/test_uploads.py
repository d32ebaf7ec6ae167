"""Multipart uploads in every store that has them."""

import asyncio
import hashlib
from datetime import timedelta

import pytest
from fastcrc import crc64

from oss_faces.errors import (
    BucketNotEmpty,
    EntityTooLarge,
    EntityTooSmall,
    FileAlreadyExists,
    IncompleteBody,
    InvalidArgument,
    InvalidDigest,
    InvalidObjectName,
    InvalidPart,
    InvalidPartOrder,
    NoSuchBucket,
    NoSuchKey,
    NoSuchUpload,
)
from oss_faces.storage import (
    BodySpec,
    ByteRange,
    ChosenPart,
    CompleteSpec,
    CopySpec,
    ListQuery,
    ObjectStore,
    PartQuery,
    UploadQuery,
    UploadSpec,
)
from oss_faces.values import Acl, Address, ObjectHeaders, ObjectType, Part, Upload
from tests.contracts.storage.shelf import (
    BUCKET,
    NOW_WHOLE_SECONDS,
    OBJECT_BYTES_MAX,
    OWNER,
    PART_BYTES_MIN,
    get,
    keys_of,
    md5,
    pieces,
    put,
)

pytestmark = [pytest.mark.anyio, pytest.mark.needs("uploads")]

CONTENTS = {1: b"a" * 40, 2: b"b" * 17, 5: b"the end"}


async def begin(store: ObjectStore, key: str = "key", spec: UploadSpec | None = None) -> Upload:
    return await store.begin_upload(BUCKET, key, spec or UploadSpec())


async def put_part(store: ObjectStore, upload: Upload, number: int, content: bytes, **announced: object) -> Part:
    body, spec = pieces(content), BodySpec(**announced)
    return await store.put_part(BUCKET, upload.key, upload.upload_id, number, body, spec)


async def complete(store: ObjectStore, upload: Upload, spec: CompleteSpec | None = None):
    return await store.complete_upload(BUCKET, upload.key, upload.upload_id, spec or CompleteSpec())


def chosen(*parts: Part) -> tuple[ChosenPart, ...]:
    return tuple(ChosenPart(part.number, part.etag) for part in parts)


async def put_all(store: ObjectStore, upload: Upload) -> list[Part]:
    """Upload the parts of `CONTENTS`, the last one first."""
    parts = [await put_part(store, upload, number, CONTENTS[number]) for number in sorted(CONTENTS, reverse=True)]
    return parts[::-1]


async def test_parts_become_an_object(store):
    """The chosen parts in their order are the object, with its headers, its checksum and an ETag of its own kind."""
    headers = ObjectHeaders("image/png", {"a": "b"}, {"cache-control": "no-cache"})
    upload = await begin(store, spec=UploadSpec(headers, Acl.PUBLIC_READ))
    parts = await put_all(store, upload)
    whole = b"".join(CONTENTS.values())
    meta = await complete(store, upload, CompleteSpec(chosen(*parts)))
    digests = b"".join(md5(content) for content in CONTENTS.values())
    assert meta.etag == f"{hashlib.md5(digests).hexdigest().upper()}-3"
    assert (meta.size_bytes, meta.crc64) == (len(whole), crc64.xz(whole))
    assert (meta.content_type, meta.user, meta.headers) == (headers.content_type, headers.user, headers.standard)
    assert (meta.acl, meta.object_type) == (Acl.PUBLIC_READ, ObjectType.MULTIPART)
    assert meta.last_modified == NOW_WHOLE_SECONDS
    assert await store.head(BUCKET, "key") == meta
    assert await store.read(BUCKET, "key", 100) == (meta, whole)
    assert (await store.list(BUCKET, ListQuery())).objects == (meta,)


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (0, 64), (39, 41), (40, 57), (56, 58), (57, 64), (63, 64), (20, 900), (0, 40)]
)
async def test_ranges_cross_the_parts(store, start, end):
    """A range of an object made of parts gives those bytes, wherever its edges lie."""
    upload = await begin(store)
    await put_all(store, upload)
    await complete(store, upload)
    whole = b"".join(CONTENTS.values())
    assert await get(store, "key", ByteRange(start, end)) == whole[start:end]


async def test_a_part_says_what_it_is(store):
    """A stored part is described by number, length, digests and time, and is listed so."""
    upload = await begin(store)
    part = await put_part(store, upload, 7, b"content", content_md5=md5(b"content"), size_bytes=7)
    assert part == Part(7, 7, md5(b"content").hex().upper(), crc64.xz(b"content"), NOW_WHOLE_SECONDS)
    page = await store.list_parts(BUCKET, "key", upload.upload_id, PartQuery())
    assert (page.parts, page.next_marker) == ((part,), 0)


async def test_parts_are_no_objects(store):
    """Before an upload is completed there is nothing to read or to list."""
    upload = await begin(store)
    await put_part(store, upload, 1, b"content")
    assert await keys_of(store) == []
    with pytest.raises(NoSuchKey):
        await store.open(BUCKET, "key")


async def test_a_part_replaces_one_of_its_number(store):
    """Of two parts with one number the last one counts."""
    upload = await begin(store)
    old = await put_part(store, upload, 1, b"old content")
    new = await put_part(store, upload, 1, b"new")
    with pytest.raises(InvalidPart):
        await complete(store, upload, CompleteSpec(chosen(old)))
    await complete(store, upload, CompleteSpec(chosen(new)))
    assert await get(store, "key") == b"new"


async def test_parts_that_are_not_chosen_are_left_out(store):
    """Only the chosen parts are in the object, and the others are gone."""
    upload = await begin(store)
    parts = await put_all(store, upload)
    await complete(store, upload, CompleteSpec(chosen(parts[0], parts[2])))
    assert await get(store, "key") == CONTENTS[1] + CONTENTS[5]
    with pytest.raises(NoSuchUpload):
        await store.list_parts(BUCKET, "key", upload.upload_id, PartQuery())


async def test_completing_overwrites_and_gives_the_acl(store):
    """A completed upload replaces the object of its key; an ACL given then goes before that of the beginning."""
    await put(store, "key", b"old")
    upload = await begin(store, spec=UploadSpec(acl=Acl.PUBLIC_READ))
    await put_part(store, upload, 1, b"new")
    assert await get(store, "key") == b"old"
    meta = await complete(store, upload, CompleteSpec(acl=Acl.PRIVATE))
    assert meta.acl is Acl.PRIVATE
    assert await get(store, "key") == b"new"
    assert await keys_of(store) == ["key"]


@pytest.mark.parametrize("overwrite_with", ["an object", "an upload", "nothing"])
async def test_an_object_of_parts_can_be_replaced_while_it_is_read(store, overwrite_with):
    """Whoever has an object of parts open reads it to its end, though it is overwritten and deleted meanwhile."""
    upload, other = await begin(store), await begin(store)
    await put_all(store, upload)
    await put_part(store, other, 1, b"another")
    await complete(store, upload)
    opened = await store.open(BUCKET, "key")
    async with opened:
        chunks = opened.chunks()
        begun = await anext(chunks)
        if overwrite_with == "an object":
            await put(store, "key", b"another")
        elif overwrite_with == "an upload":
            await complete(store, other)
        else:
            await store.delete(BUCKET, "key")
        assert begun + b"".join([chunk async for chunk in chunks]) == b"".join(CONTENTS.values())
    if overwrite_with != "nothing":
        assert await get(store, "key") == b"another"


@pytest.mark.parametrize(
    ("choose", "error"),
    [
        (lambda a, b: (b, a), InvalidPartOrder),
        (lambda a, _: (a, a), InvalidPartOrder),
        (lambda a, b: (a, ChosenPart(3, b.etag)), InvalidPart),
        (lambda a, b: (ChosenPart(a.number, b.etag), b), InvalidPart),
        (lambda *_: (), InvalidPart),
    ],
)
async def test_refused_completion_changes_nothing(store, choose, error):
    """A wrong list of parts is refused; upload and old object are as they were."""
    await put(store, "key", b"old")
    upload = await begin(store)
    first = await put_part(store, upload, 1, b"a" * PART_BYTES_MIN)
    second = await put_part(store, upload, 2, b"b")
    with pytest.raises(error):
        await complete(store, upload, CompleteSpec(tuple(choose(*chosen(first, second)))))
    assert await get(store, "key") == b"old"
    await complete(store, upload, CompleteSpec(chosen(first, second)))
    assert await get(store, "key") == b"a" * PART_BYTES_MIN + b"b"


async def test_small_parts_are_refused_but_for_the_last(store):
    """A part in front of another must have the least size; the error tells which one and how large it must be."""
    upload = await begin(store)
    await put_part(store, upload, 1, b"a" * (PART_BYTES_MIN - 1))
    await put_part(store, upload, 2, b"b")
    with pytest.raises(EntityTooSmall) as caught:
        await complete(store, upload)
    assert caught.value.details["MinSizeAllowed"] == str(PART_BYTES_MIN)
    assert caught.value.details["PartNumber"] == "1"


async def test_an_upload_without_parts_cannot_be_completed(store):
    """There is no object without a part."""
    with pytest.raises(InvalidPart):
        await complete(store, await begin(store))


async def test_an_object_of_one_empty_part(store):
    """An empty part alone makes an empty object."""
    upload = await begin(store)
    await put_part(store, upload, 1, b"")
    assert (await complete(store, upload)).size_bytes == 0
    assert await get(store, "key") == b""


async def test_too_large_an_object_is_refused(store):
    """The parts of an object together are limited, each of them too."""
    upload = await begin(store)
    with pytest.raises(EntityTooLarge):
        await put_part(store, upload, 1, b"a" * (OBJECT_BYTES_MAX + 1))
    for number in (1, 2):
        await put_part(store, upload, number, b"a" * 160)
    with pytest.raises(EntityTooLarge):
        await complete(store, upload)


async def test_unfinished_parts_are_bounded(store):
    """All parts under way together are limited; replacing one and ending an upload give room again."""
    first, second = await begin(store), await begin(store)
    for number, upload in ((1, first), (2, first), (1, second)):
        await put_part(store, upload, number, b"a" * 160)
    with pytest.raises(EntityTooLarge):
        await put_part(store, second, 2, b"a" * 30)
    await put_part(store, second, 1, b"a" * 140)
    await put_part(store, second, 2, b"a" * 30)
    await store.abort_upload(BUCKET, "key", first.upload_id)
    await put_part(store, second, 3, b"a" * 160)


async def test_uploads_are_bounded(store):
    """Only so many uploads are under way at a time."""
    uploads = [await begin(store) for _ in range(3)]
    with pytest.raises(InvalidArgument):
        await begin(store)
    await store.abort_upload(BUCKET, "key", uploads[0].upload_id)
    await begin(store)


@pytest.mark.parametrize(
    ("announced", "error"),
    [
        ({"content_md5": bytes(16)}, InvalidDigest),
        ({"content_md5": b"short"}, InvalidDigest),
        ({"size_bytes": 8}, IncompleteBody),
        ({"size_bytes": 6}, EntityTooLarge),
        ({"size_bytes_max": 6}, EntityTooLarge),
    ],
)
async def test_a_part_that_is_not_the_announced_one(store, announced, error):
    """A refused part leaves the old one of its number."""
    upload = await begin(store)
    old = await put_part(store, upload, 1, b"old")
    with pytest.raises(error):
        await put_part(store, upload, 1, b"content", **announced)
    page = await store.list_parts(BUCKET, "key", upload.upload_id, PartQuery())
    assert page.parts == (old,)


@pytest.mark.parametrize("call", ["put_part", "complete", "abort", "list"])
@pytest.mark.parametrize(
    "which", [("key", "0" * 32), ("key", ""), ("key", "\ud800"), ("other", None), ("key", None)], ids=str
)
async def test_no_such_upload(store, call, which):
    """An id that is unknown, another key's, or that of an upload which has ended, is refused before a body is read."""
    upload = await begin(store)
    key, upload_id = which
    if which == ("key", None):
        await store.abort_upload(BUCKET, "key", upload.upload_id)
    upload_id = upload.upload_id if upload_id is None else upload_id

    async def never():
        raise AssertionError("the body was read")
        yield b""

    calls = {
        "put_part": lambda: store.put_part(BUCKET, key, upload_id, 1, never(), BodySpec()),
        "complete": lambda: store.complete_upload(BUCKET, key, upload_id, CompleteSpec()),
        "abort": lambda: store.abort_upload(BUCKET, key, upload_id),
        "list": lambda: store.list_parts(BUCKET, key, upload_id, PartQuery()),
    }
    with pytest.raises(NoSuchUpload):
        await calls[call]()


async def test_upload_of_another_bucket(store):
    """An upload belongs to its bucket; one that does not exist has none."""
    upload = await begin(store)
    await store.create_bucket("otherbucket", OWNER)
    with pytest.raises(NoSuchUpload):
        await store.abort_upload("otherbucket", "key", upload.upload_id)
    with pytest.raises(NoSuchBucket):
        await store.begin_upload("nosuchbucket", "key", UploadSpec())
    with pytest.raises(NoSuchBucket):
        await store.list_uploads("nosuchbucket", UploadQuery())


async def test_an_aborted_upload_takes_no_more(store):
    """A part that comes in while its upload is aborted is refused at its end."""
    upload = await begin(store)

    async def body():
        await store.abort_upload(BUCKET, "key", upload.upload_id)
        yield b"content"

    with pytest.raises(NoSuchUpload):
        await store.put_part(BUCKET, "key", upload.upload_id, 1, body(), BodySpec())
    assert (await store.list_uploads(BUCKET, UploadQuery())).uploads == ()


async def test_names_and_metadata_are_checked_at_the_beginning(store):
    """What could never become an object does not begin."""
    with pytest.raises(InvalidObjectName):
        await begin(store, "")
    with pytest.raises(InvalidArgument):
        await begin(store, spec=UploadSpec(ObjectHeaders(user={"a": "v" * 64})))


async def test_forbid_overwrite_at_the_beginning_and_at_the_end(store):
    """A key that is taken refuses the beginning and the completion of an upload that must not overwrite it."""
    upload = await begin(store, spec=UploadSpec(forbid_overwrite=True))
    await put_part(store, upload, 1, b"new")
    await put(store, "key", b"old")
    with pytest.raises(FileAlreadyExists):
        await begin(store, spec=UploadSpec(forbid_overwrite=True))
    with pytest.raises(FileAlreadyExists):
        await complete(store, upload, CompleteSpec(forbid_overwrite=True))
    assert await get(store, "key") == b"old"
    await store.delete(BUCKET, "key")
    await complete(store, upload, CompleteSpec(forbid_overwrite=True))


async def test_a_bucket_with_uploads_is_not_empty(store):
    """A bucket is not deleted while uploads are under way in it."""
    upload = await begin(store)
    with pytest.raises(BucketNotEmpty):
        await store.delete_bucket(BUCKET)
    await store.abort_upload(BUCKET, "key", upload.upload_id)
    await store.delete_bucket(BUCKET)


async def test_old_uploads_are_aborted(store, clock):
    """An upload that reaches the age limit is gone with its parts, by itself when another one begins."""
    old = await begin(store, "old")
    await put_part(store, old, 1, b"content")
    clock.now += timedelta(days=1)
    young = await begin(store, "young")
    clock.now += timedelta(days=1, seconds=1)
    assert await store.expire_uploads() == 1
    assert (await store.list_uploads(BUCKET, UploadQuery())).uploads == (young,)
    clock.now += timedelta(days=3)
    newest = await begin(store, "newest")
    assert (await store.list_uploads(BUCKET, UploadQuery())).uploads == (newest,)


async def test_parts_are_listed_in_pages(store):
    """Parts come by number, some at a time, behind the marker."""
    upload = await begin(store)
    for number in (10_000, 3, 20):
        await put_part(store, upload, number, b"content")
    seen = []
    marker, pages = 0, 0
    while not pages or marker:
        page = await store.list_parts(BUCKET, "key", upload.upload_id, PartQuery(marker, 2))
        seen += [part.number for part in page.parts]
        marker, pages = page.next_marker, pages + 1
    assert (seen, pages) == ([3, 20, 10_000], 2)


async def test_uploads_are_listed_in_pages(store):
    """Uploads come by key and id, some at a time, behind the markers; what a delimiter folds is one entry."""
    made = [await begin(store, key) for key in ("b/1", "a", "b/2")]
    by_key = sorted(made, key=lambda upload: (upload.key, upload.upload_id))
    first = await store.list_uploads(BUCKET, UploadQuery(max_uploads=2))
    assert (first.uploads, first.is_truncated) == (tuple(by_key[:2]), True)
    rest = await store.list_uploads(
        BUCKET, UploadQuery(key_marker=first.next_key_marker, upload_id_marker=first.next_upload_id_marker)
    )
    assert (rest.uploads, rest.is_truncated) == (tuple(by_key[2:]), False)
    assert (await store.list_uploads(BUCKET, UploadQuery(prefix="b/"))).uploads == tuple(by_key[1:])
    folded = await store.list_uploads(BUCKET, UploadQuery(delimiter="/"))
    assert (folded.uploads, folded.common_prefixes) == ((by_key[0],), ("b/",))


async def test_uploads_of_one_key_are_told_apart_by_a_marker(store):
    """A page can end between two uploads of one key."""
    ids = sorted([(await begin(store)).upload_id for _ in range(3)])
    page = await store.list_uploads(BUCKET, UploadQuery(key_marker="key", upload_id_marker=ids[0], max_uploads=1))
    assert [upload.upload_id for upload in page.uploads] == [ids[1]]
    assert (page.next_key_marker, page.next_upload_id_marker) == ("key", ids[1])
    assert (await store.list_uploads(BUCKET, UploadQuery(key_marker="key"))).uploads == ()


async def test_parts_come_at_the_same_time(store):
    """Parts that arrive together are all there."""
    upload = await begin(store)
    await asyncio.gather(*[put_part(store, upload, number, bytes([number]) * 20) for number in range(1, 9)])
    meta = await complete(store, upload)
    assert await get(store, "key") == b"".join(bytes([number]) * 20 for number in range(1, 9))
    assert meta.etag.endswith("-8")


async def test_copy_of_an_object_of_parts(store):
    """A copy is one object with the same bytes, of the ordinary kind."""
    upload = await begin(store)
    await put_all(store, upload)
    source = await complete(store, upload)
    meta = await store.copy(Address(BUCKET, "key"), Address(BUCKET, "copy"), CopySpec())
    assert (meta.crc64, meta.size_bytes) == (source.crc64, source.size_bytes)
    assert meta.object_type is ObjectType.NORMAL
