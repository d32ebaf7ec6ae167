"""The table of tasks; made by the migration `tasks_0001`."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, MetaData, String, Table, Text

from oss_faces.database import code_point_text

METADATA: Final = MetaData()

TASKS: Final = Table(
    "tasks",
    METADATA,
    # The order of arrival. SQLite counts up by itself in a column of just this type only.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("task_id", code_point_text(128), nullable=False, unique=True),
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
    # Whose it is, until when nobody else can have it, and how often it was begun.
    Column("token", String(32), nullable=True),
    Column("free_us", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Index("ix_tasks_ended_us_number", "ended_us", "number"),
    Index("ix_tasks_subject", "subject", "ended_us", "number"),
    Index("ix_tasks_project", "project", "started_us"),
    sqlite_autoincrement=True,
)
