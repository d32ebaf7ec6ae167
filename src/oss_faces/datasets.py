"""What is kept of a dataset: files, the figures (faces) on them, and clusters of figures that show one person.

All values are frozen. Times are aware UTC. `Figure`, `FigureCluster`, `Dataset` and `File` are IMM's words.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oss_faces.values import Face, ImageSize


@dataclass(frozen=True, slots=True)
class DatasetRef:
    """Which dataset: the project's name and its own. Nothing is ever searched across datasets."""

    project: str
    name: str


@dataclass(frozen=True, slots=True)
class DatasetSpec:
    """What the owner of a dataset says about it.

    Attributes:
        template_id: workflow template; empty for that of the project.
        limits: IMM's limits by their wire names. `DatasetMaxFileCount` and `DatasetMaxTotalFileSize` (bytes) hold for
            every file that is added; one that is not there does not limit.
        retention_days: files are removed so many days after they were indexed; 0 keeps them until they are deleted.
    """

    description: str = ""
    template_id: str = ""
    limits: Mapping[str, int] = field(default_factory=dict)
    retention_days: int = 0


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset.

    Attributes:
        space: name and version of the vector space that is searched; empty before the first vector.
        file_count, size_bytes: of all files together.
    """

    ref: DatasetRef
    spec: DatasetSpec
    created: datetime
    updated: datetime
    space: str = ""
    file_count: int = 0
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class FileSpec:
    """What a caller says about a file; every field may be empty.

    Attributes:
        texts: other text fields that IMM lets a caller set (Title, Artist, ...), by their wire names.
    """

    custom_id: str = ""
    custom_labels: Mapping[str, str] = field(default_factory=dict)
    produced: datetime | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What was read off the stored object when it was indexed.

    Attributes:
        etag: without quotes; the same bytes are never analysed twice.
        orientation: EXIF value 1..8.
        models: `name@version` of every model that took part.
        user: user metadata of the object, lower-case names.
    """

    etag: str
    size_bytes: int
    content_type: str
    modified: datetime
    image: ImageSize
    orientation: int
    models: tuple[str, ...]
    crc64: int | None = None
    object_type: str = "Normal"
    acl: str = "default"
    user: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewFigure:
    """A face that is to be kept.

    Attributes:
        figure_id: the id of the wire, see `rendering.figures`; the same content gives the same id wherever it lies.
        vector: (D,) float32 of length 1.
    """

    figure_id: str
    face: Face
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Figure:
    """A face that is kept.

    Attributes:
        number: identity inside this installation, and the id of its vector; never used again.
        cluster_id: empty while it belongs to none.
        cluster_confidence: how surely it belongs there, 0..1.
        is_pinned: a person said who it is, or that it is none of the clusters; clustering never moves it.
        is_alone: it belongs to no cluster because a clustering found none for it, or a person took it out of one;
            False while nobody has looked.
    """

    number: int
    figure_id: str
    uri: str
    face: Face
    cluster_id: str = ""
    cluster_confidence: float = 0.0
    is_pinned: bool = False
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A file of a dataset.

    Attributes:
        uri: `oss://bucket/key`; of pictures that came by the command line `file:` and the path, or a digest.
        object_id: identity of the file inside this installation.
    """

    uri: str
    object_id: str
    spec: FileSpec
    facts: FileFacts
    figures: tuple[Figure, ...]
    created: datetime
    updated: datetime

    @property
    def filename(self) -> str:
        """The key of the object; of what came by the command line, what stands behind `file:`."""
        scheme, _, rest = self.uri.partition(":")
        return rest.removeprefix("//").partition("/")[2] if scheme == "oss" else rest


@dataclass(frozen=True, slots=True)
class ClusterSpec:
    """What a person says about a cluster.

    Attributes:
        cover_uri: file that stands for it; empty: the best face decides.
    """

    name: str = ""
    custom_id: str = ""
    custom_labels: Mapping[str, str] = field(default_factory=dict)
    cover_uri: str = ""


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """What follows from the figures of a cluster.

    Attributes:
        gender: of the majority; empty when no figure tells.
        ages: lowest, average and highest age in years; `None` when no figure tells.
        cover: the figure that shows the person best.
    """

    face_count: int
    image_count: int
    gender: str
    ages: tuple[float, float, float] | None
    cover: Figure


@dataclass(frozen=True, slots=True)
class FigureCluster:
    """Figures of one dataset that show one person.

    Attributes:
        lock_version: starts at 0, one more with each change of `spec`.
    """

    cluster_id: str
    ref: DatasetRef
    spec: ClusterSpec
    facts: ClusterFacts
    lock_version: int
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A kept figure that looks like a probe. `distance` is that of two vectors of length 1: 0 to 2."""

    figure: Figure
    distance: float


