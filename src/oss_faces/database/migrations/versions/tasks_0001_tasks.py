"""Tasks that are done in the background."""

from typing import Final

from alembic import op
from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Text
from sqlalchemy.dialects.postgresql import VARCHAR

revision: Final = "tasks_0001"
down_revision: Final = None
branch_labels: Final = ("tasks",)
depends_on: Final = None


def _text(length: int) -> String:
    return String(length).with_variant(VARCHAR(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "tasks",
        Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("task_id", _text(128), nullable=False, unique=True),
        Column("event_id", String(64), nullable=False),
        Column("project", String(128), nullable=False),
        Column("kind", String(64), nullable=False),
        Column("request", JSON, nullable=False),
        Column("user_data", Text, nullable=False),
        Column("tags", JSON, nullable=False),
        Column("subject", String(256), nullable=True),
        Column("status", String(16), nullable=False),
        Column("progress", Integer, nullable=False),
        Column("started_us", BigInteger, nullable=False),
        Column("ended_us", BigInteger, nullable=True),
        Column("code", String(128), nullable=False),
        Column("message", Text, nullable=False),
        Column("result", JSON, nullable=False),
        Column("token", String(32), nullable=True),
        Column("free_us", BigInteger, nullable=False),
        Column("attempts", Integer, nullable=False),
        Index("ix_tasks_ended_us_number", "ended_us", "number"),
        Index("ix_tasks_subject", "subject", "ended_us", "number"),
        Index("ix_tasks_project", "project", "started_us"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Remove it, and every task with it."""
    op.drop_table("tasks")
