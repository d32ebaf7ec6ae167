"""What a caller may do: permissions under their documented names, and grants of them on buckets and prefixes.

Written as one line of text, a grant is `PERMISSION,...:BUCKET[/PREFIX]`, for instance
`oss:GetObject,oss:ListObjects:photos/2024/`, `oss:*:photos` or `*:*`.
"""

import enum
import re
from dataclasses import dataclass
from typing import Final, Self

from oss_faces.errors import ConfigurationError

ANY: Final = "*"

PREFIX_BYTES_MAX: Final = 1023
"""No key is longer."""

_TEXT: Final = re.compile(r"(?P<permissions>[^/]*):(?P<bucket>[^:/]+)(?:/(?P<prefix>.*))?", re.DOTALL)
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", re.ASCII)


class Permission(enum.StrEnum):
    """What a grant can allow. The value is the name that RAM policies of Alibaba Cloud have for it.

    Source: OSS "RAM policies", the table of operations and actions; IMM "RAM authorization". Where OSS has one name
    for several operations, so have we: HeadObject and GetObjectMeta need `oss:GetObject`; the steps of a multipart
    upload and AppendObject need `oss:PutObject`; DeleteMultipleObjects needs `oss:DeleteObject`.

    Ours are those from `imm:ListClusterFigures` on. Those of `faces` tell of other keys: `oss:*` does not cover them.
    """

    LIST_BUCKETS = "oss:ListBuckets"
    PUT_BUCKET = "oss:PutBucket"
    DELETE_BUCKET = "oss:DeleteBucket"
    GET_BUCKET_INFO = "oss:GetBucketInfo"
    GET_BUCKET_STAT = "oss:GetBucketStat"
    GET_BUCKET_LOCATION = "oss:GetBucketLocation"
    GET_BUCKET_ACL = "oss:GetBucketAcl"
    PUT_BUCKET_ACL = "oss:PutBucketAcl"
    LIST_OBJECTS = "oss:ListObjects"
    LIST_MULTIPART_UPLOADS = "oss:ListMultipartUploads"
    GET_OBJECT = "oss:GetObject"
    PUT_OBJECT = "oss:PutObject"
    DELETE_OBJECT = "oss:DeleteObject"
    GET_OBJECT_ACL = "oss:GetObjectAcl"
    PUT_OBJECT_ACL = "oss:PutObjectAcl"
    ABORT_MULTIPART_UPLOAD = "oss:AbortMultipartUpload"
    LIST_PARTS = "oss:ListParts"
    PROCESS_IMM = "oss:ProcessImm"
    POST_PROCESS_TASK = "oss:PostProcessTask"
    DETECT_IMAGE_FACES = "imm:DetectImageFaces"
    COMPARE_IMAGE_FACES = "imm:CompareImageFaces"
    CREATE_PROJECT = "imm:CreateProject"
    GET_PROJECT = "imm:GetProject"
    LIST_PROJECTS = "imm:ListProjects"
    UPDATE_PROJECT = "imm:UpdateProject"
    DELETE_PROJECT = "imm:DeleteProject"
    ATTACH_OSS_BUCKET = "imm:AttachOSSBucket"
    DETACH_OSS_BUCKET = "imm:DetachOSSBucket"
    GET_OSS_BUCKET_ATTACHMENT = "imm:GetOSSBucketAttachment"
    LIST_ATTACHED_OSS_BUCKETS = "imm:ListAttachedOSSBuckets"
    GET_TASK = "imm:GetTask"
    LIST_TASKS = "imm:ListTasks"
    SEARCH_IMAGE_FIGURE_CLUSTER = "imm:SearchImageFigureCluster"
    CREATE_FACES_SEARCHING_TASK = "imm:CreateFacesSearchingTask"
    CREATE_FIGURE_CLUSTERING_TASK = "imm:CreateFigureClusteringTask"
    CREATE_FIGURE_CLUSTERS_MERGING_TASK = "imm:CreateFigureClustersMergingTask"
    QUERY_FIGURE_CLUSTERS = "imm:QueryFigureClusters"
    GET_FIGURE_CLUSTER = "imm:GetFigureCluster"
    BATCH_GET_FIGURE_CLUSTER = "imm:BatchGetFigureCluster"
    UPDATE_FIGURE_CLUSTER = "imm:UpdateFigureCluster"
    CREATE_DATASET = "imm:CreateDataset"
    GET_DATASET = "imm:GetDataset"
    LIST_DATASETS = "imm:ListDatasets"
    UPDATE_DATASET = "imm:UpdateDataset"
    DELETE_DATASET = "imm:DeleteDataset"
    INDEX_FILE_META = "imm:IndexFileMeta"
    BATCH_INDEX_FILE_META = "imm:BatchIndexFileMeta"
    GET_FILE_META = "imm:GetFileMeta"
    BATCH_GET_FILE_META = "imm:BatchGetFileMeta"
    UPDATE_FILE_META = "imm:UpdateFileMeta"
    BATCH_UPDATE_FILE_META = "imm:BatchUpdateFileMeta"
    DELETE_FILE_META = "imm:DeleteFileMeta"
    BATCH_DELETE_FILE_META = "imm:BatchDeleteFileMeta"
    SIMPLE_QUERY = "imm:SimpleQuery"
    LIST_CLUSTER_FIGURES = "imm:ListClusterFigures"
    SPLIT_FIGURE_CLUSTER = "imm:SplitFigureCluster"
    UNDO_FIGURE_CLUSTERS_MERGING = "imm:UndoFigureClustersMerging"
    IDENTIFY_FIGURES = "imm:IdentifyFigures"
    FORGET_FIGURE_CLUSTER = "imm:ForgetFigureCluster"
    LIST_ERASURES = "imm:ListErasures"
    COUNT_TASKS = "imm:CountTasks"
    GET_USAGE = "faces:GetUsage"
    GET_SYSTEM = "faces:GetSystem"

    @property
    def of_its_service(self) -> str:
        """The pattern that covers every permission of the same service: `oss:*`, `imm:*` or `faces:*`."""
        return f"{self.partition(':')[0]}:{ANY}"


