"""CompareImageFaces of IMM: how alike the largest faces of two stored pictures are."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from oss_faces.described import LargestFace, Recognition
from oss_faces.errors import ImageTooLarge, ObjectTooLarge
from oss_faces.grants import Permission
from oss_faces.imm_errors import NoFaceFound
from oss_faces.operations import permission
from oss_faces.operations.bindings import Bindings
from oss_faces.request.imm import CompareImageFaces
from oss_faces.stages import EmbedLargest
from oss_faces.storage import ObjectReader
from oss_faces.values import Address, Principal
from oss_faces.workers import Place, Workers

_NEEDED: Final = (Permission.COMPARE_IMAGE_FACES, Permission.GET_OBJECT)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison gave, and what it took.

    Attributes:
        similarity: 0..1; from 0.8 on both are one person.
        source_bytes: of both pictures together, like `faces` and `stage_ms`.
    """

    similarity: float
    source_bytes: int
    faces: int
    stage_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FaceComparer:
    """Everything that comparing stored pictures needs.

    Attributes:
        clock: monotonic seconds, for the stage timings.
    """

    objects: ObjectReader
    pipeline: Recognition
    workers: Workers
    source_bytes_max: int
    bindings: Bindings
    clock: Callable[[], float] = time.perf_counter

    async def compare_faces(self, principal: Principal, want: CompareImageFaces) -> Comparison:
        """Compare two pictures, one after the other in one place, so that one call holds one picture in memory.

        Raises:
            AccessDenied: the caller lacks a grant on one of the pictures.
            ResourceNotFound: there is no such project, and there must be one.
            NoSuchBucket, NoSuchKey: one of the pictures is not there.
            NoFaceFound: one of them shows no face; says which.
            ImageError: one of them cannot be analysed.
            CapacityError: the server is busy, or the answer would come too late.
        """
        sources = {"Source.URI1": want.first, "Source.URI2": want.second}
        for address in sources.values():
            for needed in _NEEDED:
                permission.require(principal, needed, address.bucket, address.key)
        await self.bindings.require_project(want.project)
        heads = [await self.objects.head(address.bucket, address.key) for address in sources.values()]
        asked = self.clock()
        async with self.workers.place(sum(head.size_bytes for head in heads)) as place:
            stage_ms = {"queue": (self.clock() - asked) * 1e3}
            vectors, source_bytes, faces = [], 0, 0
            for name, address in sources.items():
                size_bytes, largest = await self._look(place, address)
                if largest.vector is None:
                    raise NoFaceFound(f"No face was found in the image of {name}.")
                vectors.append(largest.vector)
                source_bytes, faces = source_bytes + size_bytes, faces + largest.faces
                stage_ms |= {stage: stage_ms.get(stage, 0.0) + ms for stage, ms in largest.stage_ms.items()}
        similarity = self.pipeline.embedder.calibration.similarity(*vectors)
        return Comparison(similarity, source_bytes, faces, stage_ms)

    async def _look(self, place: Place, address: Address) -> tuple[int, LargestFace]:
        started = self.clock()
        try:
            meta, content = await self.objects.read(address.bucket, address.key, self.source_bytes_max)
        except ObjectTooLarge as exc:
            raise ImageTooLarge from exc
        read = {"read": (self.clock() - started) * 1e3}
        largest = await place.run(EmbedLargest(), content)
        return meta.size_bytes, LargestFace(largest.vector, largest.faces, {**read, **largest.stage_ms})
