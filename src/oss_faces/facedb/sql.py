"""The face database in the state database of the server, with vector indexes beside it."""

from oss_faces.database import Database
from oss_faces.facedb.base import Clock
from oss_faces.facedb.settings import FaceDbSettings
from oss_faces.facedb.sql_clusters import SqlClusters
from oss_faces.facedb.sql_datasets import SqlDatasets, SqlFiles
from oss_faces.facedb.sql_following import Following
from oss_faces.facedb.sql_gallery import SqlGallery, SqlReembedding
from oss_faces.facedb.sql_merges import SqlMerges
from oss_faces.facedb.sql_state import SqlState
from oss_faces.vectors import VectorIndexes


class SqlFaceDatabase(SqlDatasets, SqlFiles, SqlGallery, SqlClusters, SqlMerges, SqlReembedding):
    """A face database in SQL. Several processes may use one data folder; database and indexes are the caller's."""

    def __init__(self, database: Database, indexes: VectorIndexes, settings: FaceDbSettings, now: Clock) -> None:
        self._state = SqlState(database, settings, now)
        self._following = Following(self._state, indexes)

    async def finish_erasing(self) -> None:
        """Finish erasures that another process began and was killed in; to be called at every start."""
        await self._state.erase(self._following.finish)
