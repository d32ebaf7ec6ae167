from typing import TYPE_CHECKING

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


def insert_into(table: Table, dialect: str) -> "sqlite.Insert | postgresql.Insert":
    """Begin a statement that can say what happens to a row that is there. Both engines have it, each by its own name.

    Args:
        dialect: name of the engine's dialect.
    """
    if dialect != "postgresql":
        return sqlite.insert(table)
    # The other engine's part of the library is large, and most servers have SQLite.
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  (see above)

    return postgresql.insert(table)
