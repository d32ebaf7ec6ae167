"""Access keys, lasting and temporary, with their grants."""

from typing import Final

from alembic import op
from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import VARCHAR

revision: Final = "access_0001"
down_revision: Final = None
branch_labels: Final = ("access",)
depends_on: Final = None


def _text(length: int) -> String:
    return String(length).with_variant(VARCHAR(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table of keys."""
    op.create_table(
        "access_keys",
        Column("access_key_id", _text(128), primary_key=True),
        Column("secret", String(128), nullable=False),
        Column("name", String(64), nullable=False),
        Column("is_enabled", Boolean, nullable=False),
        Column("created_s", BigInteger, nullable=False),
        Column("grants", JSON, nullable=False),
        Column("parent_id", _text(128), ForeignKey("access_keys.access_key_id", ondelete="CASCADE"), nullable=True),
        Column("token", String(128), nullable=True),
        Column("expires_s", BigInteger, nullable=True),
        Index("ix_access_keys_parent_id", "parent_id"),
        Index("ix_access_keys_expires_s", "expires_s"),
    )


def downgrade() -> None:
    """Remove it, and every key with it."""
    op.drop_table("access_keys")
