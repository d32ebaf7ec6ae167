"""GetObject with image/faces, and DetectImageFaces of IMM: every face of a stored picture."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from oss_faces.errors import ImageTooLarge, ObjectTooLarge
from oss_faces.grants import Permission
from oss_faces.operations import conditions, permission
from oss_faces.operations.bindings import Bindings
from oss_faces.operations.results import ResultCache, ResultKey
from oss_faces.request import DetectFaces
from oss_faces.request.imm import DetectImageFaces
from oss_faces.stages import FindFaces
from oss_faces.storage import ObjectReader
from oss_faces.values import Address, FaceResult, ObjectMeta, Principal
from oss_faces.workers import Workers

_NEEDED: Final = (Permission.GET_OBJECT, Permission.PROCESS_IMM, Permission.DETECT_IMAGE_FACES)
"""Source: OSS "Permissions" of IMM processing: reading, processing, and the analysis itself."""

_NEEDED_BY_IMM: Final = (Permission.DETECT_IMAGE_FACES, Permission.GET_OBJECT)


@dataclass(frozen=True, slots=True)
class FaceFinder:
    """Everything that finding faces in stored pictures needs.

    Attributes:
        models: `name@version` of every model that takes part.
        results: of pictures that were analysed before.
        clock: monotonic seconds, for the stage timings.
    """

    objects: ObjectReader
    workers: Workers
    source_bytes_max: int
    bindings: Bindings
    models: tuple[str, ...]
    results: ResultCache
    clock: Callable[[], float] = time.perf_counter

    async def detect_faces(self, principal: Principal, want: DetectFaces) -> tuple[ObjectMeta, FaceResult]:
        """Analyse a stored picture, or what a chain of edits makes of it.

        Raises:
            AccessDenied: the caller is anonymous, or lacks one of the three grants; no ACL changes that.
            BucketNotAttached: the bucket has no project, and needs one.
            NoSuchBucket, NoSuchKey: there is no such object.
            NotModified, PreconditionFailed: a condition on the source says so; no picture was read.
            ImageError: the object is no picture that can be analysed.
            CapacityError: the server is busy, or the answer would come too late.
        """
        bucket, key = want.address.bucket, want.address.key
        for needed in _NEEDED:
            permission.require(principal, needed, bucket, key)
        await self.bindings.require_attached(bucket)
        meta = await self.objects.head(bucket, key)
        conditions.check(want.conditions, meta)
        return await self._analyse(principal, want.address, meta, FindFaces(want.edits))

    async def detect_image_faces(self, principal: Principal, want: DetectImageFaces) -> tuple[ObjectMeta, FaceResult]:
        """Analyse a stored picture for IMM, which needs a project and no attached bucket.

        Raises:
            ResourceNotFound: there is no such project, and there must be one.
            AccessDenied, NoSuchBucket, NoSuchKey, ImageError, CapacityError: as for `detect_faces`.
        """
        bucket, key = want.source.bucket, want.source.key
        for needed in _NEEDED_BY_IMM:
            permission.require(principal, needed, bucket, key)
        await self.bindings.require_project(want.project)
        meta = await self.objects.head(bucket, key)
        return await self._analyse(principal, want.source, meta, FindFaces())

    async def _analyse(
        self, principal: Principal, source: Address, known: ObjectMeta, call: FindFaces
    ) -> tuple[ObjectMeta, FaceResult]:
        kept = self.results.get(ResultKey.of(source, known, call.edits, self.models))
        if kept is not None:
            self.results.note_told(source, principal.access_key_id)
            return known, kept
        asked = self.clock()
        async with self.workers.place(known.size_bytes) as place:
            admitted = self.clock()
            try:
                meta, content = await self.objects.read(source.bucket, source.key, self.source_bytes_max)
            except ObjectTooLarge as exc:
                raise ImageTooLarge from exc
            before = {"queue": (admitted - asked) * 1e3, "read": (self.clock() - admitted) * 1e3}
            result = await place.run(call, content)
        # Of what was read: it may have been written anew since it was looked up.
        self.results.put(ResultKey.of(source, meta, call.edits, self.models), result)
        self.results.note_told(source, principal.access_key_id)
        return meta, replace(result, stage_ms={**before, **result.stage_ms})