PATTERNS: Final = frozenset({ANY, *Permission, *(permission.of_its_service for permission in Permission)})
"""What may stand for a permission in a grant."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Permissions on everything under a bucket and prefix.

    Attributes:
        permissions: of `PATTERNS`.
        bucket: its name; `ANY` for every bucket, and for what is about no bucket.
        prefix: what keys begin with, literally; empty for the whole bucket, and for what is about the bucket itself.
    """

    permissions: tuple[str, ...]
    bucket: str = ANY
    prefix: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the one-line form.

        Raises:
            ConfigurationError: not of that form, or it could never cover anything; says which part.
        """
        match = _TEXT.fullmatch(text)
        if match is None:
            raise ConfigurationError(f"a grant is written PERMISSION,...:BUCKET[/PREFIX], not {text!r}")
        permissions = tuple(name.strip() for name in match["permissions"].split(","))
        for name in permissions:
            if name not in PATTERNS:
                known = ", ".join([ANY, *sorted(PATTERNS - {ANY})])
                raise ConfigurationError(f"no such permission: {name!r} in {text!r}; known: {known}")
        bucket, prefix = match["bucket"], match["prefix"] or ""
        if bucket != ANY and not _BUCKET.fullmatch(bucket):
            raise ConfigurationError(f"no bucket can have this name: {bucket!r} in {text!r}")
        if prefix.endswith(ANY):
            raise ConfigurationError(f"a prefix is taken literally; leave out the '*' at the end of {text!r}")
        if not prefix.isprintable():
            raise ConfigurationError(f"a prefix must be printable text: {text!r}")
        if len(prefix.encode()) > PREFIX_BYTES_MAX:
            raise ConfigurationError(f"a prefix has at most {PREFIX_BYTES_MAX} bytes")
        return cls(permissions, bucket, prefix)

    def __str__(self) -> str:
        place = f"{self.bucket}/{self.prefix}" if self.prefix else self.bucket
        return f"{','.join(self.permissions)}:{place}"

    def covers(self, permission: Permission, bucket: str = "", key: str = "") -> bool:
        """Tell whether this allows the operation on this object, on the bucket (no key), or at all (no bucket)."""
        if self.bucket not in (ANY, bucket) or not key.startswith(self.prefix):
            return False
        return any(name in self.permissions for name in (permission, permission.of_its_service, ANY))


@dataclass(frozen=True, slots=True)
class Rights:
    """What a caller may do: what any of the grants covers, and, where there is a limit, the limit covers as well.

    Attributes:
        within: rights that are never exceeded: those of the key that temporary credentials were made with.
    """

    grants: tuple[Grant, ...] = ()
    within: "Rights | None" = None

    def cover(self, permission: Permission, bucket: str = "", key: str = "") -> bool:
        """Tell whether the operation is allowed; arguments as in `Grant.covers`."""
        if not any(grant.covers(permission, bucket, key) for grant in self.grants):
            return False
        return self.within is None or self.within.cover(permission, bucket, key)


NOTHING: Final = Rights()
EVERYTHING: Final = Rights((Grant((ANY,)),))
"""The rights of the root key."""
