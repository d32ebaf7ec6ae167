"""Pages of a listing, from any source that can walk its keys in the order of their UTF-8 bytes.

A listing is a sequence of entries: objects, and common prefixes into which the delimiter folds keys. Entries
are in byte order and a page holds those behind the marker. So a marker inside a common prefix, or equal to it,
leaves that whole prefix behind.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

from oss_faces.storage.base import ListPage, ListQuery
from oss_faces.storage.naming import utf8
from oss_faces.values import ObjectMeta

# (lower, upper, limit) -> at most `limit` keys k with lower <= k < upper (no bound above if None), in order.
Scan: TypeAlias = Callable[[bytes, bytes | None, int], Iterable[tuple[bytes, ObjectMeta]]]


def list_page(query: ListQuery, scan: Scan) -> ListPage:
    """Build one page.

    Args:
        query: what to list.
        scan: walks the keys; asked again, further on, after each common prefix, so that the keys folded into one are
            not read.

    Raises:
        InvalidArgument: prefix, marker or delimiter cannot be UTF-8.
    """
    prefix, delimiter = utf8(query.prefix, "prefix"), utf8(query.delimiter, "delimiter")
    upper = _successor(prefix)
    lower = _start(prefix, delimiter, utf8(query.marker, "marker"))
    entries: list[ObjectMeta | bytes] = []
    is_exhausted = False
    # One entry more than asked for tells whether there is more.
    while len(entries) <= query.max_keys and not is_exhausted:
        is_exhausted = True
        for key, meta in scan(lower, upper, query.max_keys + 1 - len(entries)):
            folded = _fold(key, prefix, delimiter)
            if folded is None:
                entries.append(meta)
                continue
            entries.append(folded)
            lower = _behind(folded)
            is_exhausted = False
            break
    return _page(entries, query.max_keys)


@dataclass(frozen=True, slots=True)
class Window:
    """What a query asks for, for stores that walk their keys in another way than `list_page` does.

    Attributes:
        lower, upper: keys k with lower <= k < upper are asked for; no bound above if None.
    """

    prefix: bytes
    delimiter: bytes
    lower: bytes
    upper: bytes | None
    max_keys: int

    @classmethod
    def of(cls, query: ListQuery) -> Self:
        """Read a query.

        Raises:
            InvalidArgument: prefix, marker or delimiter cannot be UTF-8.
        """
        prefix, delimiter = utf8(query.prefix, "prefix"), utf8(query.delimiter, "delimiter")
        lower = _start(prefix, delimiter, utf8(query.marker, "marker"))
        return cls(prefix, delimiter, lower, _successor(prefix), query.max_keys)

    def fold(self, key: bytes) -> bytes | None:
        """Give the common prefix that this key is folded into, if any."""
        return _fold(key, self.prefix, self.delimiter)

    def behind(self, common_prefix: bytes) -> bytes:
        """Give the smallest key behind all that are folded into this one."""
        return _behind(common_prefix)

    def page(self, entries: Sequence[ObjectMeta | bytes], *, has_more: bool = False) -> ListPage:
        """Make the page of entries in order; with `has_more` there are others behind them."""
        return _page(entries, self.max_keys, has_more=has_more)


def _page(entries: Sequence[ObjectMeta | bytes], max_keys: int, *, has_more: bool = False) -> ListPage:
    shown = entries[:max_keys]
    next_marker = ""
    if len(entries) > max_keys or (has_more and shown):
        last = shown[-1]
        next_marker = last.decode() if isinstance(last, bytes) else last.key
    return ListPage(
        objects=tuple(entry for entry in shown if isinstance(entry, ObjectMeta)),
        common_prefixes=tuple(entry.decode() for entry in shown if isinstance(entry, bytes)),
        next_marker=next_marker,
    )


def _start(prefix: bytes, delimiter: bytes, marker: bytes) -> bytes:
    """Tell the smallest key that can stand behind the marker."""
    if not marker:
        return prefix
    folded = _fold(marker, prefix, delimiter) if marker.startswith(prefix) else None
    # With a NUL appended, a byte string becomes the very next one.
    behind = marker + b"\0" if folded is None else _behind(folded)
    return max(prefix, behind)


def _fold(key: bytes, prefix: bytes, delimiter: bytes) -> bytes | None:
    """Give the common prefix that this key is folded into, if any."""
    if not delimiter:
        return None
    place = key.find(delimiter, len(prefix))
    return None if place < 0 else key[: place + len(delimiter)]


def _behind(common_prefix: bytes) -> bytes:
    after = _successor(common_prefix)
    assert after is not None, "a common prefix is not empty: it ends with the delimiter"
    return after


def _successor(prefix: bytes) -> bytes | None:
    """Give the first byte string behind all that begin with `prefix`; None when all do."""
    # No byte of UTF-8 is 0xFF, so the last one can always be raised.
    return prefix[:-1] + bytes([prefix[-1] + 1]) if prefix else None
