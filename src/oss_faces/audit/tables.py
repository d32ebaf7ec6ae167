"""The tables of the audit log; made by the migration `audit_0001`."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, MetaData, String, Table

METADATA: Final = MetaData()

ENTRIES: Final = Table(
    "audit_entries",
    METADATA,
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

# Which entries are about an id; the digest covers `ENTRIES.subjects`, and this only finds them.
SUBJECTS: Final = Table(
    "audit_subjects",
    METADATA,
    Column("subject", String(128), primary_key=True),
    Column("number", BigInteger, ForeignKey("audit_entries.number"), primary_key=True),
)
