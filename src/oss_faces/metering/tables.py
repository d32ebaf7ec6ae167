"""The table of counts as statements see it; `database/migrations/versions/metering_*` makes it."""

from typing import Final

from sqlalchemy import BigInteger, Column, Date, MetaData, Table

from oss_faces.database import code_point_text

METADATA: Final = MetaData()

USAGE: Final = Table(
    "usage_counts",
    METADATA,
    Column("day", Date, primary_key=True),  # in UTC
    Column("access_key_id", code_point_text(128), primary_key=True),
    Column("bucket", code_point_text(63), primary_key=True),
    Column("operation", code_point_text(64), primary_key=True),
    Column("outcome", code_point_text(16), primary_key=True),
    Column("requests", BigInteger, nullable=False),
    Column("bytes_out", BigInteger, nullable=False),
    Column("source_bytes", BigInteger, nullable=False),
    Column("image_detect", BigInteger, nullable=False),
    Column("image_compare", BigInteger, nullable=False),
    Column("cache_hits", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
