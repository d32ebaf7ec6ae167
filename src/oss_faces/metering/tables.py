"""The table of counts as statements see it; `database/migrations/versions/metering_*` makes it."""

from typing import Final

from sqlalchemy import BigInteger, Column, Date, MetaData, String, Table

METADATA: Final = MetaData()

USAGE: Final = Table(
    "usage_counts",
    METADATA,
    Column("day", Date, primary_key=True),  # in UTC
    Column("access_key_id", String(128), primary_key=True),
    Column("bucket", String(63), primary_key=True),
    Column("operation", String(64), primary_key=True),
    Column("outcome", String(16), primary_key=True),
    Column("requests", BigInteger, nullable=False),
    Column("bytes_out", BigInteger, nullable=False),
    Column("source_bytes", BigInteger, nullable=False),
    Column("image_detect", BigInteger, nullable=False),
    Column("image_compare", BigInteger, nullable=False),
    Column("cache_hits", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
