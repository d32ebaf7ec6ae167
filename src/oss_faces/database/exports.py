from oss_faces.database.columns import code_point_text
from oss_faces.database.engine import Database
from oss_faces.database.inserting import insert_into
from oss_faces.database.opening import DATABASE_FILE, open_database
from oss_faces.database.settings import DatabaseSettings
from oss_faces.database.turn_lock import TurnLock

__all__ = [
    "DATABASE_FILE",
    "Database",
    "DatabaseSettings",
    "TurnLock",
    "code_point_text",
    "insert_into",
    "open_database",
]
