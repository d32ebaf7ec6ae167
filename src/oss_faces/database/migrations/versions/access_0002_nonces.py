"""Nonces of requests that were answered, for servers that share a database."""

from typing import Final

from alembic import op
from sqlalchemy import BigInteger, Column, Index, LargeBinary

revision: Final = "access_0002"
down_revision: Final = "access_0001"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "access_nonces",
        Column("digest", LargeBinary(16), primary_key=True),
        Column("until_s", BigInteger, nullable=False),
        Index("ix_access_nonces_until_s", "until_s"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Remove it: what was answered just before may then be sent again."""
    op.drop_table("access_nonces")
