"""The log of what was done with faces, and which of its entries are about an id."""

from typing import Final

from alembic import op
from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, String

revision: Final = "audit_0001"
down_revision: Final = None
branch_labels: Final = ("audit",)
depends_on: Final = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "audit_entries",
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        Column("recorded_us", BigInteger, nullable=False),
        Column("act", String(32), nullable=False),
        Column("actor", String(128), nullable=False),
        Column("project", String(128), nullable=True),
        Column("dataset", String(128), nullable=True),
        Column("subjects", JSON, nullable=False),
        Column("counts", JSON, nullable=False),
        Column("digest", String(64), nullable=False),
        Index("ix_audit_entries_recorded_us", "recorded_us"),
    )
    op.create_table(
        "audit_subjects",
        Column("subject", String(128), primary_key=True),
        Column("number", BigInteger, ForeignKey("audit_entries.number"), primary_key=True),
    )


def downgrade() -> None:
    """Remove both, and what they hold."""
    op.drop_table("audit_subjects")
    op.drop_table("audit_entries")
