"""Writing objects piece by piece, whatever the wire looks like: multipart uploads and appending."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from oss_faces.errors import InvalidArgument
from oss_faces.grants import Permission
from oss_faces.operations import permission, reach
from oss_faces.request import (
    AppendObject,
    BeginUpload,
    CompleteUpload,
    CopyPart,
    ListParts,
    ListUploads,
    UploadAddress,
    WritePart,
)
from oss_faces.storage import (
    AppendSpec,
    BodySpec,
    ByteRange,
    ChosenPart,
    CompleteSpec,
    ObjectStore,
    OpenObject,
    PartPage,
    PartQuery,
    PiecewiseStore,
    UploadPage,
    UploadQuery,
    UploadSpec,
)
from oss_faces.values import ObjectMeta, Part, Principal, Upload


@dataclass(frozen=True, slots=True)
class Uploads:
    """The operations on parts and appends.

    Attributes:
        store: tells who may write where, and gives the sources of copies.
        pieces: takes the pieces; the same store, or that part of it which can.
    """

    store: ObjectStore
    pieces: PiecewiseStore

    async def append(self, principal: Principal, want: AppendObject, body: AsyncIterator[bytes]) -> ObjectMeta:
        """Add to the end of an object (AppendObject)."""
        await self._require_put(principal, want.address.bucket, want.address.key)
        spec = AppendSpec(want.headers, want.acl, want.content_md5, want.size_bytes)
        return await self.pieces.append(want.address.bucket, want.address.key, want.position, body, spec)

    async def begin(self, principal: Principal, want: BeginUpload) -> Upload:
        """Begin a multipart upload (InitiateMultipartUpload)."""
        await self._require_put(principal, want.address.bucket, want.address.key)
        spec = UploadSpec(want.headers, want.acl, want.forbid_overwrite)
        return await self.pieces.begin_upload(want.address.bucket, want.address.key, spec)

    async def put_part(self, principal: Principal, want: WritePart, body: AsyncIterator[bytes]) -> Part:
        """Write a part (UploadPart)."""
        bucket, key = want.upload.object.bucket, want.upload.object.key
        await self._require_put(principal, bucket, key)
        spec = BodySpec(want.content_md5, want.size_bytes)
        return await self.pieces.put_part(bucket, key, want.upload.upload_id, want.number, body, spec)

    async def copy_part(self, principal: Principal, want: CopyPart) -> Part:
        """Write a part from an object or a range of it (UploadPartCopy)."""
        bucket, key = want.upload.object.bucket, want.upload.object.key
        await self._require_put(principal, bucket, key)
        await reach.find_source(self.store, principal, want.source, want.conditions)
        async with await self.store.open(want.source.bucket, want.source.key) as opened:
            byte_range = _range_of(want, opened)
            size_bytes = opened.meta.size_bytes
            if byte_range is not None:
                size_bytes = byte_range.end_exclusive - byte_range.start
            body, spec = opened.chunks(byte_range), BodySpec(size_bytes=size_bytes)
            return await self.pieces.put_part(bucket, key, want.upload.upload_id, want.number, body, spec)

    async def require_complete(self, principal: Principal, upload: UploadAddress) -> None:
        """Refuse whoever may not write the object, before a body is read and understood.

        Raises:
            AccessDenied, NoSuchBucket.
        """
        await self._require_put(principal, upload.object.bucket, upload.object.key)

    async def complete(self, principal: Principal, want: CompleteUpload) -> ObjectMeta:
        """Make the object out of its parts (CompleteMultipartUpload)."""
        await self.require_complete(principal, want.upload)
        parts = None if want.parts is None else tuple(ChosenPart(number, etag) for number, etag in want.parts)
        spec = CompleteSpec(parts, want.acl, want.forbid_overwrite)
        address = want.upload.object
        return await self.pieces.complete_upload(address.bucket, address.key, want.upload.upload_id, spec)

    async def abort(self, principal: Principal, want: UploadAddress) -> None:
        """End an upload and remove its parts (AbortMultipartUpload)."""
        bucket, key = want.object.bucket, want.object.key
        permission.require(principal, Permission.ABORT_MULTIPART_UPLOAD, bucket, key)
        await self.pieces.abort_upload(bucket, key, want.upload_id)

    async def list_parts(self, principal: Principal, want: ListParts) -> PartPage:
        """List the parts of an upload (ListParts)."""
        bucket, key = want.upload.object.bucket, want.upload.object.key
        permission.require(principal, Permission.LIST_PARTS, bucket, key)
        query = PartQuery(want.marker, want.max_parts)
        return await self.pieces.list_parts(bucket, key, want.upload.upload_id, query)

    async def list_uploads(self, principal: Principal, want: ListUploads) -> UploadPage:
        """List the uploads that are under way in a bucket (ListMultipartUploads)."""
        permission.require(principal, Permission.LIST_MULTIPART_UPLOADS, want.bucket, want.prefix)
        query = UploadQuery(want.prefix, want.key_marker, want.upload_id_marker, want.delimiter, want.max_uploads)
        return await self.pieces.list_uploads(want.bucket, query)

    async def _require_put(self, principal: Principal, bucket: str, key: str) -> None:
        await reach.require_write(self.store, principal, Permission.PUT_OBJECT, bucket, (key,))


def _range_of(want: CopyPart, opened: OpenObject) -> ByteRange | None:
    """Read the wanted range against the very version that is copied."""
    if want.byte_range is None:
        return None
    first, last = want.byte_range
    if last >= opened.meta.size_bytes:
        raise InvalidArgument("The x-oss-copy-source-range lies outside the source object.", ec="0042-00000306")
    return ByteRange(first, last + 1)
