"""What every store of objects can do, as small Protocols, and the values that go in and out.

Rules for every store, checked by tests/contracts/storage:

- Names are text. Keys are ordered by their UTF-8 bytes, everywhere. A key is only a name: `..`, `//`, a
  leading slash or a newline in it mean nothing to the store.
- A write has happened when the call returns, whole, and survives the end of the process; a write that raised
  has changed nothing, and so has a `put` that was cancelled while its body came. A reader sees an object as it
  was before or after a write, never between.
- Who may do what, conditions (If-Match and the like) and the HTTP form of ranges are not the store's concern.
- Nothing blocks the event loop, and nothing holds a whole object in memory, except `read`, which is told how
  much it may.

Every method may raise StorageUnavailable. Every method with a bucket may raise NoSuchBucket, every method
with a key InvalidObjectName (empty, longer than 1,023 bytes, or not expressible in UTF-8).
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol, TypeAlias

from oss_faces.values import LIST_ENTRIES_MAX, Acl, Address, BucketMeta, ObjectHeaders, ObjectMeta

# Tells the time as aware UTC; a constructor argument of every store.
Clock: TypeAlias = Callable[[], datetime]

# --- values -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PutSpec:
    """How an object is to be written.

    Attributes:
        content_md5: the 16 bytes that the body's MD5 must be; None when the caller does not know.
        size_bytes: length that the body must have; None when the caller does not know.
        size_bytes_max: limit for this body; the store's own limit holds besides.
        forbid_overwrite: fail when the key is taken.
    """

    headers: ObjectHeaders = field(default_factory=ObjectHeaders)
    acl: Acl = Acl.DEFAULT
    content_md5: bytes | None = None
    size_bytes: int | None = None
    size_bytes_max: int | None = None
    forbid_overwrite: bool = False


@dataclass(frozen=True, slots=True)
class CopySpec:
    """How an object is to be copied.

    Attributes:
        headers: replace those of the source; None keeps the source's.
        acl: of the new object; the source's is never taken over.
        source_etag: the source must still have this ETag; None when any will do. A caller that looked at the
            source before it asked for the copy (conditions) uses it to be sure that it copies what it saw.
        forbid_overwrite: fail when the target key is taken.
    """

    headers: ObjectHeaders | None = None
    acl: Acl = Acl.DEFAULT
    source_etag: str | None = None
    forbid_overwrite: bool = False


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `start` to `end_exclusive` of an object; an end behind the object's means the object's."""

    start: int
    end_exclusive: int

    def __post_init__(self) -> None:
        assert 0 <= self.start < self.end_exclusive, "a range has at least one byte and no negative place"


