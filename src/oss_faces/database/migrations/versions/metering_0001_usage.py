"""What was used: sums for each day, key, bucket, operation and outcome."""

from typing import Final

from alembic import op
from sqlalchemy import BigInteger, Column, Date, String

revision: Final = "metering_0001"
down_revision: Final = None
branch_labels: Final = ("metering",)
depends_on: Final = None


def upgrade() -> None:
    """Make the table of counts."""
    op.create_table(
        "usage_counts",
        Column("day", Date, primary_key=True),
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


def downgrade() -> None:
    """Remove it, and every count with it."""
    op.drop_table("usage_counts")
