"""The tables of projects; made by the migration `projects_0001`."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, MetaData, String, Table

from oss_faces.database import code_point_text

METADATA: Final = MetaData()

PROJECTS: Final = Table(
    "imm_projects",
    METADATA,
    Column("name", code_point_text(128), primary_key=True),
    Column("description", String(256), nullable=False),
    Column("service_role", String(256), nullable=False),
    Column("template_id", String(128), nullable=False),
    Column("tags", JSON, nullable=False),
    Column("limits", JSON, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
)

ATTACHMENTS: Final = Table(
    "imm_attachments",
    METADATA,
    Column("bucket", code_point_text(63), primary_key=True),
    Column("project", code_point_text(128), ForeignKey("imm_projects.name"), nullable=False),
    Column("description", String(256), nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
    Index("ix_imm_attachments_project", "project"),
)
