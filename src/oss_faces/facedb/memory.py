from oss_faces.facedb.base import Clock
from oss_faces.facedb.memory_clusters import MemoryClusters, MemoryMerges
from oss_faces.facedb.memory_files import MemoryDatasets, MemoryFiles
from oss_faces.facedb.memory_gallery import MemoryGallery, MemoryReembedding
from oss_faces.facedb.memory_state import MemoryState
from oss_faces.facedb.settings import FaceDbSettings


class MemoryFaceDatabase(MemoryDatasets, MemoryFiles, MemoryGallery, MemoryClusters, MemoryMerges, MemoryReembedding):
    """A face database in memory: for tests, and the model of what every implementation does."""

    def __init__(self, settings: FaceDbSettings, now: Clock) -> None:
        self._state = MemoryState(settings, now)
