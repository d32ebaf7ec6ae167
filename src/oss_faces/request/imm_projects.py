"""Projects of IMM and attached buckets. Parameter names and limits are those of the IMM API reference 2020-09-30."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from oss_faces.errors import InvalidArgument
from oss_faces.protocol import is_bucket_name
from oss_faces.request.imm import PROJECT_NAME_LENGTH_MAX, project_name
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_paging import page_limit, read_after
from oss_faces.values import ProjectLimits, ProjectSpec

PAGE_MAX: Final = 200
_TAGS_MAX: Final = 20
_TAG_LENGTH_MAX: Final = 128
DESCRIPTION_LENGTH_MAX: Final = 256
_ATTACHMENT_DESCRIPTION_MAX: Final = 128
_ROLE_LENGTH_MAX: Final = 256
TEMPLATE_LENGTH_MAX: Final = 128
_BUCKET_LENGTH_MAX: Final = 63
_NUMBER_MAX: Final = 2**62


class Limit(NamedTuple):
    """A limit that a project has: its name on the wire and in `ProjectLimits`, and the largest documented value."""

    wire: str
    own: str
    high: int


LIMITS: Final = (
    Limit("DatasetMaxBindCount", "dataset_max_bind_count", 10),
    Limit("DatasetMaxEntityCount", "dataset_max_entity_count", _NUMBER_MAX),
    Limit("DatasetMaxFileCount", "dataset_max_file_count", 10_000_000_000),
    Limit("DatasetMaxRelationCount", "dataset_max_relation_count", _NUMBER_MAX),
    Limit("DatasetMaxTotalFileSize", "dataset_max_total_file_size", _NUMBER_MAX),
    Limit("ProjectMaxDatasetCount", "project_max_dataset_count", 1_000_000_000),
)


@dataclass(frozen=True, slots=True)
class CreateProject:
    """CreateProject, with everything that was left out decided."""

    name: str
    spec: ProjectSpec


@dataclass(frozen=True, slots=True)
class UpdateProject:
    """UpdateProject: what it names is replaced, the rest stays. `None` and an absent limit mean not named."""

    name: str
    description: str | None
    service_role: str | None
    template_id: str | None
    tags: Mapping[str, str] | None
    limits: Mapping[str, int]

    def applied(self, spec: ProjectSpec) -> ProjectSpec:
        """Give the project as it is after the update."""
        return ProjectSpec(
            spec.description if self.description is None else self.description,
            spec.service_role if self.service_role is None else self.service_role,
            spec.template_id if self.template_id is None else self.template_id,
            spec.tags if self.tags is None else self.tags,
            replace(spec.limits, **self.limits),
        )


@dataclass(frozen=True, slots=True)
class NamedProject:
    """GetProject and DeleteProject."""

    name: str


@dataclass(frozen=True, slots=True)
class ListProjects:
    """ListProjects; `after` is where the page before ended."""

    prefix: str
    after: str
    tags: Mapping[str, str]
    limit: int


@dataclass(frozen=True, slots=True)
class AttachBucket:
    """AttachOSSBucket."""

    bucket: str
    project: str
    description: str


@dataclass(frozen=True, slots=True)
class NamedBucket:
    """DetachOSSBucket and GetOSSBucketAttachment."""

    bucket: str


@dataclass(frozen=True, slots=True)
class ListAttachedBuckets:
    """ListAttachedOSSBuckets; `after` is where the page before ended."""

    project: str
    after: str
    limit: int


def parse_create_project(fields: Fields) -> CreateProject:
    """Read CreateProject."""
    name = project_name(fields)
    change = _change(name, fields)
    return CreateProject(name, change.applied(ProjectSpec(limits=ProjectLimits())))


def parse_update_project(fields: Fields) -> UpdateProject:
    """Read UpdateProject."""
    return _change(project_name(fields), fields)


def parse_named_project(fields: Fields) -> NamedProject:
    """Read GetProject or DeleteProject. What a project holds is always told, so `WithStatistics` changes nothing."""
    fields.flag("WithStatistics")
    return NamedProject(project_name(fields))


def parse_list_projects(fields: Fields) -> ListProjects:
    """Read ListProjects."""
    return ListProjects(
        fields.text("Prefix", PROJECT_NAME_LENGTH_MAX), read_after(fields), _tags(fields), page_limit(fields, PAGE_MAX)
    )


def parse_attach_bucket(fields: Fields) -> AttachBucket:
    """Read AttachOSSBucket."""
    description = fields.text("Description", _ATTACHMENT_DESCRIPTION_MAX)
    return AttachBucket(_bucket(fields), project_name(fields), description)


def parse_named_bucket(fields: Fields) -> NamedBucket:
    """Read DetachOSSBucket or GetOSSBucketAttachment."""
    return NamedBucket(_bucket(fields))


def parse_list_attached_buckets(fields: Fields) -> ListAttachedBuckets:
    """Read ListAttachedOSSBuckets."""
    return ListAttachedBuckets(project_name(fields), read_after(fields), page_limit(fields, PAGE_MAX))


def _change(name: str, fields: Fields) -> UpdateProject:
    return UpdateProject(
        name,
        fields.text("Description", DESCRIPTION_LENGTH_MAX) or None,
        fields.text("ServiceRole", _ROLE_LENGTH_MAX) or None,
        fields.text("TemplateId", TEMPLATE_LENGTH_MAX) or None,
        _tags(fields) if fields.has("Tag") else None,
        {own: fields.whole(wire, 1, high, 1) for wire, own, high in LIMITS if fields.has(wire)},
    )


def _tags(fields: Fields) -> dict[str, str]:
    pairs = [
        (entry.required("Key", _TAG_LENGTH_MAX), entry.text("Value", _TAG_LENGTH_MAX))
        for entry in fields.records("Tag", _TAGS_MAX)
    ]
    tags = dict(pairs)
    if len(tags) < len(pairs):
        raise InvalidArgument("The parameter Tag has a key twice.")
    return tags


def _bucket(fields: Fields) -> str:
    name = fields.required("OSSBucket", _BUCKET_LENGTH_MAX)
    if not is_bucket_name(name):
        raise InvalidArgument("The parameter OSSBucket is not the name of a bucket.")
    return name