SCAN_ENTRIES_MAX: Final = 100_000
"""Entries of one page for work that goes through a whole bucket: a folder is read once for each page."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """One page of a listing.

    Attributes:
        prefix: only keys that begin with it.
        marker: only entries behind it in UTF-8 order; need not exist. OSS calls it marker (v1) or
            start-after (v2).
        delimiter: keys that have it behind the prefix are folded into one common prefix, which ends with
            the delimiter's first occurrence; empty folds nothing.
        max_keys: most entries, objects and common prefixes together; 1 to SCAN_ENTRIES_MAX. A client may ask for
            LIST_ENTRIES_MAX at most, which is checked where its words are read.
    """

    prefix: str = ""
    marker: str = ""
    delimiter: str = ""
    max_keys: int = 100

    def __post_init__(self) -> None:
        assert 1 <= self.max_keys <= SCAN_ENTRIES_MAX, "the caller has checked max-keys"


@dataclass(frozen=True, slots=True)
class ListPage:
    """Objects and common prefixes, each by UTF-8 order.

    Attributes:
        next_marker: last entry of this page when there is more, to be the next query's marker; else empty.
        is_whole: whether all was seen. Of a folder, what this server may not read is left out, and what is being
            written; who takes what is not listed for gone must look at this.
    """

    objects: tuple[ObjectMeta, ...]
    common_prefixes: tuple[str, ...]
    next_marker: str = ""
    is_whole: bool = True

    @property
    def is_truncated(self) -> bool:
        """Whether entries remain behind this page."""
        return bool(self.next_marker)


@dataclass(frozen=True, slots=True)
class BucketPage:
    """Buckets by name; `next_marker` is the last one when there are more, else empty."""

    buckets: tuple[BucketMeta, ...]
    next_marker: str = ""

    @property
    def is_truncated(self) -> bool:
        """Whether buckets remain behind this page."""
        return bool(self.next_marker)


# --- interfaces ---------------------------------------------------------------------------------------------


class OpenObject(AbstractAsyncContextManager["OpenObject"], Protocol):
    """One version of an object, held open: a write to its key, or its deletion, does not touch it.

    Leave the context, or call `aclose`, to let go of it. Use it from one task at a time.
    """

    @property
    def meta(self) -> ObjectMeta:
        """Describe exactly the bytes that `chunks` gives."""
        ...

    def chunks(self, byte_range: ByteRange | None = None) -> AsyncIterator[bytes]:
        """Give the content, or that part of it, in pieces of bounded size, none empty.

        The range is an argument here and not of `open`, so that the caller can judge conditions and suffix
        ranges against `meta` of the very version that is then sent.

        Raises:
            InvalidRange: the range begins at or behind the end; raised on the first step. An empty object has
                no valid range.
            StorageUnavailable: the content cannot be read to its end.
        """
        ...

    async def aclose(self) -> None:
        """Let go of the object. May be called more than once."""
        ...


class Buckets(Protocol):
    """The folders of the first level."""

    async def create_bucket(self, name: str, owner: str, acl: Acl | None = None) -> BucketMeta:
        """Make a bucket, private unless `acl` says otherwise.

        A bucket that this owner has already is returned, with its `acl` set when one is given.

        Raises:
            InvalidBucketName: not 3 to 63 of a-z, 0-9 and hyphen, or a hyphen first or last.
            BucketAlreadyExists: another owner has it.
            TooManyBuckets: the store's limit is reached.
        """
        ...

    async def get_bucket(self, name: str) -> BucketMeta:
        """Describe a bucket."""
        ...

    async def list_buckets(self, prefix: str = "", marker: str = "", limit: int = LIST_ENTRIES_MAX) -> BucketPage:
        """List the buckets whose name begins with `prefix` and is behind `marker`, at most `limit` (>= 1)."""
        ...

    async def set_bucket_acl(self, name: str, acl: Acl) -> None:
        """Replace the ACL of a bucket. `acl` is not DEFAULT."""
        ...

    async def delete_bucket(self, name: str) -> None:
        """Remove an empty bucket.

        Raises:
            BucketNotEmpty: objects are left.
        """
        ...


class ObjectReader(Protocol):
    """Reading objects: all that the face pipeline needs."""

    async def head(self, bucket: str, key: str) -> ObjectMeta:
        """Describe an object.

        Raises:
            NoSuchKey: it does not exist.
        """
        ...

    async def open(self, bucket: str, key: str) -> OpenObject:
        """Open the current version of an object for reading.

        Raises:
            NoSuchKey: it does not exist.
        """
        ...

    async def read(self, bucket: str, key: str, size_bytes_max: int) -> tuple[ObjectMeta, bytes]:
        """Read a whole object into memory.

        Raises:
            NoSuchKey: it does not exist.
            ObjectTooLarge: it has more than `size_bytes_max` bytes; nothing was read.
        """
        ...


class ObjectLister(Protocol):
    """Finding objects."""

    async def list(self, bucket: str, query: ListQuery) -> ListPage:
        """Give one page of the objects of a bucket, as they were at one moment."""
        ...


class ObjectWriter(Protocol):
    """Changing objects."""

    async def put(self, bucket: str, key: str, body: AsyncIterator[bytes], spec: PutSpec) -> ObjectMeta:
        """Write an object from a body that may come slowly and in pieces of any size.

        Of several writers of one key the last to finish wins, whole. An exception of `body` passes through.

        Raises:
            InvalidDigest: the body's MD5 is not `spec.content_md5`, or that is not 16 bytes.
            IncompleteBody: the body ended before `spec.size_bytes`.
            EntityTooLarge: the body is longer than `spec.size_bytes`, `spec.size_bytes_max` or the store's
                limit; raised as soon as it is known, with the rest of the body not read.
            InvalidArgument: more metadata than the store's limit.
            FileAlreadyExists: the key is taken and `spec.forbid_overwrite` is set.
        """
        ...

    async def copy(self, source: Address, target: Address, spec: CopySpec) -> ObjectMeta:
        """Write a copy of an object, also over itself, which is how headers are changed.

        Raises:
            NoSuchKey: the source does not exist.
            PreconditionFailed: the source has another ETag than `spec.source_etag`.
            FileAlreadyExists, InvalidArgument, EntityTooLarge: as for `put`.
        """
        ...

    async def set_object_acl(self, bucket: str, key: str, acl: Acl) -> None:
        """Replace the ACL of an object and nothing else, not the time either. `head` tells the present one.

        Raises:
            NoSuchKey: it does not exist.
        """
        ...

    async def delete(self, bucket: str, key: str) -> None:
        """Remove an object; one that does not exist is removed already."""
        ...

    async def delete_many(self, bucket: str, keys: Sequence[str]) -> None:
        """Remove all of these objects, or, when it raises, none. At most DELETE_KEYS_MAX keys."""
        ...


class ObjectStore(Buckets, ObjectReader, ObjectLister, ObjectWriter, Protocol):
    """Everything that a store of our own can do. A mounted store may offer only some of the parts."""

    async def aclose(self) -> None:
        """Finish and let go of all resources. No other call may be under way or follow. May be called twice."""
        ...
