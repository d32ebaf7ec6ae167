"""The tables of the face database; made by the migration `facedb_0001`.

Numbers of figures are the ids of their vectors, so that none is ever used twice: `sqlite_autoincrement`.
Times are microseconds since 1970, vectors little-endian float32. Texts are compared by code point on every engine.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from oss_faces.database import code_point_text

METADATA: Final = MetaData()

_NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")

DATASETS: Final = Table(
    "face_datasets",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("project", code_point_text(128), nullable=False),
    Column("name", code_point_text(128), nullable=False),
    Column("description", String(256), nullable=False),
    Column("template_id", String(128), nullable=False),
    Column("limits", JSON, nullable=False),
    Column("retention_days", Integer, nullable=False),
    Column("space", String(256), nullable=False),
    Column("file_count", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    # The newest change of its vectors; its row is locked by who makes one, so that they become visible in this order.
    Column("change", BigInteger, nullable=False),
    # Up to which change removed numbers are forgotten: an index that has not got so far is made anew.
    Column("forgotten", BigInteger, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
    UniqueConstraint("project", "name", name="uq_face_datasets_project_name"),
    sqlite_autoincrement=True,
)

SPACES: Final = Table(
    "face_spaces",
    METADATA,
    Column("dataset", _NUMBER, ForeignKey("face_datasets.number", ondelete="CASCADE"), primary_key=True),
    Column("space", String(256), primary_key=True),
    Column("dimensions", Integer, nullable=False),
    Column("index_id", String(64), nullable=False),
)

FILES: Final = Table(
    "face_files",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("dataset", _NUMBER, ForeignKey("face_datasets.number", ondelete="CASCADE"), nullable=False),
    Column("uri", code_point_text(2048), nullable=False),
    Column("filename", code_point_text(1024), nullable=True),
    Column("object_id", code_point_text(64), nullable=False),
    Column("custom_id", code_point_text(1024), nullable=True),
    Column("media_type", code_point_text(256), nullable=True),
    Column("content_type", code_point_text(256), nullable=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("etag", code_point_text(256), nullable=True),
    Column("crc64", code_point_text(20), nullable=True),
    Column("object_type", code_point_text(64), nullable=True),
    Column("acl", code_point_text(64), nullable=True),
    Column("modified_us", BigInteger, nullable=False),
    Column("produced_us", BigInteger, nullable=True),
    Column("image_width", Integer, nullable=False),
    Column("image_height", Integer, nullable=False),
    Column("orientation", Integer, nullable=False),
    Column("figure_count", Integer, nullable=False),
    Column("models", JSON, nullable=False),
    Column("custom_labels", JSON, nullable=False),
    Column("texts", JSON, nullable=False),
    Column("user_meta", JSON, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
    UniqueConstraint("dataset", "uri", name="uq_face_files_dataset_uri"),
    Index("ix_face_files_dataset_created_us", "dataset", "created_us"),
    sqlite_autoincrement=True,
)

# What can be asked for by name and key, as it is compared; the texts themselves are with the file.
LABELS: Final = Table(
    "face_labels",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("dataset", _NUMBER, ForeignKey("face_datasets.number", ondelete="CASCADE"), nullable=False),
    Column("file", _NUMBER, ForeignKey("face_files.number", ondelete="CASCADE"), nullable=False),
    Column("field", String(64), nullable=False),
    Column("key", code_point_text(1024), nullable=False),
    Column("value", code_point_text(4096), nullable=False),
    Index("ix_face_labels_file", "file"),
    Index("ix_face_labels_dataset_field_key", "dataset", "field", "key"),
)

FIGURES: Final = Table(
    "face_figures",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("dataset", _NUMBER, ForeignKey("face_datasets.number", ondelete="CASCADE"), nullable=False),
    Column("file", _NUMBER, ForeignKey("face_files.number", ondelete="CASCADE"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("figure_id", code_point_text(64), nullable=False),
    # Id of the cluster, or the word that stands for none.
    Column("cluster", code_point_text(64), nullable=False),
    Column("cluster_confidence", Double, nullable=True),
    Column("is_pinned", Boolean, nullable=False),
    Column("score", Double, nullable=False),
    Column("box_left", Double, nullable=False),
    Column("box_top", Double, nullable=False),
    Column("box_right", Double, nullable=False),
    Column("box_bottom", Double, nullable=False),
    Column("landmarks", LargeBinary, nullable=False),
    Column("age", Integer, nullable=True),
    Column("age_years", Double, nullable=True),
    Column("age_sd", Double, nullable=True),
    Column("gender", code_point_text(32), nullable=True),
    Column("gender_confidence", Double, nullable=True),
    Column("emotion", code_point_text(32), nullable=True),
    Column("emotion_confidence", Double, nullable=True),
    Column("emotion_scores", JSON(none_as_null=True), nullable=True),
    Column("mouth", code_point_text(32), nullable=True),
    Column("mouth_confidence", Double, nullable=True),
    Column("beard", code_point_text(32), nullable=True),
    Column("beard_confidence", Double, nullable=True),
    Column("mask", code_point_text(32), nullable=True),
    Column("mask_confidence", Double, nullable=True),
    Column("hat", code_point_text(32), nullable=True),
    Column("hat_confidence", Double, nullable=True),
    Column("glasses", code_point_text(32), nullable=True),
    Column("glasses_confidence", Double, nullable=True),
    Column("pose_pitch", Double, nullable=True),
    Column("pose_yaw", Double, nullable=True),
    Column("pose_roll", Double, nullable=True),
    Column("attractive", Double, nullable=True),
    Column("sharpness", Double, nullable=True),
    Column("quality", Double, nullable=True),
    Index("ix_face_figures_file", "file"),
    Index("ix_face_figures_dataset_cluster", "dataset", "cluster"),
    sqlite_autoincrement=True,
)

VECTORS: Final = Table(
    "face_vectors",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("dataset", _NUMBER, ForeignKey("face_datasets.number", ondelete="CASCADE"), nullable=False),
    Column("space", String(256), nullable=False),
    Column("figure", _NUMBER, ForeignKey("face_figures.number", ondelete="CASCADE"), nullable=False),
    Column("change", BigInteger, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    UniqueConstraint("figure", "space", name="uq_face_vectors_figure_space"),
    Index("ix_face_vectors_dataset_space_change", "dataset", "space", "change"),
)

# Figures that are gone, by the change that removed them: what an index that follows later has to leave out.
REMOVALS: Final = Table(
    "face_removals",
    METADATA,
    Column("figure", BigInteger, primary_key=True, autoincrement=False),
    Column("dataset", _NUMBER, ForeignKey("face_datasets.number", ondelete="CASCADE"), nullable=False),
    Column("change", BigInteger, nullable=False),
    Index("ix_face_removals_dataset_change", "dataset", "change"),
)

CLUSTERS: Final = Table(
    "face_clusters",
    METADATA,
    Column("cluster_id", code_point_text(64), primary_key=True),
    Column("dataset", _NUMBER, ForeignKey("face_datasets.number", ondelete="CASCADE"), nullable=False),
    Column("name", code_point_text(1024), nullable=False),
    Column("custom_id", String(1024), nullable=False),
    Column("custom_labels", JSON, nullable=False),
    Column("cover_uri", String(2048), nullable=False),
    Column("lock_version", Integer, nullable=False),
    # What follows from the figures, brought up to date with every change of them.
    Column("face_count", Integer, nullable=False),
    Column("image_count", Integer, nullable=False),
    Column("gender", String(32), nullable=False),
    Column("age_min", Double, nullable=True),
    Column("age_mean", Double, nullable=True),
    Column("age_max", Double, nullable=True),
    Column("cover", BigInteger, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
    Index("ix_face_clusters_dataset_name", "dataset", "name"),
)

CLUSTER_LABELS: Final = Table(
    "face_cluster_labels",
    METADATA,
    Column(
        "cluster_id", code_point_text(64), ForeignKey("face_clusters.cluster_id", ondelete="CASCADE"), primary_key=True
    ),
    Column("key", code_point_text(1024), primary_key=True),
    Column("value", code_point_text(4096), nullable=False),
)

MERGES: Final = Table(
    "face_merges",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("merge_id", String(64), nullable=False, unique=True),
    Column("dataset", _NUMBER, ForeignKey("face_datasets.number", ondelete="CASCADE"), nullable=False),
    Column("into_id", String(64), nullable=False),
    Column("from_ids", JSON, nullable=False),
    Column("merged_us", BigInteger, nullable=False),
    Column("is_undone", Boolean, nullable=False),
    Index("ix_face_merges_dataset", "dataset"),
    sqlite_autoincrement=True,
)

# What it takes to bring back a cluster that a merge took in; gone when the merge is undone.
MERGED_CLUSTERS: Final = Table(
    "face_merged_clusters",
    METADATA,
    Column("merge", _NUMBER, ForeignKey("face_merges.number", ondelete="CASCADE"), primary_key=True),
    Column("cluster_id", String(64), primary_key=True),
    Column("name", String(1024), nullable=False),
    Column("custom_id", String(1024), nullable=False),
    Column("custom_labels", JSON, nullable=False),
    Column("cover_uri", String(2048), nullable=False),
    Column("lock_version", Integer, nullable=False),
    Column("created_us", BigInteger, nullable=False),
)

MERGED_FIGURES: Final = Table(
    "face_merged_figures",
    METADATA,
    Column("merge", _NUMBER, ForeignKey("face_merges.number", ondelete="CASCADE"), primary_key=True),
    Column("figure", _NUMBER, ForeignKey("face_figures.number", ondelete="CASCADE"), primary_key=True),
    Column("cluster_id", String(64), nullable=False),
    Column("confidence", Double, nullable=False),
    Index("ix_face_merged_figures_figure", "figure"),
)

# Erasing that is under way: indexes whose files still have to be compacted, or to go (`is_gone`). A row without an
# index stands for the database's own files.
ERASURES: Final = Table(
    "face_erasures",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("index_id", String(64), nullable=False),
    Column("is_gone", Boolean, nullable=False),
    sqlite_autoincrement=True,
)
