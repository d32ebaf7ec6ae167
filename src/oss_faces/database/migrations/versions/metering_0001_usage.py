"""What was used: sums for each day, key, bucket, operation and outcome."""

from typing import Final

from alembic import op
from sqlalchemy import BigInteger, Column, Date, String
from sqlalchemy.dialects.postgresql import VARCHAR

revision: Final = "metering_0001"
down_revision: Final = None
branch_labels: Final = ("metering",)
depends_on: Final = None


def _text(length: int) -> String:
    return String(length).with_variant(VARCHAR(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table of counts."""
    op.create_table(
        "usage_counts",
        Column("day", Date, primary_key=True),
        Column("access_key_id", _text(128), primary_key=True),
        Column("bucket", _text(63), primary_key=True),
        Column("operation", _text(64), primary_key=True),
        Column("outcome", _text(16), primary_key=True),
        Column("requests", BigInteger, nullable=False),
        Column("bytes_out", BigInteger, nullable=False),
        Column("source_bytes", BigInteger, nullable=False),
        Column("image_detect", BigInteger, nullable=False),
        Column("image_compare", BigInteger, nullable=False),
        Column("cache_hits", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Remove it, and every count with it."""
    op.drop_table("usage_counts")
