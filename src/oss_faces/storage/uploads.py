"""Objects that come in several pieces: multipart uploads and appending, as Protocols of their own.

A store that only reads implements neither. The rules of `storage.base` hold here too; in addition:

- Parts are not objects: they are in no listing of objects and cannot be read before their upload is completed.
- A part, an upload or an append has happened when its call returns, and survives the end of the process.
- Completing an upload is one step: before it there is no object (or the old one), after it there is the new one and no
  upload. Parts that were not chosen are gone with it.
- An upload that is older than the store's limit is aborted.

Every method with an upload id may raise NoSuchUpload: there is no such upload of this key, or no longer.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

from oss_faces.values import LIST_ENTRIES_MAX, Acl, ObjectHeaders, ObjectMeta, Part, Upload

# --- values -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UploadSpec:
    """What the object will be, apart from its content.

    Attributes:
        forbid_overwrite: fail when the key is taken at the beginning; completing has a switch of its own.
    """

    headers: ObjectHeaders = field(default_factory=ObjectHeaders)
    acl: Acl = Acl.DEFAULT
    forbid_overwrite: bool = False


@dataclass(frozen=True, slots=True)
class BodySpec:
    """What is known of a body before it comes. The fields are those of `PutSpec`."""

    content_md5: bytes | None = None
    size_bytes: int | None = None
    size_bytes_max: int | None = None


@dataclass(frozen=True, slots=True)
class ChosenPart:
    """A part as whoever completes an upload names it; `etag` in upper case, without quotes."""

    number: int
    etag: str


@dataclass(frozen=True, slots=True)
class CompleteSpec:
    """How an upload is to be completed.

    Attributes:
        parts: the parts of the object in their order; None takes all that were uploaded.
        acl: of the object; None keeps the one that was given at the beginning.
        forbid_overwrite: fail when the key is taken.
    """

    parts: tuple[ChosenPart, ...] | None = None
    acl: Acl | None = None
    forbid_overwrite: bool = False


@dataclass(frozen=True, slots=True)
class PartQuery:
    """One page of an upload's parts: those with a number above `marker`, at most `max_parts`."""

    marker: int = 0
    max_parts: int = LIST_ENTRIES_MAX


@dataclass(frozen=True, slots=True)
class PartPage:
    """Parts by number; `next_marker` is the number of the last one when there are more, else 0."""

    parts: tuple[Part, ...]
    next_marker: int = 0


@dataclass(frozen=True, slots=True)
class UploadQuery:
    """One page of a bucket's uploads.

    Attributes:
        key_marker, upload_id_marker: only uploads behind this pair; with an empty id, behind all of that key.
        prefix, delimiter: as for `ListQuery`.
        max_uploads: most entries, uploads and common prefixes together; 1 to LIST_ENTRIES_MAX.
    """

    prefix: str = ""
    key_marker: str = ""
    upload_id_marker: str = ""
    delimiter: str = ""
    max_uploads: int = LIST_ENTRIES_MAX


@dataclass(frozen=True, slots=True)
class UploadPage:
    """Uploads by UTF-8 order of key, then by id, and common prefixes. The next markers are empty on the last page."""

    uploads: tuple[Upload, ...]
    common_prefixes: tuple[str, ...]
    next_key_marker: str = ""
    next_upload_id_marker: str = ""

    @property
    def is_truncated(self) -> bool:
        """Whether entries remain behind this page."""
        return bool(self.next_key_marker)


# --- interfaces ---------------------------------------------------------------------------------------------


class MultipartUploads(Protocol):
    """Writing an object in parts that come in any order and at the same time."""

    async def begin_upload(self, bucket: str, key: str, spec: UploadSpec) -> Upload:
        """Begin an upload; a key may have several.

        Raises:
            FileAlreadyExists: the key is taken and `spec.forbid_overwrite` is set.
            InvalidArgument: more metadata than the store's limit, or too many uploads are under way.
        """
        ...

    async def put_part(
        self, bucket: str, key: str, upload_id: str, number: int, body: AsyncIterator[bytes], spec: BodySpec
    ) -> Part:
        """Write a part, also over one of the same number. `number` is 1 to PART_NUMBER_MAX.

        Raises:
            InvalidDigest, IncompleteBody, EntityTooLarge: as for `ObjectWriter.put`.
            EntityTooLarge: the parts of unfinished uploads would take more than the store's limit.
        """
        ...

    async def complete_upload(self, bucket: str, key: str, upload_id: str, spec: CompleteSpec) -> ObjectMeta:
        """Make the object out of its parts.

        Raises:
            InvalidPartOrder: the chosen parts do not ascend.
            InvalidPart: none is chosen, one does not exist, or its ETag is another.
            EntityTooSmall: one that is not the last is smaller than the store's least size.
            EntityTooLarge: the object would exceed the store's limit.
            FileAlreadyExists: the key is taken and `spec.forbid_overwrite` is set.
        """
        ...

    async def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        """End an upload and remove its parts. A part that is still coming in is refused at its end."""
        ...

    async def list_parts(self, bucket: str, key: str, upload_id: str, query: PartQuery) -> PartPage:
        """List the parts of an upload."""
        ...

    async def list_uploads(self, bucket: str, query: UploadQuery) -> UploadPage:
        """List the uploads of a bucket that are under way."""
        ...

    async def expire_uploads(self) -> int:
        """Abort the uploads that are older than the store's limit. Return how many."""
        ...


@dataclass(frozen=True, slots=True)
class AppendSpec:
    """How a piece is to be appended. `headers` and `acl` count only when the object is made by it."""

    headers: ObjectHeaders = field(default_factory=ObjectHeaders)
    acl: Acl = Acl.DEFAULT
    content_md5: bytes | None = None
    size_bytes: int | None = None
    size_bytes_max: int | None = None


class ObjectAppender(Protocol):
    """Writing an object piece by piece, readable in between."""

    async def append(
        self, bucket: str, key: str, position: int, body: AsyncIterator[bytes], spec: AppendSpec
    ) -> ObjectMeta:
        """Add a piece to the end of an object, or make the object of it when there is none. Return the whole.

        Raises:
            PositionNotEqualToLength: the object does not end at `position`; one that is absent ends at 0.
            ObjectNotAppendable: the object was not made by appending.
            InvalidDigest, IncompleteBody, InvalidArgument: as for `ObjectWriter.put`.
            EntityTooLarge: the piece is longer than announced, or the whole would exceed the store's limit.
        """
        ...


class PiecewiseStore(MultipartUploads, ObjectAppender, Protocol):
    """Both ways to write an object piece by piece."""
