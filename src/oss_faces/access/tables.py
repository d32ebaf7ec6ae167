"""The table of keys as statements see it; `database/migrations/versions/access_*` makes it."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, LargeBinary, MetaData, String, Table

from oss_faces.database import code_point_text

METADATA: Final = MetaData()

ACCESS_KEYS: Final = Table(
    "access_keys",
    METADATA,
    Column("access_key_id", code_point_text(128), primary_key=True),
    # In the clear: a signature can only be checked with the secret itself. The file refuses others.
    Column("secret", String(128), nullable=False),
    Column("name", String(64), nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("created_s", BigInteger, nullable=False),  # UNIX time
    Column("grants", JSON, nullable=False),
    # The rest is for temporary credentials.
    Column(
        "parent_id", code_point_text(128), ForeignKey("access_keys.access_key_id", ondelete="CASCADE"), nullable=True
    ),
    Column("token", String(128), nullable=True),
    Column("expires_s", BigInteger, nullable=True),  # UNIX time
    Index("ix_access_keys_parent_id", "parent_id"),
    Index("ix_access_keys_expires_s", "expires_s"),
)

# Which requests were answered, by a digest of key and nonce, for as long as one could come again.
NONCES: Final = Table(
    "access_nonces",
    METADATA,
    Column("digest", LargeBinary(16), primary_key=True),
    Column("until_s", BigInteger, nullable=False),  # UNIX time
    Index("ix_access_nonces_until_s", "until_s"),
    sqlite_with_rowid=False,
)
