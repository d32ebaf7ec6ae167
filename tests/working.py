"""Workers in threads, whose stages a test puts in place when it has them, and the way through the door."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from oss_faces.decoding import DecodingSettings
from oss_faces.imaging import ImagingSettings
from oss_faces.operations import CacheSettings, ResultCache
from oss_faces.pipeline import FacePipeline
from oss_faces.recognition import Embedder, FixedEmbedder
from oss_faces.stages import PictureEditor, Stages
from oss_faces.workers import Door, ThreadCrew, Workers, WorkerSettings

EDITOR = PictureEditor(DecodingSettings(), ImagingSettings())
NO_RESULTS = ResultCache(CacheSettings(size_bytes_max=0))


class LateCrew(ThreadCrew):
    """Threads that can be given other stages."""

    def __init__(self, size: int = 1) -> None:
        super().__init__(size, Stages(None, FixedEmbedder(), EDITOR))

    def use(self, faces: FacePipeline | None, embedder: Embedder | None = None, editor: PictureEditor = EDITOR) -> None:
        self._stages = Stages(faces, embedder or FixedEmbedder(), editor)


def threads(faces: FacePipeline | None, embedder: Embedder | None = None, waiting: int = 0) -> Workers:
    """One thread that has these stages."""
    crew = LateCrew()
    crew.use(faces, embedder)
    return Workers(WorkerSettings(running=1, waiting=waiting), crew)


@asynccontextmanager
async def inside(door: Door) -> AsyncIterator[None]:
    """Go through the door, and leave in the end; raises what who is refused is told."""
    if not await door.enter():
        raise door.refusal()
    try:
        yield
    finally:
        door.leave()


async def settle() -> None:
    """Let everybody go as far as they get."""
    for _ in range(10):
        await asyncio.sleep(0)
