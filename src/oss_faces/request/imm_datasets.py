"""Datasets of IMM. Parameter names and limits are those of the IMM API reference 2020-09-30."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from oss_faces.datasets import DatasetRef, DatasetSpec
from oss_faces.request.imm import PROJECT_NAME_LENGTH_MAX, dataset_ref, project_name
from oss_faces.request.imm_fields import Fields
from oss_faces.request.imm_paging import page_limit, read_after
from oss_faces.request.imm_projects import DESCRIPTION_LENGTH_MAX, LIMITS, PAGE_MAX, TEMPLATE_LENGTH_MAX
from oss_faces.values import ProjectLimits

# A project may allow more files than any one dataset can have.
_FILES_MAX: Final = 100_000_000
_OF_A_DATASET: Final = tuple(limit for limit in LIMITS if limit.wire.startswith("Dataset"))


@dataclass(frozen=True, slots=True)
class ChangeDataset:
    """CreateDataset and UpdateDataset. `None` and an absent limit mean not named."""

    ref: DatasetRef
    description: str | None
    template_id: str | None
    limits: Mapping[str, int]

    def created(self, project: ProjectLimits) -> DatasetSpec:
        """Give the new dataset; a limit that was not named is the one that its project has now."""
        of_project = asdict(project)
        limits = {limit.wire: min(of_project[limit.own], _highest(limit.wire, limit.high)) for limit in _OF_A_DATASET}
        return self.applied(DatasetSpec(limits=limits))

    def applied(self, spec: DatasetSpec) -> DatasetSpec:
        """Give the dataset as it is after the update: what was named is replaced, the rest stays."""
        return DatasetSpec(
            spec.description if self.description is None else self.description,
            spec.template_id if self.template_id is None else self.template_id,
            {**spec.limits, **self.limits},
            spec.retention_days,
        )


@dataclass(frozen=True, slots=True)
class NamedDataset:
    """GetDataset and DeleteDataset."""

    ref: DatasetRef


@dataclass(frozen=True, slots=True)
class ListDatasets:
    """ListDatasets; `after` is where the page before ended."""

    project: str
    prefix: str
    after: str
    limit: int

    @property
    def question(self) -> tuple[str, ...]:
        """What the token of the next page belongs to."""
        return self.project, self.prefix


def parse_change_dataset(fields: Fields) -> ChangeDataset:
    """Read CreateDataset or UpdateDataset. `WorkflowParameters` is documented as having no effect, and is not read."""
    return ChangeDataset(
        dataset_ref(fields),
        fields.text("Description", DESCRIPTION_LENGTH_MAX) or None,
        fields.text("TemplateId", TEMPLATE_LENGTH_MAX) or None,
        {
            limit.wire: fields.whole(limit.wire, 1, _highest(limit.wire, limit.high), 1)
            for limit in _OF_A_DATASET
            if fields.has(limit.wire)
        },
    )


def parse_named_dataset(fields: Fields) -> NamedDataset:
    """Read GetDataset or DeleteDataset. What a dataset holds is always told, so `WithStatistics` changes nothing."""
    fields.flag("WithStatistics")
    return NamedDataset(dataset_ref(fields))


def parse_list_datasets(fields: Fields) -> ListDatasets:
    """Read ListDatasets."""
    project, prefix = project_name(fields), fields.text("Prefix", PROJECT_NAME_LENGTH_MAX)
    return ListDatasets(project, prefix, read_after(fields, project, prefix), page_limit(fields, PAGE_MAX))


def _highest(wire: str, of_project: int) -> int:
    return _FILES_MAX if wire == "DatasetMaxFileCount" else of_project
