"""Projects of IMM, and the buckets attached to them."""

from typing import Final

from alembic import op
from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import VARCHAR

revision: Final = "projects_0001"
down_revision: Final = None
branch_labels: Final = ("projects",)
depends_on: Final = None


def _text(length: int) -> String:
    return String(length).with_variant(VARCHAR(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "imm_projects",
        Column("name", _text(128), primary_key=True),
        Column("description", String(256), nullable=False),
        Column("service_role", String(256), nullable=False),
        Column("template_id", String(128), nullable=False),
        Column("tags", JSON, nullable=False),
        Column("limits", JSON, nullable=False),
        Column("created_us", BigInteger, nullable=False),
        Column("updated_us", BigInteger, nullable=False),
    )
    op.create_table(
        "imm_attachments",
        Column("bucket", _text(63), primary_key=True),
        Column("project", _text(128), ForeignKey("imm_projects.name"), nullable=False),
        Column("description", String(256), nullable=False),
        Column("created_us", BigInteger, nullable=False),
        Column("updated_us", BigInteger, nullable=False),
        Index("ix_imm_attachments_project", "project"),
    )


def downgrade() -> None:
    """Remove both, and what they hold."""
    op.drop_table("imm_attachments")
    op.drop_table("imm_projects")