@dataclass(frozen=True, slots=True)
class Totals:
    """What all datasets of a project hold together."""

    datasets: int = 0
    files: int = 0
    size_bytes: int = 0


# --- questions ---------------------------------------------------------------------------------------------------

CLUSTER_UNAVAILABLE: Final = "figure-cluster-id-unavailable"
"""What stands for the cluster of a figure that no clustering has looked at, in answers and in questions."""

CLUSTER_INDEPENDENT: Final = "figure-cluster-id-independent"
"""What stands for the cluster of a figure that is alone (`Figure.is_alone`)."""


class FieldKind(enum.Enum):
    """What the values of a field are. Texts are compared by code point, labels without regard to case."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"


# Fields that can be asked for, by IMM's names. Those of a file serve as sort fields too.
FILE_FIELDS: Final = MappingProxyType(
    {
        "URI": FieldKind.TEXT,
        "Filename": FieldKind.TEXT,
        "ObjectId": FieldKind.TEXT,
        "CustomId": FieldKind.TEXT,
        "MediaType": FieldKind.TEXT,
        "ContentType": FieldKind.TEXT,
        "Size": FieldKind.NUMBER,
        "ETag": FieldKind.TEXT,
        "OSSCRC64": FieldKind.TEXT,
        "OSSObjectType": FieldKind.TEXT,
        "ObjectACL": FieldKind.TEXT,
        "FileModifiedTime": FieldKind.TIME,
        "ProduceTime": FieldKind.TIME,
        "CreateTime": FieldKind.TIME,
        "UpdateTime": FieldKind.TIME,
        "ImageWidth": FieldKind.NUMBER,
        "ImageHeight": FieldKind.NUMBER,
        "Orientation": FieldKind.NUMBER,
        "FigureCount": FieldKind.NUMBER,
    }
)
# Behind `Figures.`
FIGURE_FIELDS: Final = MappingProxyType(
    {
        "FigureId": FieldKind.TEXT,
        "FigureType": FieldKind.TEXT,
        "FigureConfidence": FieldKind.NUMBER,
        "FigureClusterId": FieldKind.TEXT,
        "FigureClusterConfidence": FieldKind.NUMBER,
        "Age": FieldKind.NUMBER,
        "AgeSD": FieldKind.NUMBER,
        "Gender": FieldKind.TEXT,
        "GenderConfidence": FieldKind.NUMBER,
        "Emotion": FieldKind.TEXT,
        "EmotionConfidence": FieldKind.NUMBER,
        "Mouth": FieldKind.TEXT,
        "MouthConfidence": FieldKind.NUMBER,
        "Beard": FieldKind.TEXT,
        "BeardConfidence": FieldKind.NUMBER,
        "Mask": FieldKind.TEXT,
        "MaskConfidence": FieldKind.NUMBER,
        "Hat": FieldKind.TEXT,
        "HatConfidence": FieldKind.NUMBER,
        "Glasses": FieldKind.TEXT,
        "GlassesConfidence": FieldKind.NUMBER,
        "HeadPose.Pitch": FieldKind.NUMBER,
        "HeadPose.Yaw": FieldKind.NUMBER,
        "HeadPose.Roll": FieldKind.NUMBER,
        "Attractive": FieldKind.NUMBER,
        "Sharpness": FieldKind.NUMBER,
        "FaceQuality": FieldKind.NUMBER,
        "Boundary.Left": FieldKind.NUMBER,
        "Boundary.Top": FieldKind.NUMBER,
        "Boundary.Width": FieldKind.NUMBER,
        "Boundary.Height": FieldKind.NUMBER,
    }
)
FIGURES: Final = "Figures"
# Maps of text to text. Behind the name and a dot stands a key, which is found whatever its case; so is a value of
# `CustomLabels`.
LABEL_FIELDS: Final = ("CustomLabels", "OSSUserMeta")
# What a caller may say in `FileSpec.texts`.
TEXT_FIELDS: Final = ("Title", "Artist", "Album", "AlbumArtist", "Composer", "Performer", "LatLong")


class Comparing(enum.StrEnum):
    """How a field is compared; IMM's words."""

    EQ = "eq"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    PREFIX = "prefix"
    EXIST = "exist"
    NESTED = "nested"


