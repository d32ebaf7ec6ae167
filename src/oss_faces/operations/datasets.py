"""What can be done with datasets of IMM."""

from dataclasses import dataclass

from oss_faces.audit import Act, Audit, Event
from oss_faces.datasets import Dataset
from oss_faces.grants import Permission
from oss_faces.operations import permission
from oss_faces.operations.bindings import Bindings
from oss_faces.operations.holdings import Holdings
from oss_faces.operations.indexing import withdraw_dataset
from oss_faces.request import imm_datasets as requests
from oss_faces.tasks import Tasks
from oss_faces.values import Principal


@dataclass(frozen=True, slots=True)
class DatasetKeeper:
    """The dataset operations. A dataset is of no bucket, so what is done with one needs a grant on every bucket."""

    holdings: Holdings
    bindings: Bindings
    audit: Audit
    tasks: Tasks

    async def create(self, principal: Principal, want: requests.ChangeDataset) -> Dataset:
        """Make a dataset (CreateDataset)."""
        permission.require(principal, Permission.CREATE_DATASET)
        project = want.ref.project
        async with self.holdings.changing:
            limits = await self.bindings.project_limits(project)
            await self.holdings.require_room(project, limits.project_max_dataset_count)
            return await self.holdings.database.create_dataset(want.ref, want.created(limits))

    async def get(self, principal: Principal, want: requests.NamedDataset) -> Dataset:
        """Describe a dataset (GetDataset)."""
        permission.require(principal, Permission.GET_DATASET)
        return await self.holdings.database.get_dataset(want.ref)

    async def list(self, principal: Principal, want: requests.ListDatasets) -> tuple[tuple[Dataset, ...], str]:
        """Give one page of a project's datasets, and where it ended when there are more (ListDatasets)."""
        permission.require(principal, Permission.LIST_DATASETS)
        await self.bindings.require_project(want.project)
        return await self.holdings.database.list_datasets(want.project, want.prefix, want.after, want.limit)

    async def update(self, principal: Principal, want: requests.ChangeDataset) -> Dataset:
        """Change what is said about a dataset (UpdateDataset)."""
        permission.require(principal, Permission.UPDATE_DATASET)
        return await self.holdings.database.update_dataset(want.ref, want.applied)

    async def delete(self, principal: Principal, want: requests.NamedDataset) -> None:
        """Erase a dataset with everything in it (DeleteDataset)."""
        permission.require(principal, Permission.DELETE_DATASET)
        async with self.holdings.changing:
            dataset = await self.holdings.database.get_dataset(want.ref)
            await self._record(Act.ERASE_BEGUN, principal, dataset)
            await withdraw_dataset(self.tasks, want.ref)
            await self.holdings.database.delete_dataset(want.ref)
            await self._record(Act.ERASE, principal, dataset)

    async def _record(self, act: Act, principal: Principal, dataset: Dataset) -> None:
        actor = f"key:{principal.access_key_id}"
        await self.audit.record(Event(act, actor, dataset.ref, counts={"files": dataset.file_count}))
