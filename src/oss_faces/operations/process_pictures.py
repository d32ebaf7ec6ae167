"""GetObject with `x-oss-process=image/...`, and ProcessObject, which stores the result."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TypeVar

from oss_faces.errors import ObjectTooLarge, PictureTooLarge
from oss_faces.grants import Permission
from oss_faces.operations import permission, reach
from oss_faces.operations.objects import Objects
from oss_faces.request import DescribePicture, EditPicture, ReadObject, SavePicture, WriteObject
from oss_faces.stages import Call, DescribeFile, EditFile
from oss_faces.values import Acl, Address, ObjectHeaders, ObjectMeta, PictureFacts, PictureFile, Principal
from oss_faces.workers import Workers

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class PictureProcessor:
    """Everything that working on stored pictures needs.

    All three may raise, besides what they name: AccessDenied, NoSuchBucket, NoSuchKey; PreconditionFailed and
    NotModified, which are judged on the source before a byte of it is read; PictureError; CapacityError.
    """

    objects: Objects
    workers: Workers
    source_bytes_max: int

    def require_saving(self, principal: Principal, source: Address) -> None:
        """Refuse whoever may not save what is made of this object, before a body is read: no ACL opens that.

        Raises:
            AccessDenied.
        """
        permission.require(principal, Permission.POST_PROCESS_TASK, source.bucket, source.key)

    async def describe(self, principal: Principal, want: DescribePicture) -> tuple[ObjectMeta, PictureFacts]:
        """Tell what the header of a stored picture says."""
        return await self._work(principal, want.source, DescribeFile())

    async def edit(self, principal: Principal, want: EditPicture) -> tuple[ObjectMeta, PictureFile]:
        """Make another picture of a stored one."""
        return await self._work(principal, want.source, EditFile(want.edits))

    async def save(self, principal: Principal, want: SavePicture) -> tuple[ObjectMeta, ObjectMeta]:
        """Make another picture of a stored one, and store it (ProcessObject): the source, and the new object.

        The place among the workers is given back before the result is written.
        """
        self.require_saving(principal, want.source.address)
        target, store = want.target, self.objects.store
        await reach.require_write(store, principal, Permission.PUT_OBJECT, target.bucket, (target.key,))
        source, picture = await self.edit(principal, EditPicture(want.source, want.edits))
        upload = _as_upload(target, picture)
        return source, await self.objects.put(principal, upload, _whole(picture.content))

    async def _work(self, principal: Principal, source: ReadObject, call: Call[Result]) -> tuple[ObjectMeta, Result]:
        known = await self.objects.head(principal, source)
        address = source.address
        async with self.workers.place(known.size_bytes) as place:
            try:
                meta, content = await self.objects.store.read(address.bucket, address.key, self.source_bytes_max)
            except ObjectTooLarge as exc:
                raise PictureTooLarge(context={"limit": "size_bytes_max"}) from exc
            return meta, await place.run(call, content)


def _as_upload(target: Address, picture: PictureFile) -> WriteObject:
    return WriteObject(
        address=target,
        headers=ObjectHeaders(picture.media_type),
        acl=Acl.DEFAULT,
        size_bytes=len(picture.content),
        content_md5=None,
        forbid_overwrite=False,
    )


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