class Joining(enum.StrEnum):
    """How conditions are joined; IMM's words."""

    AND = "and"
    OR = "or"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Condition:
    """One field compared with one value.

    Attributes:
        field: one of FILE_FIELDS or TEXT_FIELDS; `Figures.` and one of FIGURE_FIELDS; one of LABEL_FIELDS, a dot and
            a key. Of a figure's field it is enough that one figure fulfils it.
        comparing: none but EXIST holds where the field has no value.
        value: of the field's own kind: text, number, or for times aware UTC. Whether the field can be asked for, and
            with what kind of value, was checked when the request was read.
    """

    field: str
    comparing: Comparing
    value: str | float | datetime = ""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions joined; of `NOT`, none may hold.

    Attributes:
        parts: at least one.
        nested: `Figures`, when one and the same figure has to fulfil the whole; all its fields begin with `Figures.`.
    """

    joining: Joining
    parts: tuple["Condition | Conditions", ...]
    nested: str = ""


@dataclass(frozen=True, slots=True)
class FileQuery:
    """Files of a dataset that fulfil conditions, sorted.

    Attributes:
        sort: FILE_FIELDS and whether each descends; files without the field come last, ties by object id.
        after: `FilePage.next_after` of the page before.
        limit: most files of the page, and most groups of an aggregation.
        aggregations: when there are any, the page has no files.
        wants_total: whether all hits are counted.
    """

    where: Condition | Conditions | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    after: str = ""
    limit: int = 100
    aggregations: tuple["Aggregation", ...] = ()
    wants_total: bool = True


@dataclass(frozen=True, slots=True)
class Aggregation:
    """A number over all hits.

    Attributes:
        field: one of FILE_FIELDS, or `Figures.` and one of FIGURE_FIELDS: then of all figures of the hits.
        operation: IMM's `count` of those that have the field, `distinct` of its values, `sum`, `min`, `max` and
            `average` of numbers, or `group`: how many have each value, the most frequent first.
    """

    field: str
    operation: str


@dataclass(frozen=True, slots=True)
class Aggregated:
    """What an aggregation gave: a number, or numbers of hits by value. No value: no hit has the field."""

    what: Aggregation
    value: float | None = None
    groups: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class FilePage:
    """Files of a page; `next_after` says where the next begins, or is empty. `total` is None when nobody asked."""

    files: tuple[IndexedFile, ...]
    next_after: str = ""
    total: int | None = None
    aggregated: tuple[Aggregated, ...] = ()


@dataclass(frozen=True, slots=True)
class ClusterQuery:
    """Clusters of a dataset.

    Attributes:
        sort: `face_count`, `image_count`, `name`, `created`, `updated` or `lock_version`; ties by cluster id.
        names: only these, exactly; empty for all.
        labels: only clusters that have all of these.
        created, updated: only from the first to before the second time; None for no bound.
    """

    sort: str = "created"
    descending: bool = False
    names: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    created: tuple[datetime | None, datetime | None] = (None, None)
    updated: tuple[datetime | None, datetime | None] = (None, None)
    after: str = ""
    limit: int = 100
    wants_total: bool = False


@dataclass(frozen=True, slots=True)
class ClusterPage:
    """Clusters of a page; as `FilePage`."""

    clusters: tuple[FigureCluster, ...]
    next_after: str = ""
    total: int | None = None
