"""The tables of the state database, and the way from each version of them to the next, forward and back.

Each component has a line of versions of its own, so that two of them never wait for each other. To add tables, write
one file, `versions/<component>_0001_<what>.py`:

    from alembic import op
    from sqlalchemy import Column, String

    revision = "projects_0001"
    down_revision = None            # the component's version before this one; None for its first
    branch_labels = ("projects",)   # in its first file only
    depends_on = None               # a version of another component whose tables are referred to

    def upgrade() -> None:
        op.create_table("projects", Column("name", String(128), primary_key=True))

    def downgrade() -> None:
        op.drop_table("projects")

and add the component's `MetaData` to the list in `tests/unit/database/test_migrations.py`, which checks that the files
and the code say the same. A released file is never edited: changes are a new file behind it. Use types that every
engine has (`BigInteger` for UNIX times, `JSON`, `LargeBinary`), and name what is not a table: `Index("ix_...")`.
"""
