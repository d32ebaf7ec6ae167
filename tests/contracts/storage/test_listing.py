"""Pages of every store, against their definition."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oss_faces.errors import (
    InvalidArgument,
    OssFacesError,
)
from oss_faces.storage import (
    ListPage,
    ListQuery,
)
from tests.contracts.storage.shelf import BUCKET, md5, put

pytestmark = pytest.mark.anyio


def naive_page(keys: set[str], query: ListQuery) -> tuple[list[str], list[str], str]:
    """Build a page by the definition: all entries in order, those behind the marker, cut off; then the next marker."""
    entries: dict[bytes, bool] = {}
    for key in keys:
        if key.startswith(query.prefix):
            rest = key[len(query.prefix) :]
            is_folded = bool(query.delimiter) and query.delimiter in rest
            entry = query.prefix + rest.partition(query.delimiter)[0] + query.delimiter if is_folded else key
            # A key that equals a common prefix is folded into it too.
            entries[entry.encode()] = is_folded
    behind = sorted(entry for entry in entries if entry > query.marker.encode())
    shown = behind[: query.max_keys]
    objects = [entry.decode() for entry in shown if not entries[entry]]
    prefixes = [entry.decode() for entry in shown if entries[entry]]
    return objects, prefixes, shown[-1].decode() if len(behind) > len(shown) else ""


def summary(page: ListPage) -> tuple[list[str], list[str], str]:
    return [meta.key for meta in page.objects], list(page.common_prefixes), page.next_marker


# Few letters, so that prefixes, delimiters and markers meet; two of them differ in UTF-8 and UTF-16 order.
LETTERS = st.sampled_from(["a", "b", "/", "//", "\0", "é", "\uffff", "\U0001f600"])
TEXTS = st.lists(LETTERS, max_size=5).map("".join)
KEYS = st.sets(TEXTS.filter(bool), max_size=8)
QUERIES = st.builds(
    ListQuery,
    prefix=st.one_of(st.just(""), TEXTS),
    marker=st.one_of(st.just(""), TEXTS),
    delimiter=st.sampled_from(["", "/", "/", "//", "a", "é"]),
    max_keys=st.integers(1, 9),
)


@pytest.mark.needs("any key")
@settings(
    max_examples=25,
    deadline=None,
    # The same store serves all examples; each leaves it empty.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(keys=KEYS, queries=st.lists(QUERIES, min_size=10, max_size=30))
async def test_pages_are_those_of_the_definition(store, keys, queries):
    """Every page equals the one built by the definition, for any keys, prefix, marker, delimiter and size."""
    try:
        for key in keys:
            await put(store, key, b"")
        for query in queries:
            assert summary(await store.list(BUCKET, query)) == naive_page(keys, query), query
    finally:
        await store.delete_many(BUCKET, list(keys))


@pytest.mark.needs("any key")
@pytest.mark.parametrize("delimiter", ["", "/", "b"])
@pytest.mark.parametrize("prefix", ["", "a", "a/"])
@pytest.mark.parametrize("max_keys", [1, 2, 3, 1000])
async def test_pages_join_without_gap_or_repetition(store, prefix, delimiter, max_keys):
    """Following the next marker to the end gives each entry once, in order, whatever the size of the pages."""
    keys = {"a", "a/", "a/b", "a/b/c", "a/c", "ab", "a-", "b/a", "b", "c/", "c//", "z"}
    for key in sorted(keys):
        await put(store, key, b"")
    found: list[str] = []
    marker = ""
    while True:
        page = await store.list(BUCKET, ListQuery(prefix, marker, delimiter, max_keys))
        entries = [*(meta.key for meta in page.objects), *page.common_prefixes]
        assert len(entries) <= max_keys
        found += sorted(entries)
        marker = page.next_marker
        if not page.is_truncated:
            break
    objects, prefixes, _ = naive_page(keys, ListQuery(prefix, "", delimiter, 1000))
    assert found == sorted(objects + prefixes)


async def test_listing_what_is_not_text_is_refused(store):
    """Prefixes, markers and delimiters outside UTF-8 are InvalidArgument."""
    for query in (ListQuery(prefix="\ud800"), ListQuery(marker="\ud800"), ListQuery(delimiter="\ud800")):
        with pytest.raises(InvalidArgument):
            await store.list(BUCKET, query)


async def test_errors_are_those_of_the_wire(store):
    """Every error of a store has a wire code of its own and a message without paths."""
    with pytest.raises(OssFacesError) as caught:
        await store.head(BUCKET, "missing")
    assert (caught.value.code, caught.value.http_status) == ("NoSuchKey", 404)
    assert "/" not in caught.value.message


# Names that a folder can hold, too. `-` and `.` come before the slash, `0` behind it, so that files and folders meet.
STEPS = st.lists(st.sampled_from(["a", "b", "-", ".", "0", "é", "\uff0c", "\U0001f600"]), min_size=1, max_size=3)
NAMES = STEPS.map("".join).filter(lambda step: not step.startswith("."))
PLAIN_KEYS = st.sets(st.lists(NAMES, min_size=1, max_size=3).map("/".join), max_size=8)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(candidates=PLAIN_KEYS, queries=st.lists(QUERIES, min_size=8, max_size=12))
async def test_pages_of_plain_keys_are_those_of_the_definition(store, candidates, queries):
    """The same in every store for keys that could be files: none is a folder of another."""
    keys = {key for key in candidates if not any(other.startswith(f"{key}/") for other in candidates)}
    try:
        for key in keys:
            await put(store, key, b"")
        for query in queries:
            assert summary(await store.list(BUCKET, query)) == naive_page(keys, query), query
    finally:
        await store.delete_many(BUCKET, list(keys))


@pytest.mark.parametrize("delimiter", ["", "/", "-"])
@pytest.mark.parametrize("max_keys", [1, 2, 3, 1000])
async def test_pages_of_plain_keys_join_without_gap_or_repetition(store, delimiter, max_keys):
    """Following the next marker gives each entry once, in order, also where folders and files are mixed."""
    keys = {
        "a-",
        "a.jpg",
        "a/b",
        "a/c/d",
        "a/c-",
        "a/c0",
        "a0",
        "b/-/a",
        "b-",
        "c",
        "é/a",
        "é/b",
        "\uff0c",
        "\U0001f600",
    }
    for key in sorted(keys):
        await put(store, key, b"")
    found: list[str] = []
    marker = ""
    while True:
        page = await store.list(BUCKET, ListQuery("", marker, delimiter, max_keys))
        entries = [*(meta.key for meta in page.objects), *page.common_prefixes]
        assert len(entries) <= max_keys
        found += sorted(entries, key=str.encode)
        marker = page.next_marker
        if not page.is_truncated:
            break
    objects, prefixes, _ = naive_page(keys, ListQuery("", "", delimiter, 1000))
    assert found == sorted(objects + prefixes, key=str.encode)


async def test_listed_objects_are_those_that_are_read(store):
    """A listing tells the key, length, ETag and time that every other call tells."""
    await put(store, "a/picture.jpg", b"content")
    meta = await store.head(BUCKET, "a/picture.jpg")
    [listed] = (await store.list(BUCKET, ListQuery())).objects
    told = (listed.key, listed.size_bytes, listed.etag, listed.last_modified)
    assert told == (meta.key, meta.size_bytes, meta.etag, meta.last_modified) == ("a/picture.jpg", 7, *told[2:])
    assert meta.etag == md5(b"content").hex().upper()
